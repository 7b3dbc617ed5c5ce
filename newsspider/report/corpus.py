"""The stored articles: those of a run, by day and sub-section, and the newest as they were extracted."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product

from sqlalchemy import ColumnElement, Connection, func, select

from newsspider.dates import WIB
from newsspider.items import Article
from newsspider.ledger.articles import decode
from newsspider.ledger.tables import articles
from newsspider.report.past import Past

DAYS = 60
"""So many days are shown one by one."""
NEWEST = 10
UNNAMED, OTHERS = "no sub-section", "all others"
MOST = 12
"""So many sub-sections are shown one by one: a channel has some eight, all channels together many."""


@dataclass(frozen=True)
class Day:
    """What is stored of one day and one sub-section."""

    day: str
    """When it was published, in WIB: 2022-01-09."""
    subsection: str
    before: int
    """Stored by earlier runs."""
    fresh: int
    """Stored by the run."""


def of_run(connection: Connection, run: Past) -> range:
    """The ids of the articles that it stored: they grow with the time, for which there is no index."""
    last = connection.scalar(select(func.max(articles.c.id))) or 0

    def stored(number: int) -> str:
        next_one = select(articles.c.stored).where(articles.c.id >= number).order_by(articles.c.id).limit(1)
        return str(connection.scalars(next_one).one())

    if run.ended is None:
        return range(bisect_left(range(last + 1), run.started, key=stored) if last else 1, last + 1)
    end = bisect_left(range(last + 1), f"{run.ended}+", key=stored) if last else 1  # after all of that second
    return range(end - sum(run.counts.get(name) or 0 for name in ("new", "updated")), end)


def newest(connection: Connection, ids: range) -> list[Article]:
    """Of these the newest by their date."""
    chosen = select(articles.c.item).where(_among(ids)).order_by(_NEWEST_FIRST).limit(NEWEST)
    return [decode(item) for item in connection.scalars(chosen)]


def by_day(connection: Connection, ids: range, today: str) -> list[Day]:
    """Of the DAYS up to the newest article of these, or of all up to `today` where there is none: 2022-01-09T…Z."""
    last = _newest_day(connection, ids, today) or _newest_day(connection, range(ids.stop), today)
    if last is None:
        return []
    first = last - timedelta(days=DAYS - 1)
    published = articles.c.published.between(f"{first}", f"{last}U")  # U: after every T…
    fresh = func.sum(_among(ids).cast(articles.c.id.type)).label("fresh")
    day = func.substr(articles.c.published, 1, 10).label("day")
    counted = (
        select(day, func.coalesce(articles.c.subsection, UNNAMED), func.count(), fresh)
        .where(published, articles.c.revision == 1, articles.c.id < ids.stop)
        .group_by(day, articles.c.subsection)
        .order_by(day)
    )
    return _folded([Day(at, named, number - new, new) for at, named, number, new in connection.execute(counted)])


def _folded(found: list[Day]) -> list[Day]:
    """Sub-sections but for the MOST with most articles as one."""
    common = Table(found).subsections[:MOST]
    cells: defaultdict[tuple[str, str], list[Day]] = defaultdict(list)
    for each in found:
        cells[each.day, each.subsection if each.subsection in common else OTHERS].append(each)
    return [
        Day(at, named, sum(each.before for each in cell), sum(each.fresh for each in cell))
        for (at, named), cell in cells.items()
    ]


class Table:
    """Days by sub-sections; None stands for all of them."""

    def __init__(self, found: list[Day]) -> None:
        self.days = list(_every_day(found))
        self._stored: Counter[tuple[str | None, str | None]] = Counter()
        self._fresh: Counter[tuple[str | None, str | None]] = Counter()
        for each in found:
            for cell in product((each.day, None), (each.subsection, None)):
                self._stored[cell] += each.before + each.fresh
                self._fresh[cell] += each.fresh
        names = {each.subsection for each in found}
        self.subsections = sorted(names, key=lambda name: self._stored[None, name], reverse=True)
        """Those with most articles first."""

    def stored(self, day: str | None = None, subsection: str | None = None) -> int:
        return self._stored[day, subsection]

    def fresh(self, day: str | None = None, subsection: str | None = None) -> int:
        """Of them those that the run stored."""
        return self._fresh[day, subsection]


def _every_day(found: list[Day]) -> Iterator[str]:
    """From the first to the last of these, those without an article too."""
    if found:
        first, last = (date.fromisoformat(each.day) for each in (found[0], found[-1]))
        yield from (f"{first + timedelta(days=number)}" for number in range((last - first).days + 1))


def _newest_day(connection: Connection, ids: range, today: str) -> date | None:
    tomorrow = datetime.fromisoformat(today).astimezone(WIB).date() + timedelta(days=1)
    dated = articles.c.published < f"{tomorrow}"  # a page may say any year
    chosen = select(articles.c.published).where(dated, _among(ids)).order_by(_NEWEST_FIRST).limit(1)
    found = connection.scalar(chosen)
    return date.fromisoformat(found[:10]) if found else None


def _among(ids: range) -> ColumnElement[bool]:
    """The sum keeps the database to the index on dates: the articles of a run may be all there are."""
    return (articles.c.id + 0).between(ids.start, ids.stop - 1)


_NEWEST_FIRST = articles.c.published.desc().nulls_last()
