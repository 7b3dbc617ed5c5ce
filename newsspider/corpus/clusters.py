"""Near-duplicates across articles: follow-ups that carry on an earlier text, and texts that several pages have.

Of each article's paragraphs, the runs of WORDS words are sketched by MinHash (rensa: sixty times as fast as datasketch,
and no dependencies); articles that LSH brings together are alike where their sketches agree in ALIKE of all runs that
either has. Alike articles are one cluster, and so are those that a third is alike to: a follow-up of a follow-up.
Nothing is removed for it. `benchmarks/cluster.py` prints precision and recall.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from itertools import islice
from typing import Any

from newsspider.items import Article, Clustered

WORDS = 3
ALIKE = 0.22
"""Follow-ups that take over half of the text have 0.3, articles on one event that share a quote or two 0.1."""
SKETCH, BANDS = 384, 128
"""Bands of three: of pairs at 0.3, LSH brings 97 % together, at 0.1 one in eight, at 0.01 one in 8,000."""
SAME = 0.9
"""Such an article stands for the next one: thousands of copies are as fast as thousands of others."""
SEED = 6

_WORD = re.compile(r"\w+")


class Clusters:
    """Of a corpus that is read once before. About 11 KB an article."""

    def __init__(self, articles: Iterable[Article]) -> None:
        """Imports rensa."""
        self._firsts: list[tuple[str, str]] = []
        self._parents: list[int] = []
        self._join(articles)
        self._named = self._names()

    def of(self, article: Article) -> str:
        """See `Clustered`."""
        return self._named.get(article.url, article.url)

    def clustered(self, articles: Iterable[Article]) -> Iterator[Clustered]:
        """With the column."""
        for article in articles:
            yield Clustered(**{name: getattr(article, name) for name in _FIELDS}, cluster=self.of(article))

    def _join(self, articles: Iterable[Article]) -> None:
        from rensa import RMinHash, RMinHashLSH

        index, sketches = RMinHashLSH(ALIKE, SKETCH, BANDS), dict[int, Any]()
        for number, article in enumerate(articles):
            self._firsts.append((article.published or "9999", article.url))
            self._parents.append(number)
            sketch = RMinHash(SKETCH, SEED)
            sketch.update(runs(article.paragraphs))
            alike = {each: sketches[each].jaccard(sketch) for each in index.query(sketch)}
            for each, likeness in alike.items():
                if likeness >= ALIKE:
                    self._unite(each, number)
            if max(alike.values(), default=0) < SAME:
                index.insert(number, sketch)
                sketches[number] = sketch

    def _unite(self, one: int, other: int) -> None:
        one, other = self._root(one), self._root(other)
        low, high = sorted((one, other), key=self._firsts.__getitem__)
        self._parents[high] = low

    def _root(self, number: int) -> int:
        while self._parents[number] != number:
            self._parents[number] = self._parents[self._parents[number]]
            number = self._parents[number]
        return number

    def _names(self) -> dict[str, str]:
        """Of the articles that are not the first, or only, of their cluster."""
        roots = ((number, self._root(number)) for number in range(len(self._parents)))
        return {self._firsts[number][1]: self._firsts[root][1] for number, root in roots if number != root}


def runs(paragraphs: list[str]) -> list[str]:
    """
    >>> runs(["Presiden tiba di Oslo.", "Ia senang."])
    ['presiden tiba di', 'tiba di oslo', 'di oslo ia', 'oslo ia senang']
    """
    words = [word for text in paragraphs for word in _WORD.findall(text.casefold())]
    if len(words) < WORDS:
        return [" ".join(words)]
    return [" ".join(run) for run in zip(*(islice(words, start, None) for start in range(WORDS)), strict=False)]


_FIELDS = tuple(field.name for field in fields(Article))
