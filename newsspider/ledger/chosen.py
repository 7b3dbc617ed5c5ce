"""Which of the stored articles: by day, sub-section, revision, and month by month."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from newsspider.items import Article
from newsspider.ledger.articles import read
from newsspider.ledger.database import Database, again
from newsspider.ledger.tables import articles

SUBSECTIONS = select(articles.c.subsection).where(articles.c.subsection.isnot(None)).distinct()
MONTH = func.substr(articles.c.published, 1, 7)


def subsections(database: Database) -> list[str]:
    """Labels of those that there are articles of, by name."""
    with database.begin() as connection:
        return sorted(map(str, connection.scalars(SUBSECTIONS)))


class Chosen:
    """Every pass gives the same articles, in the order in which they were stored, whatever is stored meanwhile."""

    @again
    def __init__(
        self,
        database: Database,
        since: str | None = None,
        until: str | None = None,
        subsection: str | None = None,
        revision: str | None = None,
    ) -> None:
        """By the day they were published (YYYY-MM-DD, both included) and the sub-section's label.

        `revision` is a number, "all", or None for the latest of each.
        """
        self.database = database
        with database.begin() as connection:
            self.last = connection.scalar(select(func.max(articles.c.id))) or 0
        self.where = [articles.c.id <= self.last]
        if since:
            self.where.append(articles.c.published >= since)
        if until:
            self.where.append(articles.c.published < f"{until}U")  # after every YYYY-MM-DDT…
        if subsection:
            self.where.append(articles.c.subsection == subsection)
        if revision is None:
            self.where.append(self._latest())
        elif revision != "all":
            self.where.append(articles.c.revision == int(revision))

    def __iter__(self) -> Iterator[Article]:
        return read(self.database, self._select(), {})

    @again
    def months(self) -> list[str | None]:
        """Of publication, YYYY-MM in the page's own time, in order; first None where some have no date."""
        with self.database.begin() as connection:
            return list(connection.scalars(select(MONTH).where(*self.where).distinct().order_by(MONTH.nulls_first())))

    def of(self, month: str | None) -> Iterator[Article]:
        """Those of one of the months."""
        published = articles.c.published
        inside = published.is_(None) if month is None else published.between(month, f"{month}U")
        return read(self.database, self._select(inside), {})

    def _select(self, *more: ColumnElement[bool]) -> Select[Any]:
        return (
            select(articles.c.id, articles.c.item)
            .where(*self.where, *more, articles.c.id > bindparam("after"))
            .order_by(articles.c.id)
            .limit(bindparam("most"))
        )

    def _latest(self) -> ColumnElement[bool]:
        later = articles.alias("later")
        same = (later.c.url == articles.c.url) & (later.c.id <= self.last)
        return ~select(later.c.id).where(same, later.c.revision > articles.c.revision).exists()
