"""Nothing holds a run for ever: neither the run itself nor its end; for a page see watch.py."""

from time import monotonic
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import create_looping_call

from newsspider.ledger.addon import LedgerAddon
from newsspider.ledger.ending import Ending
from newsspider.ledger.run import Run
from newsspider.ledger.seconds import seconds

LOOK_EVERY = 0.5
LONGEST_END = 4.0
"""Seconds that a run which is to end waits for pages on the wire; they stay owed."""


class Deadline:
    """Extension. RUN_DEADLINE ends the run in good order; an end that is held up by a page is not waited for."""

    def __init__(self, crawler: Crawler, run: Run) -> None:
        self.crawler, self.run = crawler, run
        span = crawler.settings.get("RUN_DEADLINE")
        self.end = monotonic() + seconds(str(span)) if span else None
        self.closing_since: float | None = None
        self.loop = create_looping_call(self.look)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        deadline = cls(crawler, LedgerAddon.run_of(crawler))
        crawler.signals.connect(deadline.opened, signals.spider_opened)
        crawler.signals.connect(deadline.closed, signals.spider_closed)
        return deadline

    def opened(self) -> None:
        self.loop.start(LOOK_EVERY, now=False)

    def closed(self) -> None:
        if self.loop.running:
            self.loop.stop()

    def look(self) -> None:
        slot = self.crawler.engine._slot
        if slot is None:
            return
        if slot.closing is None:
            if self.end is not None and monotonic() > self.end:
                self.run.end("deadline")
        elif slot.inprogress:
            self.closing_since = self.closing_since or monotonic()
            if monotonic() - self.closing_since > LONGEST_END:
                self._leave()

    def _leave(self) -> None:
        """What is on the wire is owed, and the ledger does not mind a kill."""
        ending = self.crawler.get_extension(Ending)
        assert ending
        ending.leave(self.run.reason)
