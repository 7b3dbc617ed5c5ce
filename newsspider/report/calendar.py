"""The calendar: what is stored of each day, and what is missing of it in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from newsspider.ledger import coverage
from newsspider.ledger.database import Database


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


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Days on end of which the same is missing."""

    first: str
    last: str
    days: int
    told: str


def days(database: Database, arguments: Mapping[str, str]) -> list[Day]:
    """Every day from the first that anything is known of to yesterday; `arguments` say what is to be there of each."""
    scope = {name: arguments[name] for name in ("channel", "subsections") if name in arguments}
    return [Day(day=each.day, stored=each.stored, gap=_missing(each)) for each in coverage.days(database, scope=scope)]


def gaps(found: list[Day]) -> list[Gap]:
    """The newest first."""
    runs = (list(each) for told, each in groupby(found, key=lambda day: day.gap) if told)
    told = [Gap(first=run[0].day, last=run[-1].day, days=len(run), told=run[0].gap or "") for run in runs]
    return told[::-1]


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


def _missing(day: coverage.Day) -> str | None:
    told = {
        "index": "its index was not read to the end",
        "few": f"{day.stored} stored, usually {day.usual or 0:g}",
        "owed": f"{day.owed} owed",
        "failed": f"{day.failed} failed",
    }
    return ", ".join(told[name] for name in day.gaps) or None
