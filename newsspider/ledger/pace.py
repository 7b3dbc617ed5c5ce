"""Who may ask a host next, of all who crawl with one ledger in PostgreSQL: `paces` holds the moment of the next turn.

One statement takes the turns of a batch, on a connection of its own and in a thread, so that the crawl goes on. Times
are by the database's clock, and only differences leave it: no machine's own clock matters. Turns that nobody uses, also
those of a worker that was killed, are time that is lost to all.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from math import inf
from threading import Thread
from time import monotonic, sleep
from typing import Any, Self, TypeVar

from scrapy import signals
from scrapy.crawler import Crawler
from sqlalchemy import BindParameter, Connection, Executable, Float, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from newsspider.ledger.addon import LedgerAddon
from newsspider.ledger.database import PATIENCE, PAUSE
from newsspider.ledger.errors import LedgerError, LostError
from newsspider.ledger.leases import CLOCK
from newsspider.ledger.postgres import SILENT, engine, failure
from newsspider.ledger.postgres import Error as DriverError
from newsspider.ledger.run import Run
from newsspider.ledger.tables import paces

LONGEST = 8.0
"""Seconds after which an answer is no longer waited for, whatever the reason."""
KEEP = 2.0
"""Seconds: when the next turn is further away, the connection is given back: many workers of a slow site need few."""

TIME = cast(CLOCK, Float)
HOST: BindParameter[str] = bindparam("host")
AFTER, SPAN = bindparam("after", type_=Float), bindparam("span", type_=Float)
NOW, HELD = cast(0, Float), paces.c.hold - TIME
TAKE = (
    insert(paces)
    .values(host=HOST, next=TIME + AFTER + SPAN, hold=0)
    .on_conflict_do_update(
        index_elements=[paces.c.host],
        set_={"next": func.greatest(paces.c.next, paces.c.hold, TIME + AFTER) + SPAN},
    )
    .returning(paces.c.next - SPAN - TIME, HELD)
)
LOOK = select(NOW, HELD).where(paces.c.host == HOST)
HOLD = (
    insert(paces)
    .values(host=HOST, next=TIME, hold=TIME + AFTER)
    .on_conflict_do_update(index_elements=[paces.c.host], set_={"hold": func.greatest(paces.c.hold, TIME + AFTER)})
    .returning(NOW, HELD)
)
"""Each tells the seconds to the first turn, and to the end of the hold."""
Answer = TypeVar("Answer")


class SharedPace:
    """DOWNLOAD_PACE: the `Pace` of the download room. What goes wrong here ends the run: nothing leaves unasked."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.engine = engine(run.database.url, writes=False)
        self.connection: Connection | None = None
        self._one = asyncio.Lock()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        pace = cls(LedgerAddon.run_of(crawler))
        crawler.signals.connect(pace.close, signals.spider_closed)
        return pace

    async def take(self, host: str, number: int, delay: float, after: float) -> tuple[float, float] | None:
        return await self._ask(TAKE, host=host, span=number * delay, after=after)

    async def look(self, host: str) -> tuple[float, float] | None:
        return await self._ask(LOOK, host=host)

    async def hold(self, host: str, seconds: float) -> None:
        await self._ask(HOLD, host=host, after=seconds)

    def close(self) -> None:
        if not self._one.locked():
            self._leave()

    async def _ask(self, statement: Executable, **values: Any) -> tuple[float, float] | None:
        try:
            async with self._one:
                if self.run.broken:
                    return None
                return await asyncio.wait_for(_aside(partial(self._execute, statement, values)), LONGEST)
        except LedgerError as error:
            self.run.stop(error)
        except Exception as error:  # whatever it is: nothing leaves any more, and the run would last for ever
            told = SILENT.format("") if isinstance(error, TimeoutError) else f"{type(error).__name__}: {error}"
            self.run.stop(LedgerError(f"the ledger {self.run.database.name}: {told}"))
        return None

    def _execute(self, statement: Executable, values: Mapping[str, Any]) -> tuple[float, float]:
        """In the thread. Raises LedgerError."""
        end = monotonic() + PATIENCE
        while True:
            try:
                return self._answer(statement, values)
            except (SQLAlchemyError, DriverError) as error:
                self._leave()
                cause = error.orig if isinstance(error, DBAPIError) else error
                found = failure(cause, f"the ledger {self.run.database.name}")
                if not isinstance(found, LostError) or monotonic() > end:
                    raise found from error
                sleep(PAUSE)

    def _answer(self, statement: Executable, values: Mapping[str, Any]) -> tuple[float, float]:
        if self.connection is None:
            self.connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        first, held = self.connection.execute(statement, values).first() or (0.0, -inf)
        now = monotonic()
        if first > KEEP:
            self._leave()
        return now + first, now + held

    def _leave(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            with suppress(SQLAlchemyError, DriverError):  # it may be cut
                connection.close()


async def _aside(work: Callable[[], Answer]) -> Answer:
    """In a thread that no end of the process waits for."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Answer] = loop.create_future()

    def tell(how: Callable[[], None]) -> None:
        if not future.done():
            how()

    def run() -> None:
        try:
            told = partial(future.set_result, work())
        except Exception as error:
            told = partial(future.set_exception, error)
        with suppress(RuntimeError):  # the loop is no more
            loop.call_soon_threadsafe(tell, told)

    Thread(target=run, daemon=True).start()
    return await future
