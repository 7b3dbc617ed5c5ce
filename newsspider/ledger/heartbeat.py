"""A run that shares its ledger says again and again that it lives, or others would take what it holds."""

from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call

from newsspider.ledger.addon import LedgerAddon
from newsspider.ledger.run import Run

A_LEASE = 3
"""Beats."""


class Heartbeat:
    """Extension."""

    def __init__(self, crawler: Crawler, run: Run) -> None:
        self.run = run
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
        if not (self.run.closed or self.run.broken):
            self.run.renew()
