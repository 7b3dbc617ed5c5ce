"""Who asks for a page? Where several runs share a ledger, each takes some, and they are its own while it lives.

A run lives until `runs.alive`, by the database's clock, which it puts off again and again. Whatever it holds is free
when it has ended or is no longer alive; what another has taken since is lost to it, and it writes nothing down of it.
SQLite's lock file lets in one run alone: there nobody holds anything, and the statements are those without holders.
"""

from collections.abc import Collection, Sequence
from importlib import import_module
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Table,
    bindparam,
    delete,
    func,
    null,
    or_,
    select,
    update,
)

from newsspider.ledger.database import Database, Prepared
from newsspider.ledger.tables import indexes, jobs, owed, pages, runs

CLOCK = func.extract("epoch", func.clock_timestamp())
"""Of PostgreSQL: seconds since 1970."""


def lives() -> ColumnElement[bool]:
    """Of a row of `runs`."""
    return runs.c.ended.is_(None) & (runs.c.alive > CLOCK)


def free(holder: Column[int]) -> ColumnElement[bool]:
    """Nobody holds it, or a run that does not live. One that began a moment ago, unseen, does."""
    over = or_(runs.c.ended.isnot(None), runs.c.alive.is_(None), runs.c.alive <= CLOCK)
    return holder.is_(None) | select(runs.c.id).where(runs.c.id == holder, over).exists()


def new(database: Database, table: Table) -> Any:
    """An insert that leaves out what another run has entered meanwhile; rows are to be sorted, or two wait for each
    other.
    """
    dialect: Any = import_module(f"sqlalchemy.dialects.{database.engine.dialect.name}")
    return dialect.insert(table).on_conflict_do_nothing()


# In the one place where it matters: the statements without holders, and those with them

OF_ARTICLE = (pages.c.id, pages.c.url, pages.c.state, pages.c.etag, pages.c.modified)
OF_INDEX = (indexes.c.id, indexes.c.url, indexes.c.walk, indexes.c.segment)
NEXT_ARTICLES = (
    select(*OF_ARTICLE)
    .join(owed, owed.c.page == pages.c.id)
    .where(owed.c.job == bindparam("of"))
    .order_by(owed.c.page)
    .limit(bindparam("most"))
)
PENDING = (indexes.c.job == bindparam("of"), indexes.c.state == "pending")
NEXT_INDEXES = select(*OF_INDEX).where(*PENDING).order_by(indexes.c.id).limit(bindparam("most"))
INDEX_READ = (
    update(indexes).where(indexes.c.id == bindparam("index")).values(state="done", reason=null(), run=bindparam("by"))
)
UNREAD = (
    update(indexes)
    .where(indexes.c.id == bindparam("index"))
    .values(tries=indexes.c.tries + 1, reason=bindparam("because"))
)
LISTED = (indexes.c.job == bindparam("of"), indexes.c.url == bindparam("at"))
READER = indexes.outerjoin(runs, runs.c.id == indexes.c.run)
LIST = select(indexes.c.id, runs.c.started, indexes.c.run != bindparam("by")).select_from(READER).where(*LISTED)
SETTLED = delete(owed).where(owed.c.page == bindparam("settled"))

_other = owed.alias("other")
_ELSEWHERE = (
    select(_other.c.page)
    .join(runs, runs.c.id == _other.c.holder)
    .where(_other.c.page == owed.c.page, _other.c.job != owed.c.job, lives())
    .exists()
)
"""A run of another job asks for it: what it brings settles the page for all."""
_FREE_ARTICLES = (
    select(owed.c.page, owed.c.holder)
    .where(owed.c.job == bindparam("of"), free(owed.c.holder), ~_ELSEWHERE)
    .order_by(owed.c.page)
    .limit(bindparam("most"))
    .with_for_update(of=owed, skip_locked=True)
    .cte("free")
)
TAKE_ARTICLES = (
    update(owed)
    .where(owed.c.job == bindparam("of"), owed.c.page == _FREE_ARTICLES.c.page, pages.c.id == owed.c.page)
    .values(holder=bindparam("by"))
    .returning(*OF_ARTICLE, _FREE_ARTICLES.c.holder)
)
UNTRIED = or_(indexes.c.unread.is_(None), indexes.c.unread < bindparam("by"))
"""Not by the runs there were when it could not be read: the next one asks again."""
_FREE_INDEXES = (
    select(indexes.c.id, indexes.c.holder)
    .where(*PENDING, free(indexes.c.holder), UNTRIED)
    .order_by(indexes.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=indexes, skip_locked=True)
    .cte("free")
)
TAKE_INDEXES = (
    update(indexes)
    .where(indexes.c.id == _FREE_INDEXES.c.id)
    .values(holder=bindparam("by"))
    .returning(*OF_INDEX, _FREE_INDEXES.c.holder)
)
INDEX_READ_BY_HOLDER = INDEX_READ.where(indexes.c.state == "pending", indexes.c.holder == bindparam("by"))
UNREAD_BY_HOLDER = UNREAD.where(indexes.c.holder == bindparam("by")).values(
    holder=None, unread=select(func.max(runs.c.id)).where(runs.c.job == bindparam("of")).scalar_subquery()
)
LIST_OF_SEVERAL = select(indexes.c.id, runs.c.started, ~lives()).select_from(READER).where(*LISTED)
"""Of the runs that live none is an earlier one."""
SETTLED_BY_HOLDER = delete(owed).where(
    owed.c.job == bindparam("of"), owed.c.page == bindparam("settled"), owed.c.holder == bindparam("by")
)


