"""Which days were read to the end: by their index, or because they lie inside what the newest walks cover.

A chain of newest walks leaves no hole: each goes back to what a completed one listed before. So everything is there
from the day after the oldest article of the first completed walk to the day before the last one began.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any, NamedTuple

from sqlalchemy import Connection, case, func, select

from newsspider.ledger.database import stamp
from newsspider.ledger.tables import articles, indexes, jobs, listed, pages, runs

WIB = timezone(timedelta(hours=7))
SETTLED = 2
"""So many readings settle what is few; a look at chosen days (`-a days=`) is as good."""
STRAY = 20
"""One article in so many that a walk listed, and three at least, may be older than where it ended: pinned ones."""

Scope = Mapping[str, str]
"""What the corpus is to have, as a spider spells its arguments: channel and subsections. Empty: the usual channel."""


class Span(NamedTuple):
    """From day to day, both included."""

    first: str
    last: str


@dataclass(kw_only=True)
class Reading:
    """Of a scope."""

    indexed: Counter[str] = field(default_factory=Counter)
    """Day -> how often its index was read to the end after it was over."""
    walked: list[Span] = field(default_factory=list)
    """What chains of newest walks cover."""
    narrow: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Day -> arguments of jobs that read a part of it only."""

    def times(self, day: str) -> int:
        """How often a day was read to the end."""
        return self.indexed[day] + sum(span.first <= day <= span.last for span in self.walked)


def reading(connection: Connection, scope: Scope) -> Reading:
    """What the finished jobs read of this scope."""
    found = Reading()
    for row in connection.execute(_READ):
        arguments = json.loads(row.arguments)
        if row.left or not row.read or row.read < _over(row.day):
            continue
        if covers(arguments, scope):
            found.indexed[row.day] += SETTLED if "days" in arguments else 1
        else:
            found.narrow[row.day].add(_told(arguments))
    found.walked = [span for span in _spans(connection, scope) if span.first <= span.last]
    return found


def first_day(connection: Connection, read: Reading) -> str | None:
    """The first one that a job was to read, or that there was a job on; None in an empty ledger."""
    began = connection.scalar(select(func.min(jobs.c.started)))
    asked = connection.scalar(select(func.min(indexes.c.day)))
    known = [day for day in (began and day_of(began), asked, *(span.first for span in read.walked)) if day]
    return min(known, default=None)


def covers(arguments: Mapping[str, str], scope: Scope) -> bool:
    """Whether a job of these arguments has all of a scope.

    >>> covers({"since": "2022-01-01", "subsections": "40,41"}, {}), covers({"channel": "all"}, {})
    (False, True)
    >>> covers({"subsections": "40,41"}, {"subsections": "41"}), covers({"channel": "sports"}, {})
    (True, False)
    """
    if "limit" in arguments or arguments.get("channel") not in ("all", scope.get("channel")):
        return False
    had, wanted = (set(filter(None, each.get("subsections", "").split(","))) for each in (arguments, scope))
    return not had or (bool(wanted) and wanted <= had)


def day_of(time: str) -> str:
    """Of a time in the tables, the day in WIB.

    >>> day_of("2022-01-08T17:30:00Z")
    '2022-01-09'
    """
    return datetime.fromisoformat(time).astimezone(WIB).date().isoformat()


def moved(day: str, number: int) -> str:
    """So many days later.

    >>> moved("2022-01-01", -1)
    '2021-12-31'
    """
    return (date.fromisoformat(day) + timedelta(number)).isoformat()


def _over(day: str) -> str:
    """When a day was over, as times stand in the tables."""
    return stamp(datetime.combine(date.fromisoformat(day) + timedelta(1), datetime.min.time(), WIB))


def _told(arguments: Mapping[str, str]) -> str:
    """What narrows a job.

    >>> _told({"since": "2022-01-01", "subsections": "41"})
    'subsections=41'
    """
    return " ".join(f"{name}={arguments[name]}" for name in ("channel", "subsections", "limit") if name in arguments)


def _spans(connection: Connection, scope: Scope) -> Iterator[Span]:
    for chain in connection.execute(_CHAINS).all():
        if covers(json.loads(chain.arguments), scope) and (oldest := _oldest(connection, chain)):
            yield Span(moved(oldest, 1), moved(day_of(chain.last), -1))


def _oldest(connection: Connection, chain: Any) -> str | None:
    """The day down to which the first walk of a chain came."""
    of_it = (listed.c.walk == chain.walk) & (listed.c.job == chain.first)
    found = connection.execute(_LISTED.where(of_it)).all()
    stray = max(3, sum(row.number for row in found) // STRAY)
    for row in found:
        stray -= row.number
        if stray < 0:
            return str(row.day)
    return None


_READ = (
    select(
        indexes.c.day,
        indexes.c.job,
        jobs.c.arguments,
        func.min(runs.c.started).label("read"),
        func.sum(case((indexes.c.state == "done", 0), else_=1)).label("left"),
    )
    .join(jobs, jobs.c.id == indexes.c.job)
    .outerjoin(runs, runs.c.id == indexes.c.run)
    .where(indexes.c.day.isnot(None), jobs.c.state.in_(("finished", "partial")))
    .group_by(indexes.c.day, indexes.c.job, jobs.c.arguments)
)
_CHAINS = (
    select(
        jobs.c.walk,
        func.min(jobs.c.id).label("first"),
        func.max(jobs.c.started).label("last"),
        func.max(jobs.c.arguments).label("arguments"),
    )
    .where(jobs.c.walk.isnot(None), jobs.c.state == "finished")
    .group_by(jobs.c.walk)
)
_PUBLISHED = func.substr(articles.c.published, 1, 10).label("day")
_LISTED = (
    select(_PUBLISHED, func.count().label("number"))
    .select_from(listed)
    .join(pages, pages.c.id == listed.c.page)
    .join(articles, (articles.c.url == pages.c.url) & (articles.c.revision == 1))
    .where(articles.c.published.isnot(None))
    .group_by(_PUBLISHED)
    .order_by(_PUBLISHED)
)
