"""What there is to say of a corpus, counted while its articles pass by."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any, TypeVar

from newsspider.items import Article

AnyArticle = TypeVar("AnyArticle", bound=Article)


class Counts:
    """Of what passed `count`; its size does not depend on how much that was."""

    def __init__(self) -> None:
        self.articles = 0
        self.months: dict[str, Counter[str]] = {}
        """YYYY-MM, or "without a date" -> sub-section -> articles."""
        self.filled: Counter[str] = Counter()
        """Field -> articles in which it is neither None nor an empty list."""
        self.sums: Counter[str] = Counter()
        """What `_sums` names."""
        self.layouts: Counter[str] = Counter()
        self.spans: dict[str, tuple[str, str]] = {}
        """published, crawled -> the first and the last, YYYY-MM-DD."""
        self.fields: tuple[str, ...] = tuple(field.name for field in fields(Article))

    def count(self, articles: Iterable[AnyArticle]) -> Iterator[AnyArticle]:
        """Passes them on."""
        for article in articles:
            self._add(article)
            yield article

    def _add(self, article: Article) -> None:
        if not self.articles:
            self.fields = tuple(field.name for field in fields(article))
        self.articles += 1
        month = article.published[:7] if article.published else "without a date"
        self.months.setdefault(month, Counter())[article.subsection or "none"] += 1
        self.filled.update(name for name in self.fields if getattr(article, name) not in (None, []))
        self.sums.update(_sums(article))
        self.layouts[article.layout or "none"] += 1
        for name in ("published", "crawled"):
            if day := (getattr(article, name) or "")[:10]:
                first, last = self.spans.get(name, (day, day))
                self.spans[name] = min(first, day), max(last, day)


def _sums(article: Article) -> dict[str, int]:
    found: dict[str, Any] = {
        "paragraphs": len(article.paragraphs),
        "words": sum(text.count(" ") + 1 for text in article.paragraphs),
        "repeated": article.repeated,
        "with repeated": article.repeated > 0,
        "related": len(article.related),
        "with related": bool(article.related),
        "dateline": article.dateline is not None,
        "editor": article.editor is not None,
        "by address": article.published_from == "url",
        "incomplete": not article.complete,
        "revised": article.revision > 1,
        "in a cluster": getattr(article, "cluster", article.url) != article.url,
    }
    return {name: int(number) for name, number in found.items()}
