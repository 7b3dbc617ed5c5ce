"""What is still to be asked for, and what came of what was asked for."""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any, NamedTuple

from scrapy import Request
from sqlalchemy import Connection, bindparam, func, select, update

from newsspider.ledger.database import Database, again, now, stamp
from newsspider.ledger.jobs import Job
from newsspider.ledger.known import DUE, KnownPages, due, next_try
from newsspider.ledger.leases import Alone, new
from newsspider.ledger.tables import indexes, jobs, listed, owed, pages

INDEX_TRIES = 3
"""Runs that may end without an index page before it is given up and the job goes on without it."""


@dataclass(frozen=True, eq=False, slots=True)
class Asked:
    """One page to ask for."""

    kind: str
    """article or index"""
    id: int
    url: str
    walk: dict[str, Any] | None = None
    """Of an index page: where on which way it stands."""
    segment: int = 0
    """Of an index page of the newest: the run that began at the front and came here."""
    stored: bool = False
    """Of an article: it is asked for again to see whether it changed."""
    etag: str | None = None
    modified: str | None = None


def found(request: Request) -> Asked:
    """A spider's request as what it asks for; it has no id yet."""
    kind: str = request.meta["kind"]
    url = request.cb_kwargs["url"] if kind == "article" else request.url
    return Asked(kind, 0, url, request.meta.get("walk"))


class Index(NamedTuple):
    """An index page that was found."""

    url: str
    walk: dict[str, Any]


CLOSED = (
    select(listed.c.page, listed.c.job, listed.c.segment, jobs.c.state)
    .join(jobs, jobs.c.id == listed.c.job)
    .where(listed.c.walk == bindparam("walk"), listed.c.page.in_(bindparam("pages", expanding=True)))
)
Take = Callable[[Connection, int, Collection[int]], Sequence[Sequence[Any]]]


