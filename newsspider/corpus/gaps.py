"""Which days of a period something is missing of, from day to day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from newsspider.ledger.coverage import Day

TOLD = {
    "index": "not all of the day's list was read",
    "few": "clearly fewer articles than usual",
    "owed": "articles are still to be asked for",
    "failed": "articles could not be had yet",
}


@dataclass
class Gap:
    """Days in a row of which the same is missing."""

    first: str
    last: str
    missing: list[str]
    """See `Day.gaps`."""
    days: int = 1


def gaps(days: Iterable[Day]) -> Iterator[Gap]:
    """In order."""
    gap: Gap | None = None
    for day in days:
        if gap and gap.missing == day.gaps and _next(gap.last) == day.day:
            gap.last, gap.days = day.day, gap.days + 1
            continue
        if gap:
            yield gap
        gap = Gap(day.day, day.day, day.gaps) if day.gaps else None
    if gap:
        yield gap


def _next(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
