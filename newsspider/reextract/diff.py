"""What came out otherwise than before, field by field: counts, and a few examples of each."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

from newsspider.feeds.reading import ENDINGS, UnreadableError, ending, read, unit
from newsspider.items import Article
from newsspider.ledger.articles import FIELDS, decode, encode
from newsspider.ledger.revisions import NOT_COMPARED, differences
from newsspider.reextract import PathError

EXAMPLES = 5
"""Of each kind of change of each field; of articles that only one side has."""
KINDS = ("changed", "filled", "emptied")

CREATE = "CREATE TABLE old (url TEXT PRIMARY KEY, item TEXT, met INTEGER DEFAULT 0) WITHOUT ROWID"
ADD = "INSERT OR REPLACE INTO old (url, item) VALUES (?, ?)"
FIND = "SELECT item FROM old WHERE url = ?"
MEET = "UPDATE old SET met = 1 WHERE url = ?"
LEFT = "SELECT url FROM old WHERE NOT met ORDER BY url LIMIT ?"
COUNT_LEFT = "SELECT count(*) FROM old WHERE NOT met"


@dataclass
class Example:
    """One article in which a field came out otherwise."""

    url: str
    old: Any
    new: Any


@dataclass
class Changes:
    """Of one field: how often it says something else, something where it was empty, nothing where it was not."""

    changed: list[Example] = field(default_factory=list)
    filled: list[Example] = field(default_factory=list)
    emptied: list[Example] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))


@dataclass
class Difference:
    """All of it."""

    against: str
    """What old is."""
    compared: int = 0
    same: int = 0
    new: int = 0
    """Articles that old does not have."""
    new_urls: list[str] = field(default_factory=list)
    missing: int = 0
    """Articles that only old has: no page of them was kept, or none gave an article."""
    missing_urls: list[str] = field(default_factory=list)
    fields: dict[str, Changes] = field(
        default_factory=lambda: {name: Changes() for name in FIELDS if name not in NOT_COMPARED}
    )


class Comparison:
    """Old is put aside on disk; new comes article by article."""

    def __init__(self, against: str, old: Iterable[Article]) -> None:
        self.difference = Difference(against)
        self._old = sqlite3.connect("")
        self._old.execute(CREATE)
        self._old.executemany(ADD, ((article.url, encode(article)) for article in old))

    def take(self, articles: Iterable[Article]) -> None:
        for article in articles:
            found = self._old.execute(FIND, (article.url,)).fetchone()
            self._compare(decode(found[0]), article) if found else self._count_new(article)

    def _compare(self, old: Article, new: Article) -> None:
        self._old.execute(MEET, (new.url,))
        names = differences(old, new)
        self.difference.compared += 1
        self.difference.same += not names
        for name in names:
            _note(self.difference.fields[name], Example(new.url, getattr(old, name), getattr(new, name)))

    def _count_new(self, article: Article) -> None:
        self.difference.new += 1
        _keep(self.difference.new_urls, article.url)

    def result(self) -> Difference:
        """When all has come."""
        self.difference.missing = self._old.execute(COUNT_LEFT).fetchone()[0]
        self.difference.missing_urls = [url for (url,) in self._old.execute(LEFT, (EXAMPLES,))]
        self._old.close()
        return self.difference


def _note(changes: Changes, example: Example) -> None:
    kind = "filled" if _is_empty(example.old) else "emptied" if _is_empty(example.new) else "changed"
    changes.counts[kind] += 1
    if isinstance(example.old, list) and isinstance(example.new, list):
        example.old, example.new = _apart(example.old, example.new)
    _keep(getattr(changes, kind), example)


def _keep(examples: list[Any], example: Any) -> None:
    if len(examples) < EXAMPLES:
        examples.append(example)


def _is_empty(value: Any) -> bool:
    return value is None or value == [] or value == ""


def _apart(old: list[Any], new: list[Any]) -> tuple[Any, Any]:
    """The first entries that differ, where both have some.

    >>> _apart(["a", "b", "c"], ["a", "x", "c"])
    ('b', 'x')
    """
    return next(((one, other) for one, other in zip_longest(old, new) if one != other), (old, new))


def feed(path: Path) -> Iterator[Article]:
    """The articles of an earlier feed. Raises PathError."""
    if ending(path) not in ENDINGS:
        told = ", ".join(f".{each}" for each in sorted(ENDINGS))
        raise PathError(f"--against {path}: give a feed that ends with {told}, or with .gz behind it")
    try:
        for place, values, wrong in read(path):
            if values is None:
                raise PathError(f"--against {path}: {unit(path)} {place}: {wrong}")
            yield _article(path, place, values)
    except UnreadableError as error:
        raise PathError(f"--against {error}") from None


def _article(path: Path, place: int, values: dict[str, Any]) -> Article:
    try:
        article = Article(**{name: value for name, value in values.items() if name in FIELDS})
        encode(article)
    except TypeError:  # a field is missing, or holds what is no text or too large a number
        raise PathError(f"--against {path}: {unit(path)} {place} is no article") from None
    return article
