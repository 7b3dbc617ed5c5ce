"""The connection: one a process. What only one kind of database needs stands here, and nowhere else."""

import asyncio
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, insert, inspect, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from newsspider.ledger.errors import LedgerError, LedgerUrlError, NoLedgerError
from newsspider.ledger.tables import UPGRADES, VERSION, meta, metadata

DAMAGED = "it is damaged and was left as it is; put a backup in its place, or move it away to begin anew"
CAUSES = {
    "full": "the disk is full; make room and run the same command again",
    "readonly": "it is read-only; make it writable and run the same command again",
    "unable to open": "it cannot be opened; is its folder there and writable?",
    "not a database": DAMAGED,
    "vtable constructor failed": "its full-text index is damaged; it was left as it is; put a backup in its place",
    "decode to UTF-8": DAMAGED,
    "malformed": DAMAGED,
    "locked": "another program holds it; end that and run the same command again",
    "I/O": "the disk cannot be read or written",
}


def read_url(url: str) -> URL:
    """Raises LedgerUrlError."""
    try:
        return make_url(url)
    except ArgumentError:
        raise LedgerUrlError(f"LEDGER_URL {url!r} is no database; write sqlite:///folder/file.sqlite") from None


def now() -> str:
    """The time, as it stands in the tables."""
    return stamp(datetime.now(UTC))


def stamp(time: datetime) -> str:
    """
    >>> stamp(datetime(2022, 1, 9, tzinfo=UTC))
    '2022-01-09T00:00:00Z'
    """
    return time.astimezone(UTC).isoformat()[:19] + "Z"


TOGETHER = 4
"""Writes that `later` puts off, at most: what a kill in between costs is asked for again."""


