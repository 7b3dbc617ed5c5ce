"""A run that shares its ledger says again and again that it lives, or others would take what it holds."""

from time import monotonic
from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.utils.asyncio import create_looping_call

from newsspider.ledger.addon import LedgerAddon
from newsspider.ledger.run import Run

A_LEASE = 3
"""Beats."""


class TakenOverError(IgnoreRequest):
    """Another run asks for the page by now."""


class Heartbeat:
    """Extension."""

    def __init__(self, crawler: Crawler, run: Run) -> None:
        self.run = run
        self.last = monotonic()
        self.loop = create_looping_call(self.beat)
        crawler.signals.connect(self.opened, signals.spider_opened)
        crawler.signals.connect(self.stopped, signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raises NotConfigured where the run is alone."""
        run = LedgerAddon.run_of(crawler)
        if not run.database.shared:
            raise NotConfigured
        return cls(crawler, run)

    def opened(self) -> None:
        self.loop.start(self.run.lead.lease / A_LEASE)

    def stopped(self) -> None:
        if self.loop.running:
            self.loop.stop()

    def beat(self) -> None:
        self.last = monotonic()
        if not (self.run.closed or self.run.broken):
            self.run.renew()

    def check(self) -> None:
        """Now that the process may have slept."""
        if monotonic() - self.last > self.run.lead.lease:
            self.beat()


class Held:
    """Downloader middleware: what was taken over is not asked for."""

    def __init__(self, heartbeat: Heartbeat) -> None:
        self.heartbeat = heartbeat

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raises NotConfigured where the run is alone."""
        heartbeat = crawler.get_extension(Heartbeat)
        if heartbeat is None:
            raise NotConfigured
        return cls(heartbeat)

    def process_request(self, request: Request) -> None:
        self.heartbeat.check()
        page = request.meta.get("asked")
        if page and page.id not in self.heartbeat.run.asked[page.kind]:
            raise TakenOverError("another worker asks for it")
