"""The end of a run waits for what is on the wire, and for no delay: requests still in the queue go back at once."""

from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import create_looping_call

from newsspider.download.queue import postpone

LOOK_EVERY = 1.0
"""Seconds; nothing signals that an end was asked for."""


class Closing:
    """Extension."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.loop = create_looping_call(self._look)
        crawler.signals.connect(self._start, signals.spider_opened)
        crawler.signals.connect(self._stop, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _start(self) -> None:
        self.loop.start(LOOK_EVERY, now=False)

    def _look(self) -> None:
        engine = self.crawler.engine
        if engine and engine._slot and engine._slot.closing:
            postpone(engine)

    def _stop(self) -> None:
        if self.loop.running:
            self.loop.stop()