class Database:
    """`with database.begin() as connection:` is one transaction; whatever goes wrong in it is a LedgerError."""

    def __init__(self, url: str, *, create: bool = True) -> None:
        self.url = read_url(url)
        self._late: list[tuple[Callable[[], None], Callable[[], None]]] = []
        with self._told():
            self._check_file(create)
            self.engine = self._engine()
            self.connection: Connection = self.engine.connect()
            self._prepare()
            self._check_version()

    def _engine(self) -> Engine:
        try:
            return create_engine(self.url)
        except ImportError as error:
            raise LedgerUrlError(f"LEDGER_URL {self._name} needs the Python package {error.name}: install it") from None
        except NoSuchModuleError:
            raise LedgerUrlError(f"LEDGER_URL {self._name}: there is no database {self.url.drivername}") from None

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """What was put off is written before: nobody sees the ledger without it."""
        self.settle()
        with self._told(), self.connection.begin():
            yield self.connection

    def later(self, write: Callable[[], None], written: Callable[[], None]) -> None:
        """Put `write` off, to be in one transaction with others; `written` is called once that is committed.

        A commit costs as much as the rest of what an article costs here, and several share most of it.
        """
        self._late.append((write, written))
        if len(self._late) == TOGETHER:
            self.settle()

    def settle(self) -> None:
        """Nothing is put off any more; what cannot be written is still owed."""
        late, self._late = self._late, []
        if not late:
            return
        with self._told(), self.connection.begin():
            for write, _ in late:
                write()
        for _, written in late:
            written()

    @contextmanager
    def durable(self) -> Iterator[Connection]:
        """A transaction that is on the disk, and all before it, when the block is left."""
        self._pragma("synchronous=FULL")
        try:
            with self.begin() as connection:
                yield connection
        finally:
            self._pragma("synchronous=NORMAL")

    def prepared(self, statement: Any) -> Callable[[Mapping[str, Any]], None]:
        """A statement, compiled once, to be executed in a transaction: for what is done once an article."""
        compiled = statement.compile(self.engine)
        names = compiled.positiontup
        cursor: Any = self.connection.connection.cursor()

        def execute(values: Mapping[str, Any]) -> None:
            row: Any = values if names is None else tuple(values[name] for name in names)
            cursor.execute(compiled.string, row)

        return execute

    def close(self) -> None:
        with self._told():
            self.connection.close()
            self.engine.dispose()

    @property
    def id(self) -> str:
        """What tells this ledger from others."""
        with self.begin() as connection:
            return str(connection.scalar(select(meta.c.value).where(meta.c.name == "id")))

    def _check_file(self, create: bool) -> None:
        if self.url.get_backend_name() != "sqlite" or not self.url.database:
            return
        file = Path(self.url.database)
        if not create and not file.exists():
            raise NoLedgerError(f"there is no ledger at {file} yet")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerError(f"the ledger's folder {file.parent} cannot be made: {error.strerror}") from None

    def _prepare(self) -> None:
        self._pragma("journal_mode=WAL")
        self._pragma("synchronous=NORMAL")
        self._pragma("busy_timeout=5000")
        self._pragma("wal_autocheckpoint=4000")

    def _pragma(self, setting: str) -> None:
        if self.engine.dialect.name == "sqlite":
            driver: Any = self.connection.connection.driver_connection
            with self._told():
                driver.execute(f"PRAGMA {setting}")

    def _check_version(self) -> None:
        """Makes the tables, or those of an older version the newest: all of it or nothing."""
        with self.connection.begin():
            if not self._version():
                self._make()
            version = self._version()
        if version > VERSION:
            raise LedgerError(f"the ledger {self._name} is of a newer newsspider (version {version}); install that one")
        if version < VERSION:
            with self.connection.begin():
                self._upgrade()

    def _version(self) -> int:
        """0: there are no tables yet."""
        if not inspect(self.connection).has_table(meta.name):
            return 0
        version = self.connection.scalar(select(meta.c.value).where(meta.c.name == "version"))
        if version is None:
            raise LedgerError(f"the ledger {self._name}: {DAMAGED}")
        return int(version)

    def _alone(self) -> None:
        """SQLite's driver begins no transaction of its own for what makes or changes tables."""
        if self.engine.dialect.name == "sqlite":
            self.connection.exec_driver_sql("BEGIN IMMEDIATE")

    def _make(self) -> None:
        self._alone()
        if not self._version():  # another process may have made it meanwhile
            metadata.create_all(self.connection)
            rows = {"version": str(VERSION), "id": uuid.uuid4().hex, "searchable": "0"}
            self.connection.execute(insert(meta), [{"name": name, "value": rows[name]} for name in rows])

    def _upgrade(self) -> None:
        self._alone()
        for older in range(self._version(), VERSION):
            for statement in UPGRADES[older]:
                self.connection.execute(text(statement))
        self.connection.execute(update(meta).where(meta.c.name == "version").values(value=str(VERSION)))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """In the words of the person who can mend it."""
        try:
            yield
        except LedgerError:
            raise
        except (SQLAlchemyError, sqlite3.Error) as error:
            reason = str(error.orig if isinstance(error, DBAPIError) else error)
            cause = next((told for sign, told in CAUSES.items() if sign in reason), reason.splitlines()[0])
            raise LedgerError(f"the ledger {self._name}: {cause}") from error

    @property
    def _name(self) -> str:
        return str(self.url.database) if self.url.drivername.startswith("sqlite") else self.url.render_as_string()


async def fill_search(database: Database, batch: int = 500) -> None:
    """Bring the full-text index up to the last article, one transaction a batch; signals are heard in between."""
    if database.engine.dialect.name != "sqlite":
        return
    while True:
        with database.begin() as connection:
            last = int(connection.scalar(select(meta.c.value).where(meta.c.name == "searchable")) or 0)
            upto = connection.scalar(FURTHER, {"last": last, "batch": batch})
            if upto is None:
                return
            connection.execute(FILL, {"last": last, "upto": upto})
            connection.execute(update(meta).where(meta.c.name == "searchable").values(value=str(upto)))
        await asyncio.sleep(0)


FURTHER = text("SELECT max(id) FROM (SELECT id FROM articles WHERE id > :last ORDER BY id LIMIT :batch) AS next")
FILL = text(
    "INSERT INTO articles_fts (rowid, title, paragraphs)"
    " SELECT id, title, paragraphs FROM articles WHERE id > :last AND id <= :upto"
)
