"""The articles that were ever found: which of those on a list they are, and which of them a job has to ask for."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, bindparam, select

from newsspider.ledger.database import Database, now, stamp
from newsspider.ledger.leases import new
from newsspider.ledger.tables import owed, pages

PAUSES = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=3), timedelta(days=7))
"""Before the 2nd, 3rd … try of an article that failed or is gone; after the last it is given up."""
TIME_HAS_COME = (pages.c.next_try <= bindparam("now")) | (pages.c.next_try > bindparam("never"))
"""Also where the clock went back, so that no pause can be as long as it seems."""
WANTED = (pages.c.state == "pending") | TIME_HAS_COME
OWED = (
    select(bindparam("job", type_=Integer), pages.c.id)
    .where(~select(owed.c.page).where(owed.c.job == bindparam("job"), owed.c.page == pages.c.id).exists())
    .order_by(pages.c.id)
)
DUE = select(pages.c.id, pages.c.url).where(TIME_HAS_COME)


class Page(NamedTuple):
    """One of them."""

    id: int
    url: str
    state: str
    day: str | None


ALL = select(*(pages.c[name] for name in Page._fields))


class KnownPages:
    """As one job sees them, in a transaction. What is done once a list is prepared, for each number of URLs."""

    def __init__(self, database: Database, job: int) -> None:
        self.database = database
        self.job = job
        columns: dict[str, Any] = {name: bindparam(name) for name in ("url", "found", "day")}
        self._enter = database.prepared(new(database, pages).values(state="pending", tries=0, **columns))
        self._at = cache(lambda number: database.prepared(ALL.where(_among(number))))
        self._owe_at = cache(lambda number: database.prepared(self._owe(_among(number) & WANTED)))
        self._owe_these = self._owe(pages.c.id.in_(bindparam("pages", expanding=True)))

    def _owe(self, which: ColumnElement[bool]) -> Any:
        return new(self.database, owed).from_select(["job", "page"], OWED.where(which))

    def at(self, urls: Sequence[str]) -> list[Page]:
        """Those that were found before."""
        return [Page(*row) for row in self._at(len(urls))(_named(urls)).fetchall()] if urls else []

    def enter(self, urls: Sequence[str], day: str | None) -> None:
        """New ones."""
        if urls:
            found = now()
            self._enter.many([{"url": url, "found": found, "day": day} for url in sorted(urls)])

    def owe_wanted(self, urls: Sequence[str]) -> None:
        """Those of them that have not come to anything; there is one at least."""
        self._owe_at(len(urls))({"job": self.job, **due(), **_named(urls)})

    def owe(self, ids: list[int]) -> None:
        """All of them."""
        if ids:
            self.database.connection.execute(self._owe_these, {"job": self.job, "pages": ids})


def _among(number: int) -> ColumnElement[bool]:
    """The URL is one of so many, named by `_named`."""
    return pages.c.url.in_([bindparam(f"url_{place}") for place in range(number)])


def _named(urls: Sequence[str]) -> dict[str, str]:
    return {f"url_{place}": url for place, url in enumerate(urls)}


def due() -> dict[str, str]:
    """What TIME_HAS_COME asks for."""
    return {"now": now(), "never": stamp(datetime.now(UTC) + PAUSES[-1])}


def next_try(tries: int) -> str | None:
    """When, after so many before this one; None: never."""
    return stamp(datetime.now(UTC) + PAUSES[tries]) if tries < len(PAUSES) else None
