"""The calendar: what is stored of each day, and what is known to be missing."""

from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection, func, select

from newsspider.ledger.tables import articles, indexes, pages


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day, in WIB."""

    day: str
    stored: int
    gap: str | None
    """What is missing; None: nothing that is known of."""


@dataclass(frozen=True, kw_only=True)
class Month:
    """One month: 2022-01."""

    month: str
    stored: int
    there: int
    """Days with articles."""
    gaps: int
    """Days with a gap."""


def days(connection: Connection) -> list[Day]:
    """Every day of which something is stored or known, in order."""
    stored, owed, unread = (dict(map(tuple, connection.execute(each))) for each in (_STORED, _OWED, _UNREAD))
    return [
        Day(day=day, stored=stored.get(day, 0), gap=_gap(owed.get(day, 0), unread.get(day, 0)))
        for day in sorted(stored | owed | unread)
    ]


def months(found: list[Day]) -> list[Month]:
    """Every month that one of these days is of, in order."""
    return [_month(month, list(each)) for month, each in groupby(found, key=lambda day: day.day[:7])]


def _month(month: str, found: list[Day]) -> Month:
    stored = [day.stored for day in found]
    return Month(
        month=month,
        stored=sum(stored),
        there=sum(number > 0 for number in stored),
        gaps=sum(day.gap is not None for day in found),
    )


def _gap(owed: int, unread: int) -> str | None:
    told = [f"{owed} articles owed"] * bool(owed) + ["its list was not read to the end"] * bool(unread)
    return ", ".join(told) or None


_DAY = func.substr(articles.c.published, 1, 10)
_STORED = select(_DAY, func.count()).where(articles.c.published.isnot(None)).group_by(_DAY)
_OWED = (
    select(pages.c.day, func.count())
    .where(pages.c.day.isnot(None), pages.c.state.in_(("pending", "failed")))
    .group_by(pages.c.day)
)
_UNREAD = (
    select(indexes.c.day, func.count())
    .where(indexes.c.day.isnot(None), indexes.c.state != "done")
    .group_by(indexes.c.day)
)