class Frontier:
    """Of one job, in one run."""

    def __init__(self, database: Database, job: Job, run: int, held: Alone) -> None:
        self.database = database
        self.job = job
        self.run = run
        self.leases = held
        self.known = KnownPages(database, job.id)
        columns: dict[str, Any] = {name: bindparam(name) for name in ("job", "url", "day", "walk", "segment")}
        self._new_list = database.prepared(new(database, indexes).values(state="pending", tries=0, **columns))
        self._new_listed = new(database, listed)
        self.stored_before = self._stored = 0
        """How often an article was found that needed no request, for it is stored."""
        self.rereads = False
        """Days that were read by an earlier run of the job are read again: a limit held back what they list."""
        self.met = False
        """A walk of the newest came to where all was listed before."""

    # What comes next

    @again
    def begin(self, first: Sequence[Asked], *, anew: bool = True) -> None:
        """The job's first pages; of a resumed job, only what it does not have yet.

        A newest walk begins at the front again, as a segment of its own, and ends where it meets an earlier segment,
        which goes on from where it was cut; not if it is not to begin `anew`, for another run leads it.
        """
        with self.database.begin() as connection:
            if not self.leases.is_open(connection):
                return
            urls = [page.url for page in first if page.kind == "article"]
            self._enter(connection, urls)
            lists = [Index(page.url, page.walk or {}) for page in first if page.kind == "index"]
            self._lists(connection, lists, self.run, anew=anew)
            self._owe_wanted(urls)
        self.stored_before += self._stored

    @again
    def retry_due(self, wanted: Callable[[str], bool]) -> None:
        """Owe again what failed or is gone and is due; `wanted` says whether a URL is this job's matter."""
        with self.database.begin() as connection:
            found = connection.execute(DUE, due())
            self.known.owe([row.id for row in found if wanted(row.url)])

    @again
    def revisit(self, age: timedelta, wanted: Callable[[str], bool]) -> None:
        """Owe again what was found within `age` and is stored."""
        young = pages.c.found.between(stamp(datetime.now(UTC) - age), now())
        with self.database.begin() as connection:
            found = connection.execute(select(pages.c.id, pages.c.url).where(young, pages.c.state == "done"))
            self.known.owe([row.id for row in found if wanted(row.url)])

    def articles(self, most: int, skip: Collection[int]) -> Iterator[Asked]:
        """Owed articles, but for those whose ids are in `skip`."""
        for page, url, state, etag, modified, *_ in self._next(self.leases.articles, most, skip):
            yield Asked("article", page, url, stored=state == "done", etag=etag, modified=modified)

    def indexes(self, most: int, skip: Collection[int]) -> Iterator[Asked]:
        """Pending index pages, but for those whose ids are in `skip`."""
        for index, url, walk, segment, *_ in self._next(self.leases.indexes, most, skip):
            yield Asked("index", index, url, json.loads(walk), segment)

    @again
    def _next(self, take: Take, most: int, skip: Collection[int]) -> list[Sequence[Any]]:
        with self.database.begin() as connection:
            found = take(connection, most, skip)
        return [row for row in found if row[0] not in skip][:most]

    # What came of it: each says whether this run was to write it down

    @again
    def read(self, page: Asked, found: Sequence[str], further: Sequence[Index]) -> bool:
        """An index page was read: what it lists and where it leads are written down with that, or not at all."""
        with self.database.begin() as connection:
            if not self.leases.read(page.id):
                return False
            closed = False
            self._enter(connection, found, day=(page.walk or {}).get("day"))
            if page.walk and page.walk["way"] == "newest":
                closed = self._closed(connection, found, page.segment)
                further = () if closed else further
            self._lists(connection, further, page.segment)
            self._owe_wanted(found)
        self.met = self.met or closed
        self.stored_before += self._stored
        return True

    @again
    def unread(self, index: int, reason: str) -> bool:
        """An index page could not be read: it keeps its job open, for INDEX_TRIES runs."""
        with self.database.begin() as connection:
            if not self.leases.unread(connection, index, reason):
                return False
            given_up = (indexes.c.id == index) & (indexes.c.tries >= INDEX_TRIES)
            connection.execute(update(indexes).where(given_up).values(state="failed"))
        return True

    @again
    def unanswered(self, page: Asked, reason: str) -> None:
        """A page got no answer, and nor did the others: it stays owed."""
        table = pages if page.kind == "article" else indexes
        with self.database.begin() as connection:
            connection.execute(update(table).where(table.c.id == page.id).values(reason=reason))

    @again
    def lost(self, page: int, state: str, reason: str) -> bool:
        """An article is failed or gone. One that is stored is never taken away: it is marked as vanished."""
        with self.database.begin() as connection:
            if not self.leases.settled(connection, page):
                return False
            row = connection.execute(select(pages.c.state, pages.c.tries).where(pages.c.id == page)).one()
            values: dict[str, Any] = (
                {"vanished": func.coalesce(pages.c.vanished, now())} if state == "gone" else {"reason": reason}
            )
            if row.state != "done":
                tried = {"tries": row.tries + 1, "next_try": next_try(row.tries)}
                values = {"state": state, "reason": reason, **tried}
            connection.execute(update(pages).where(pages.c.id == page).values(**values))
        return True

    @again
    def unchanged(self, page: int) -> bool:
        """An article is stored, and still as it was."""
        with self.database.begin() as connection:
            if not self.leases.settled(connection, page):
                return False
            connection.execute(
                update(pages).where(pages.c.id == page).values(state="done", next_try=None, vanished=None)
            )
        return True

    # What is left

    @again
    def owed(self) -> int:
        """How many articles and index pages the job still has to ask for."""
        with self.database.begin() as connection:
            waiting = connection.scalar(select(func.count()).select_from(owed).where(owed.c.job == self.job.id))
            unread = connection.scalar(
                select(func.count())
                .select_from(indexes)
                .where(indexes.c.job == self.job.id, indexes.c.state == "pending")
            )
        return (waiting or 0) + (unread or 0)

    @again
    def given_up(self) -> int:
        """Index pages that could not be read, so often that the job goes on without them."""
        failed = (indexes.c.job == self.job.id) & (indexes.c.state == "failed")
        with self.database.begin() as connection:
            return connection.scalar(select(func.count()).select_from(indexes).where(failed)) or 0

    @again
    def lists_by_others(self) -> bool:
        """Whether other runs read some of the job's lists."""
        with self.database.begin() as connection:
            others = (indexes.c.job == self.job.id) & (indexes.c.run != self.run)
            return connection.scalar(select(indexes.c.id).where(others).limit(1)) is not None

    # In a transaction

    def _enter(self, connection: Connection, urls: Sequence[str], day: str | None = None) -> None:
        """Articles that were found; unknown ones are entered. `day`: whose index lists them."""
        known = {page.url: page for page in self.known.at(urls)}
        self._stored = sum(url in known and known[url].state == "done" for url in urls)
        if day and (undated := [page.id for page in known.values() if page.day is None]):
            connection.execute(update(pages).where(pages.c.id.in_(undated)).values(day=day))
        self.known.enter([url for url in urls if url not in known], day)

    def _owe_wanted(self, urls: Sequence[str]) -> None:
        """The last statement: a run of another job may be storing one of them."""
        if self._stored < len(urls):
            self.known.owe_wanted(urls)

    def _lists(self, connection: Connection, found: Sequence[Index], segment: int, *, anew: bool = True) -> None:
        """Index pages to read; one of the newest is read again in every run, for its place on the list moves."""
        for url, walk in found:
            known = self.leases.known(url)
            values: dict[str, Any] = {"walk": json.dumps(walk), "segment": segment}
            if known is None:
                self._new_list({"job": self.job.id, "url": url, "day": walk.get("day"), **values})
                continue
            index, read, earlier = known
            if anew and earlier and (self.rereads or _grows(walk, read)):
                connection.execute(update(indexes).where(indexes.c.id == index).values(state="pending", **values))

    def _closed(self, connection: Connection, urls: Sequence[str], segment: int) -> bool:
        """Whether all of these were listed before, by a completed walk or an earlier segment; now they are."""
        if self.job.walk is None or not urls:
            return False
        found = [page.id for page in self.known.at(urls)]
        before = {row.page: row for row in connection.execute(CLOSED, {"walk": self.job.walk, "pages": found})}
        mine = {page for page, row in before.items() if row.job == self.job.id}
        closed = {page for page, row in before.items() if row.state == "finished"}
        closed |= {page for page in mine if before[page].segment < segment}
        values = {"job": self.job.id, "segment": segment}
        moved = [page for page in before if page not in mine | closed]
        unknown = [{"walk": self.job.walk, "page": page, **values} for page in found if page not in before]
        if moved:
            these = (listed.c.walk == self.job.walk) & listed.c.page.in_(moved)
            connection.execute(update(listed).where(these).values(**values))
        if unknown:
            connection.execute(self._new_listed, sorted(unknown, key=itemgetter("page")))
        return len(closed) == len(found)


def _grows(walk: dict[str, Any], read: str) -> bool:
    """Whether a list may have more on it than when it was read: all but that of a day which was over by then."""
    return walk["way"] != "day" or str(walk["day"]) >= read[:10]
