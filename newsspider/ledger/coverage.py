"""What does the corpus have of each day, and what is missing? One entry a calendar day, in WIB.

Articles count to the day that their page says; those that are missing to the day whose index listed them, or else to
the one that their address tells.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

from sqlalchemy import Connection, bindparam, case, func, select

from newsspider.ledger.database import Database, again, now
from newsspider.ledger.reading import SETTLED, Reading, Scope, day_of, first_day, moved, reading
from newsspider.ledger.tables import OPEN, articles, pages

WEEKS = 8
"""Before and after a day: as far as its comparable days lie, those of the same weekday."""
COMPARABLE = 6
"""Completed days that say what is usual; fewer say nothing."""
DEVIATIONS = 3
"""Below the usual by more than so many spreads is few."""

GIVEN_UP = 2
"""So many articles of a day may be none: a gallery, a video."""

DayOf = Callable[[str], str | None]
"""URL of an article -> the day that the address tells."""


@dataclass(kw_only=True, slots=True)
class Day:
    """What is known of one day."""

    day: str
    """YYYY-MM-DD"""
    stored: int = 0
    """Articles published on it."""
    listed: int | None = None
    """Articles that its index listed; None where that was not read, or by a newsspider that did not write it down."""
    had: int = 0
    """Those of `listed` that are stored."""
    completed: bool = False
    """Its index was read to the end after the day was over, or the newest walks cover it: see `reading.py`."""
    reads: int = 0
    """How often. SETTLED readings settle that a day has few articles."""
    owed: int = 0
    """Articles that were found and not asked for yet."""
    failed: int = 0
    """Articles that could not be had, and are tried again."""
    due: int = 0
    """Those of `failed` whose time has come."""
    given_up: int = 0
    gone: int = 0
    """Articles that the site no longer has."""
    usual: float | None = None
    """Articles of comparable days, their median; None where there are too few such days."""
    bound: float = 0.0
    """Fewer than this are few."""
    narrow: tuple[str, ...] = ()
    """What narrowed the jobs that read a part of it only: subsections=41."""

    @property
    def unusual(self) -> bool:
        """It has clearly fewer articles than comparable days."""
        return self.completed and self.stored < self.bound

    @property
    def few(self) -> bool:
        """It is unusual, and its index was not read again or does list more; or more of its articles were given up
        than are stored, whatever is usual.
        """
        there = (self.listed or 0) - self.gone
        unsettled = self.unusual and (self.reads < SETTLED or there >= self.bound)
        return unsettled or self.given_up > max(self.stored, self.had, GIVEN_UP)

    @property
    def gaps(self) -> list[str]:
        """What is missing: index, few, owed, failed."""
        found = {"index": not self.completed, "few": self.few, "owed": self.owed, "failed": self.failed}
        return [name for name, missing in found.items() if missing]

    @property
    def fillable(self) -> bool:
        """Whether another look at its index would bring something, or settle that it has few."""
        return not self.completed or bool(self.owed or self.due) or (self.few and self.reads < SETTLED)


def days(
    database: Database,
    since: str | None = None,
    until: str | None = None,
    *,
    scope: Scope | None = None,
    address: DayOf | None = None,
) -> Iterator[Day]:
    """Every day from `since` (the first that anything is known of) to `until` (yesterday), both included."""
    until = until or moved(day_of(now()), -1)
    day, found = _looked(database, since, until, scope or {}, address or (lambda url: None))
    while day <= until:
        yield found.judged(day)
        day = moved(day, 1)


@again
def _looked(database: Database, since: str | None, until: str, scope: Scope, address: DayOf) -> tuple[str, "_Found"]:
    """The first day, and what is known."""
    with database.begin() as connection:
        read = reading(connection, scope)
        day = since or first_day(connection, read) or until
        found = _Found(read)
        found.look(connection, moved(day, -7 * WEEKS), moved(until, 7 * WEEKS), address)
    return day, found


class _Found(defaultdict[str, Day]):
    """Day -> what the tables say of it."""

    def __init__(self, read: Reading) -> None:
        super().__init__()
        self.read = read

    def __missing__(self, day: str) -> Day:
        reads = self.read.times(day)
        narrow = tuple(sorted(self.read.narrow.get(day, ())))
        self[day] = Day(day=day, reads=reads, completed=reads > 0, narrow=narrow)
        return self[day]

    def look(self, connection: Connection, since: str, until: str, address: DayOf) -> None:
        """Each question is one walk over an index of the tables: no article itself is looked at."""
        between = pages.c.day.between(since, until)
        for day, number in _stored(connection, since, until).items():
            self[day].stored = number
        for day, number in connection.execute(_LISTED.where(between)):
            self[day].listed = self[day].had = number
        for row in connection.execute(_OPEN.where(between)):
            self._count(row.day, row.state, row.number)
            self[row.day].had -= row.number
        for row in connection.execute(_TRIED_AGAIN.where(between), {"now": now()}):
            self._try_again(row.day, row.number, row.due)
        for row in connection.execute(_UNDATED):
            day = address(row.url) or day_of(row.found)
            if since <= day <= until:
                self._count(day, row.state, 1)
                self._try_again(day, *_tried_again(row.state, row.next_try))
        for day in self.read.indexed:
            if since <= day <= until and not self[day].stored and self[day].listed is None:
                self[day].listed = 0

    def _count(self, day: str, state: str, number: int) -> None:
        name = {"pending": "owed", "failed": "given_up", "gone": "gone"}[state]
        setattr(self[day], name, getattr(self[day], name) + number)

    def _try_again(self, day: str, number: int, due: int) -> None:
        self[day].given_up -= number
        self[day].failed += number
        self[day].due += due

    def judged(self, day: str) -> Day:
        """With what is usual."""
        found = self[day]
        around = [self[moved(day, 7 * week)] for week in range(-WEEKS, WEEKS + 1) if week]
        numbers = [each.stored for each in around if each.completed]
        if len(numbers) >= COMPARABLE:
            found.usual = float(median(numbers))
            spread = max(1.4826 * median(abs(number - found.usual) for number in numbers), found.usual**0.5)
            found.bound = max(0.0, found.usual - DEVIATIONS * spread)
        return found


def _stored(connection: Connection, since: str, until: str) -> Counter[str]:
    """Articles, not their revisions, which are few and counted apart."""
    between = (articles.c.published >= since, articles.c.published < f"{until}U")  # after every YYYY-MM-DDT…
    found, revisions = (dict(map(tuple, connection.execute(each.where(*between)))) for each in (_PUBLISHED, _REVISIONS))
    return Counter(found) - Counter(revisions)


def _tried_again(state: str, next_try: str | None) -> tuple[int, int]:
    """Whether an article is tried again, and is due."""
    again = state == "failed" and next_try is not None
    return int(again), int(again and str(next_try) <= now())


_DAY = func.substr(articles.c.published, 1, 10)
_PUBLISHED = select(_DAY, func.count()).group_by(_DAY)
_REVISIONS = _PUBLISHED.where(articles.c.id.in_(select(articles.c.id).where(articles.c.revision > 1)))
_LISTED = select(pages.c.day, func.count()).group_by(pages.c.day)
_NOT_HAD = (OPEN, pages.c.state.in_(("pending", "failed", "gone")))
_OPEN = (
    select(pages.c.day, pages.c.state, func.count().label("number"))
    .where(*_NOT_HAD)
    .group_by(pages.c.day, pages.c.state)
)
_TRIED_AGAIN = (
    select(
        pages.c.day,
        func.count().label("number"),
        func.sum(case((pages.c.next_try <= bindparam("now"), 1), else_=0)).label("due"),
    )
    .where(OPEN, pages.c.state == "failed", pages.c.next_try.isnot(None))
    .group_by(pages.c.day)
)
_UNDATED = select(pages.c.url, pages.c.state, pages.c.next_try, pages.c.found).where(OPEN, pages.c.day.is_(None))