class Alone:
    """The only run: what is owed is its own."""

    list_known, list_read = LIST, INDEX_READ

    def __init__(self, database: Database, job: int, run: int) -> None:
        self.database = database
        self.me = {"of": job, "by": run}
        self._next_articles, self._next_indexes, self._known, self._read = map(
            database.prepared, (NEXT_ARTICLES, NEXT_INDEXES, self.list_known, self.list_read)
        )
        self.taken_over = 0
        """Pages that runs held which are no more."""

    def is_open(self, connection: Connection) -> bool:
        """Whether the job takes more pages until the transaction ends."""
        return True

    def articles(self, connection: Connection, most: int, skip: Collection[int]) -> Sequence[Sequence[Any]]:
        """Owed ones, as OF_ARTICLE has them; of those `skip` may be on their way."""
        return self._some(self._next_articles, most + len(skip))

    def indexes(self, connection: Connection, most: int, skip: Collection[int]) -> Sequence[Sequence[Any]]:
        """Pending ones, likewise, as OF_INDEX has them."""
        return self._some(self._next_indexes, most + len(skip))

    def _some(self, statement: Prepared, most: int) -> Sequence[Sequence[Any]]:
        rows: list[Sequence[Any]] = statement({"of": self.me["of"], "most": most}).fetchall()
        return rows

    def read(self, index: int) -> bool:
        """It is done; whether this run was to read it."""
        return bool(self._read({"index": index, "by": self.me["by"]}).rowcount == 1)

    def unread(self, connection: Connection, index: int, reason: str) -> bool:
        """It could not be read, once more; likewise."""
        again = [indexes.c.reason.is_distinct_from(reason)] if self.database.rerun else []
        connection.execute(UNREAD.where(*again), {"index": index, "because": reason})
        return True  # a try that does not count is better than one that counts twice

    def known(self, url: str) -> tuple[int, str, bool] | None:
        """A list of the job: its id, when the run began that read it, and whether that was an earlier one."""
        row = self._known({**self.me, "at": url}).fetchone()
        return (row[0], row[1], bool(row[2])) if row else None

    def settled(self, connection: Connection, page: int) -> bool:
        """No job owes it any more; whether it was for this run to say so."""
        connection.execute(SETTLED, {"settled": page})
        return True


class Together(Alone):
    """One of several runs: what it has taken is its own, until another takes it over."""

    list_known, list_read = LIST_OF_SEVERAL, INDEX_READ_BY_HOLDER

    def is_open(self, connection: Connection) -> bool:
        """Nobody begins to publish it meanwhile."""
        return (
            connection.scalar(select(jobs.c.state).where(jobs.c.id == self.me["of"]).with_for_update(key_share=True))
            == "open"
        )

    def articles(self, connection: Connection, most: int, skip: Collection[int]) -> Sequence[Sequence[Any]]:
        """Taken now."""
        self._give_back(connection, owed, owed.c.page.not_in(skip))
        return self._taken(connection, TAKE_ARTICLES, most)

    def indexes(self, connection: Connection, most: int, skip: Collection[int]) -> Sequence[Sequence[Any]]:
        """Taken now."""
        self._give_back(connection, indexes, indexes.c.id.not_in(skip))
        return self._taken(connection, TAKE_INDEXES, most)

    def _give_back(self, connection: Connection, table: Table, unasked: ColumnElement[bool]) -> None:
        """What was taken by a commit whose answer was lost."""
        if self.database.rerun:
            mine = (table.c.job == self.me["of"]) & (table.c.holder == self.me["by"])
            connection.execute(update(table).where(mine, unasked).values(holder=None))

    def _taken(self, connection: Connection, statement: Any, most: int) -> list[Row[Any]]:
        rows = connection.execute(statement, {**self.me, "most": most}).all()
        self.taken_over += sum(row.holder not in (None, self.me["by"]) for row in rows)
        return sorted(rows, key=lambda row: row.id)

    def unread(self, connection: Connection, index: int, reason: str) -> bool:
        return connection.execute(UNREAD_BY_HOLDER, {**self.me, "index": index, "because": reason}).rowcount == 1

    def settled(self, connection: Connection, page: int) -> bool:
        mine = connection.execute(SETTLED_BY_HOLDER, {**self.me, "settled": page}).rowcount == 1
        return mine and super().settled(connection, page)


def leases(database: Database, job: int, run: int) -> Alone:
    """As this kind of database has them."""
    return (Together if database.shared else Alone)(database, job, run)
