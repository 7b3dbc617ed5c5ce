"""The calendar: what is stored of each day, and of which days something is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from newsspider.ledger import coverage
from newsspider.ledger.coverage import Day
from newsspider.ledger.database import Database
from newsspider.ledger.gaps import Gap


@dataclass(frozen=True, kw_only=True)
class Month:
    """One month: 2022-01."""

    month: str
    stored: int
    there: int
    """Days with articles."""
    gaps: int
    """Days with a gap."""


def days(database: Database, arguments: Mapping[str, str]) -> list[Day]:
    """Every day from the first that anything is known of to yesterday; `arguments` say what is to be there of each."""
    scope = {name: arguments[name] for name in ("channel", "subsections") if name in arguments}
    return list(coverage.days(database, scope=scope))


def cells(found: list[Day]) -> list[tuple[str, int, str | None]]:
    """Of each day the articles that are stored, and what is missing in words."""
    return [(day.day, day.stored, Gap([day]).told if day.gaps else None) for day in found]


def months(found: list[Day]) -> list[Month]:
    """Every month that one of these days is of, in order."""
    return [_month(month, list(each)) for month, each in groupby(found, key=lambda day: day.day[:7])]


def _month(month: str, found: list[Day]) -> Month:
    stored = [day.stored for day in found]
    return Month(
        month=month,
        stored=sum(stored),
        there=sum(number > 0 for number in stored),
        gaps=sum(bool(day.gaps) for day in found),
    )
