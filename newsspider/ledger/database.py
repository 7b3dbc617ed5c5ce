"""The connection: one a process."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache, partial, wraps
from pathlib import Path
from time import gmtime, monotonic, sleep, strftime, time
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, select
from sqlalchemy.exc import DBAPIError, ResourceClosedError, SQLAlchemyError

from newsspider.ledger import version
from newsspider.ledger.errors import DAMAGED, LedgerError, LedgerUrlError, LostError, NoLedgerError, SilentError
from newsspider.ledger.tables import HALF, VERSION, meta
from newsspider.ledger.url import read_url, without_password

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


TIME = "%Y-%m-%dT%H:%M:%SZ"
"""As it stands in the tables, in UTC."""


def now() -> str:
    """The time."""
    return _of(int(time()))


@lru_cache(1)
def _of(second: int) -> str:
    return strftime(TIME, gmtime(second))


def stamp(time: datetime) -> str:
    """
    >>> stamp(datetime(2022, 1, 9, tzinfo=UTC))
    '2022-01-09T00:00:00Z'
    """
    return time.astimezone(UTC).strftime(TIME)


PATIENCE = 4.0
"""Seconds in which a cut connection may be opened anew: nothing else happens meanwhile, and no signal is heard."""
PAUSE = 0.1

Work = TypeVar("Work", bound=Callable[..., Any])
Result = TypeVar("Result")


def again(work: Work) -> Work:
    """For what does one transaction, with a Database or as a method of something that has one as `database`.

    It is run once more when the connection was cut. A commit whose answer was lost may have happened: what may not be
    done twice looks at `database.rerun`, and for what stands already.
    """

    @wraps(work)
    def run(owner: Any, *args: Any, **given: Any) -> Any:
        try:
            return work(owner, *args, **given)
        except LostError:
            return getattr(owner, "database", owner).once_more(partial(work, owner, *args, **given))

    return cast("Work", run)


class Database:
    """`with database.begin() as connection:` is one transaction; whatever goes wrong in it is a LedgerError."""

    rerun = False
    """What is at work was cut short before, and may have been done."""
    before: Callable[[], None] | None = None
    """Called before each transaction: it writes what was put off, so that nobody sees the ledger without it."""

    def __init__(self, url: str, *, create: bool = True, half: bool = False) -> None:
        """`half`: also what a copy that was cut off has left, which is no ledger."""
        self.url = read_url(url)
        self._given_up: LedgerError | None = None
        self._is_sqlite = self.url.get_backend_name() == "sqlite"
        self._errors: tuple[type[Exception], ...] = (SQLAlchemyError, sqlite3.Error)
        with self._told():
            self._check_file(create)
            self.engine = self._engine(writes=create)
        check = partial(self._check_version, create, half)
        try:
            self._open()
            check()
        except LostError:
            self.once_more(check)

    def _engine(self, *, writes: bool) -> Engine:
        if self._is_sqlite:
            return create_engine(self.url, paramstyle="named")  # so that `Prepared` hands on what it is given
        try:
            from newsspider.ledger import postgres  # here: who has no PostgreSQL does not pay for it

            self._errors = (SQLAlchemyError, postgres.Error)
            return postgres.engine(self.url, writes=writes)
        except ImportError:
            raise LedgerUrlError(
                f"LEDGER_URL {self.name} needs the Python package psycopg[binary]: install it"
            ) from None

    def _open(self) -> None:
        with self._told():
            self.connection: Connection = self.engine.connect()
            self.cursor: Any = self.connection.connection.cursor()
            self._prepare()

    def once_more(self, work: Callable[[], Result]) -> Result:
        """Over a new connection, as soon as there is one. Raises LedgerError, and from then on at once."""
        end, before = monotonic() + PATIENCE, self.rerun
        self.rerun = True
        try:
            while self._given_up is None:
                try:
                    self._leave()
                    self._open()
                    return work()
                except LostError as lost:
                    if monotonic() > end:
                        self._give_up(lost)
                    sleep(PAUSE)
            raise self._given_up
        finally:
            self.rerun = before

    def _leave(self) -> None:
        with suppress(SQLAlchemyError, AttributeError):  # there may be none yet
            self.connection.invalidate()
            self.connection.close()

    def _give_up(self, error: LedgerError) -> None:
        """Who comes later does not wait again."""
        self._given_up = self._given_up or error
        self._leave()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        if self.before:
            self.before()
        with self._told(), self.connection.begin():
            yield self.connection

    @contextmanager
    def durable(self) -> Iterator[Connection]:
        """A transaction that is on the disk, and all before it, when the block is left."""
        self._pragma("synchronous=FULL")
        try:
            with self.begin() as connection:
                yield connection
        finally:
            self._pragma("synchronous=NORMAL")

    def prepared(self, statement: Any) -> "Prepared":
        """A statement, compiled once: for what is done once a page."""
        return Prepared(self, statement.compile(self.engine))

    @property
    def shared(self) -> bool:
        """Whether several runs are at work on it at once; a file's lock lets in one."""
        return not self._is_sqlite

    def close(self) -> None:
        with self._told():
            self.connection.close()
            self.engine.dispose()

    @property
    @again
    def id(self) -> str:
        """What tells this ledger from others."""
        with self.begin() as connection:
            return str(connection.scalar(select(meta.c.value).where(meta.c.name == "id")))

    def _check_file(self, create: bool) -> None:
        if not self._is_sqlite or not self.url.database:
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
        self._pragma("cache_size=-500")  # kB: one that the processor's own cache holds is the faster one
        self._pragma("busy_timeout=5000")
        self._pragma("wal_autocheckpoint=4000")

    def _pragma(self, setting: str) -> None:
        if self._is_sqlite:
            driver: Any = self.connection.connection.driver_connection
            with self._told():
                driver.execute(f"PRAGMA {setting}")

    def _check_version(self, create: bool, half: bool) -> None:
        """Makes the tables, or those of an older version the newest: all of it or nothing."""
        with self.begin() as connection:
            found = version.version_of(connection, self.name)
            if found and not half:
                self._check_whole()
        if not (found or create):
            raise NoLedgerError(f"there is no ledger in {self.name} yet")
        if found < VERSION:
            with self.begin() as connection:
                found = version.renew(connection, self.name)
        if found > VERSION:
            raise LedgerError(f"the ledger {self.name} is of a newer newsspider (version {found}); install that one")

    def _check_whole(self) -> None:
        if self.connection.scalar(select(meta.c.value).where(meta.c.name == HALF)):
            raise LedgerError(
                f"{self.name} is a half copy of a ledger: run the same scrapy ledger copy again, it goes on"
            )

    @again
    def empty(self) -> None:
        """Nothing is left of what was in it."""
        with self.begin() as connection:
            version.begin_anew(connection)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """In the words of the person who can mend it."""
        try:
            yield
        except LedgerError:
            raise
        except self._errors as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> LedgerError:
        if self._given_up and isinstance(error, ResourceClosedError):
            return self._given_up
        cause = error.orig if isinstance(error, DBAPIError) else error
        if not self._is_sqlite:
            from newsspider.ledger.postgres import failure

            found = failure(cause, f"the ledger {self.name}")
            if isinstance(found, SilentError):
                self._give_up(found)
            return found
        told = next((told for sign, told in CAUSES.items() if sign in str(cause)), str(cause).splitlines()[0])
        return LedgerError(f"the ledger {self.name}: {told}")

    @property
    def name(self) -> str:
        """For people to see: its file, or its URL without the password."""
        return str(self.url.database) if self._is_sqlite else without_password(self.url.render_as_string())


class Prepared:
    """To be executed in a transaction, with what is not written in the statement, by name."""

    def __init__(self, database: Database, compiled: Any) -> None:
        self._database = database
        self._text: str = compiled.string
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """The driver's cursor: `rowcount` says how many rows were changed, `fetchall` gives plain tuples."""
        return self._database.cursor.execute(self._text, {**self._fixed, **values})

    def many(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Once a row."""
        given = [{**self._fixed, **values} for values in rows] if self._fixed else rows
        self._database.cursor.executemany(self._text, given)
