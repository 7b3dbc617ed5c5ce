"""Who may ask a host next, of all who crawl with one ledger in PostgreSQL: `paces` holds the moment of the next turn.

One statement takes the turns of a batch, on a connection of its own and in a thread, so that the crawl goes on. Times
are by the database's clock, and only differences leave it: no machine's own clock matters. Turns that nobody uses, also
those of a worker that was killed, are time that is lost to all.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from threading import Thread
from time import monotonic, sleep
from typing import Any, Self, TypeVar

from scrapy import signals
from scrapy.crawler import Crawler
from sqlalchemy import (
    BindParameter,
    Executable,
    Float,
    bindparam,
    cast,
    create_engine,
    extract,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, OperationalError

from newsspider.ledger.addon import LedgerAddon
from newsspider.ledger.errors import LedgerError
from newsspider.ledger.run import Run
from newsspider.ledger.tables import paces

PATIENCE = 4.0
"""Seconds in which a lost connection is made anew, as often as it takes."""
LONGEST = 6.0
"""Seconds that a database may take that is there and does not answer."""
PAUSE = 0.2
KEEP = 2.0
"""Seconds: when the next turn is further away, the connection is given back: many workers of a slow site need few."""
CONNECTION = {"application_name": "newsspider pace", "connect_timeout": "3"}

CLOCK = cast(extract("epoch", func.clock_timestamp()), Float)
HOST: BindParameter[str] = bindparam("host")
AFTER, SPAN = bindparam("after", type_=Float), bindparam("span", type_=Float)
NOW, HELD = cast(0, Float), paces.c.hold - CLOCK
TAKE = (
    insert(paces)
    .values(host=HOST, next=CLOCK + AFTER + SPAN, hold=0)
    .on_conflict_do_update(
        index_elements=[paces.c.host],
        set_={"next": func.greatest(paces.c.next, paces.c.hold, CLOCK + AFTER) + SPAN},
    )
    .returning(paces.c.next - SPAN - CLOCK, HELD)
)
LOOK = select(NOW, HELD).where(paces.c.host == HOST)
HOLD = (
    insert(paces)
    .values(host=HOST, next=CLOCK, hold=CLOCK + AFTER)
    .on_conflict_do_update(index_elements=[paces.c.host], set_={"hold": func.greatest(paces.c.hold, CLOCK + AFTER)})
    .returning(NOW, HELD)
)
"""Each tells the seconds to the first turn, and to the end of the hold."""
Answer = TypeVar("Answer")


class SharedPace:
    """DOWNLOAD_PACE: the `Pace` of the download room. What goes wrong here ends the run: nothing leaves unasked."""

    def __init__(self, run: Run) -> None:
        self.run = run
        url = run.database.url
        self.engine = create_engine(url.set(query={**CONNECTION, **url.query}), isolation_level="AUTOCOMMIT")
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
            self.engine.dispose()

    async def _ask(self, statement: Executable, **values: Any) -> tuple[float, float] | None:
        try:
            async with self._one:
                return await asyncio.wait_for(_aside(partial(self._execute, statement, values)), LONGEST)
        except Exception as error:
            self.run.stop(LedgerError(f"the ledger {self.run.database.url.render_as_string()}: {_reason(error)}"))
            return None

    def _execute(self, statement: Executable, values: Mapping[str, Any]) -> tuple[float, float]:
        """In the thread."""
        patient = monotonic() + PATIENCE
        while True:
            try:
                return self._answer(statement, values)
            except DBAPIError as error:
                lost = isinstance(error, OperationalError) or error.connection_invalidated
                if not lost or monotonic() > patient:
                    raise
                sleep(PAUSE)

    def _answer(self, statement: Executable, values: Mapping[str, Any]) -> tuple[float, float]:
        with self.engine.connect() as connection:
            first, held = connection.execute(statement, values).first() or (0.0, 0.0)
            now = monotonic()
        if first > KEEP:
            self.engine.dispose()
        return now + first, now + held


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it does not answer; run the same command again when it does"
    return str(error.orig if isinstance(error, DBAPIError) else error).splitlines()[0]


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
