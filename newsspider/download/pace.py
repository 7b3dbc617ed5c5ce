"""All who crawl a site at once are one: a request leaves when it is its turn, and turns are what they have agreed on.

DOWNLOAD_PACE names a class that knows of the agreement, built with the crawler; the ledger gives it. Without one, each
process keeps to its own delay.
"""

import logging
from collections import deque
from collections.abc import Awaitable, Coroutine
from math import inf
from time import monotonic
from typing import Any, Protocol

from scrapy import Request
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import call_later
from scrapy.utils.defer import _schedule_coro
from scrapy.utils.misc import build_from_crawler, load_object

from newsspider.download.bound import BoundedDownloader
from newsspider.download.pause import Pause

AHEAD = 1.0
"""Seconds of turns that are taken together at most: they are lost to the others when nothing leaves."""
FRESH = 1.0
"""Seconds after which it is looked whether another one was told to wait, before the next request leaves."""
PATIENCE = 3
"""Batches without a larger one, after turns were lost because nothing could leave."""
LATE = 0.05
"""Seconds that a turn is good for at least: the event loop may be busy."""

logger = logging.getLogger(__name__)


Agreed = tuple[float, float]
"""By `time.monotonic`: when the first turn is, and until when nobody may ask the host (it may be over)."""


class Pace(Protocol):
    """What all have agreed on. None: nobody can tell, and the run is being ended."""

    async def take(self, host: str, number: int, delay: float, after: float) -> Agreed | None:
        """So many turns, so many seconds apart; the first of them in `after` seconds at the earliest."""

    async def look(self, host: str) -> Agreed | None:
        """Takes none."""

    async def hold(self, host: str, seconds: float) -> None:
        """Nobody asks the host for so long."""


class Turns:
    """Of one host: those that are this process's."""

    def __init__(self) -> None:
        self.moments: deque[float] = deque()
        self.delay = 0.0
        self.hold = 0.0
        self.seen = -inf
        """When it was last asked for what is agreed."""
        self.number = self.used = 0
        """Of those that were taken last."""
        self.patience = 0

    def took(self, first: float, number: int, delay: float) -> None:
        self.moments = deque(first + each * delay for each in range(number))
        self.delay, self.number, self.used = delay, number, 0

    def next(self, earliest: float) -> float | None:
        """The first that is not over at the earliest moment that it could be used."""
        good = max(self.delay, LATE)
        while self.moments and (self.moments[0] < self.hold or self.moments[0] + good < earliest):
            self.moments.popleft()
        return self.moments[0] if self.moments else None

    def use(self) -> None:
        self.moments.popleft()
        self.used += 1

    def wanted(self, delay: float) -> int:
        """How many to take: as many as could be used of the last ones; a few more, where hardly any was lost lately."""
        lost = self.number - self.used > self.number // 8
        self.patience = PATIENCE if lost else max(0, self.patience - 1)
        number = self.used if self.patience else 5 * self.used // 4 + 1
        return max(1, min(number, int(AHEAD / delay)))


def downloader(crawler: Crawler) -> BoundedDownloader:
    """DOWNLOADER."""
    name = crawler.settings.get("DOWNLOAD_PACE")
    if not name:
        return BoundedDownloader(crawler)
    return PacedDownloader(crawler, build_from_crawler(load_object(name), crawler))


class PacedDownloader(BoundedDownloader):
    """Its slots ask for turns; everything else, also the delay that is asked for, is Scrapy's."""

    def __init__(self, crawler: Crawler, pace: Pace) -> None:
        super().__init__(crawler)
        self.pace = pace
        self._turns: dict[str, Turns] = {}
        self._asking: set[str] = set()
        pause = crawler.get_extension(Pause)
        assert pause
        pause.told = self._hold

    def _process_queue(self, slot: Slot) -> None:
        """Without a delay there are no turns, and only a hold counts."""
        if slot.latercall or not slot.queue or slot.free_transfer_slots() <= 0:
            return
        host = slot.queue[0][0].meta[self.DOWNLOAD_SLOT]
        if host in self._asking:
            return
        turns, now, delay = self._of(host), monotonic(), slot.download_delay()
        earliest = max(now, slot.lastseen + delay)
        turn = turns.next(earliest) if delay else turns.hold
        if turn is None:
            number = turns.wanted(delay)
            self._ask(host, self.pace.take(host, number, delay, earliest - now), number, delay)
        elif (wait := max(earliest, turn) - now) > 0:
            slot.latercall = call_later(wait, self._latercall, slot)
        elif turns.seen + FRESH < now:
            self._ask(host, self.pace.look(host))
        else:
            self._send(slot, turns, delay, now)

    def _send(self, slot: Slot, turns: Turns, delay: float, now: float) -> None:
        if not delay:
            super()._process_queue(slot)
            return
        turns.use()
        slot.lastseen = now
        _schedule_coro(self._wait_for_download(slot, *slot.queue.popleft()))
        self._process_queue(slot)

    def _ask(self, host: str, answer: Coroutine[Any, Any, Agreed | None], number: int = 0, delay: float = 0.0) -> None:
        self._asking.add(host)
        _schedule_coro(self._agree(host, answer, number, delay))

    async def _agree(self, host: str, answer: Awaitable[Agreed | None], number: int, delay: float) -> None:
        turns, asked = self._of(host), monotonic()
        agreed = await answer
        if agreed is None:
            return  # and nothing is asked of the host any more
        self.crawler.stats.inc_value("download/agreed")
        first, hold = agreed
        if hold > max(asked, turns.hold + FRESH):
            logger.info("%s told another one to wait: nothing is asked for during %.1f s", host, hold - asked)
        turns.seen, turns.hold = asked, max(turns.hold, hold)
        if number:
            turns.took(first, number, delay)
        self._asking.remove(host)
        if slot := self.slots.get(host):
            self._process_queue(slot)

    def _hold(self, request: Request, seconds: float) -> None:
        """The site told this process to wait."""
        host = self.get_slot_key(request)
        self._of(host).hold = monotonic() + seconds
        _schedule_coro(self.pace.hold(host, seconds))

    def _of(self, host: str) -> Turns:
        return self._turns.setdefault(host, Turns())
