"""Articles that were extracted again: what came out otherwise than it is stored becomes the next revision."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from newsspider.items import Article
from newsspider.ledger.articles import FIELDS, decode, digest, row
from newsspider.ledger.database import Database, again, now
from newsspider.ledger.jobs import Jobs
from newsspider.ledger.search import fill_search
from newsspider.ledger.tables import articles, owed, pages

ARGUMENTS = {"reextract": "1"}
"""Of the job: one that was cut off goes on."""
NOT_COMPARED = frozenset(("crawled", "revision"))
SAME_CAPTURE = timedelta(minutes=10)
"""A page is written down when it comes and its article is dated when it is read: so far apart, at most."""

LATEST = (
    select(articles.c.page, articles.c.revision, articles.c.item, articles.c.job)
    .where(articles.c.url == bindparam("at"))
    .order_by(articles.c.revision.desc())
    .limit(1)
)
PAGE = select(pages.c.id).where(pages.c.url == bindparam("at"))


class Revisions:
    """A job of its own in the ledger; what is stored stays as it is. Errors are LedgerErrors."""

    def __init__(self, database: Database, spider: str) -> None:
        self.database = database
        self.jobs = Jobs(database, spider)
        self.job = self.jobs.open(ARGUMENTS, marks=False, fresh=False).id
        self.run = self.jobs.begin_run(self.job)
        self.counts: Counter[str] = Counter()
        """new, updated, unchanged, older (a later page of it is stored)."""

    @again
    def store(self, found: Iterable[Article]) -> None:
        """All in one transaction; each is told its revision."""
        counts: Counter[str] = Counter()
        with self.database.begin() as connection:
            for article in found:
                counts[self._store(connection, article)] += 1
        self.counts += counts

    def _store(self, connection: Connection, article: Article) -> str:
        latest = connection.execute(LATEST, {"at": article.url}).first()
        if latest is None:
            self._insert(connection, article, self._page(connection, article.url))
            return "new"
        stored = decode(latest.item)
        article.revision = latest.revision
        if _moment(article) < _moment(stored) - SAME_CAPTURE:
            return "older"
        if not differences(stored, article):
            if self.database.rerun and latest.job == self.job:  # by a commit whose answer was lost
                return "new" if latest.revision == 1 else "updated"
            return "unchanged"
        article.revision += 1
        self._insert(connection, article, latest.page)
        return "updated"

    def _page(self, connection: Connection, url: str) -> int:
        """Of an article that is stored from now on: no job has to ask for it any more."""
        page: int | None = connection.scalar(PAGE, {"at": url})
        if page is None:
            key = connection.execute(insert(pages), {"url": url, "state": "done", "found": now()}).inserted_primary_key
            assert key
            return int(key[0])
        done = {"state": "done", "next_try": None, "reason": None}
        connection.execute(update(pages).where(pages.c.id == page).values(**done))
        connection.execute(delete(owed).where(owed.c.page == page))
        return page

    def _insert(self, connection: Connection, article: Article, page: int) -> None:
        connection.execute(insert(articles), row(article, page, self.job, self.run, digest(article)))

    def end(self, exitcode: int, *, finished: bool) -> None:
        """The run is over; finished: its job, too."""
        if finished:
            asyncio.run(fill_search(self.database))
            self._finish()
        reason = "finished" if finished else "shutdown"
        self.jobs.end_run(self.run, reason, exitcode, counts=dict(self.counts))

    @again
    def _finish(self) -> None:
        with self.database.durable() as connection:
            self.jobs.finish(connection, self.job)


def differences(old: Article, new: Article) -> list[str]:
    """The fields that say something else; not when they were fetched."""
    return [name for name in FIELDS if name not in NOT_COMPARED and getattr(old, name) != getattr(new, name)]


def _moment(article: Article) -> datetime:
    """When its page was fetched; long ago where that is not known."""
    return datetime.fromisoformat(article.crawled or "1970-01-01T00:00:00+00:00")
