"""What a person sees: a line that moves while a terminal watches, and one summary line at the end of every run."""

import logging
import sys
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Spider, logformatter, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.logformatter import LogFormatterResult
from scrapy.utils.asyncio import create_looping_call
from tqdm import tqdm
from twisted.python.failure import Failure

from newsspider.items import Article
from newsspider.spiders.base import NewsSpider

FAILURES = ("failed/", "spider_exceptions/count", "item_error_count")
"""Stats of pages that gave no article though they should have."""
INTERVAL = 0.5
"""Seconds between two looks at the stats."""


class LogFormatter(logformatter.LogFormatter):
    """One line where Scrapy's own prints the whole item."""

    def dropped(
        self, item: Article, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        return {
            "level": logging.WARNING,
            "msg": "%(url)s is no item: %(reason)s",
            "args": {"url": item.url, "reason": exception},
        }


class Progress:
    """Reads the stats, writes to stderr; a cron's log gets the summary alone."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.bar: tqdm[Any] | None = None
        self.loop = create_looping_call(self.look)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        progress = cls(crawler)
        crawler.signals.connect(progress.opened, signals.spider_opened)
        crawler.signals.connect(progress.closed, signals.spider_closed)
        crawler.signals.connect(progress.summary, signals.engine_stopped)
        crawler.signals.connect(progress.item_error, signals.item_error)
        return progress

    def opened(self, spider: Spider) -> None:
        if not (sys.stderr.isatty() and isinstance(spider, NewsSpider)):
            return
        days = len(spider.arguments.days) or None
        shape = "{desc} {n_fmt}/{total_fmt} days, {remaining} left{postfix}" if days else "{desc} {elapsed}{postfix}"
        self.bar = tqdm(total=days, desc=spider.name, bar_format=shape, leave=False, dynamic_ncols=True)
        self.loop.start(INTERVAL)
        for handler in logging.root.handlers:
            handler.addFilter(self._make_room)

    def _make_room(self, record: logging.LogRecord) -> bool:
        """A line of the log begins where the bar stood, which is drawn again below it."""
        if self.bar is not None:
            self.bar.clear()
        return True

    def item_error(self) -> None:
        self.crawler.stats.inc_value("item_error_count")

    def look(self) -> None:
        assert self.bar is not None
        self.bar.n = self._count("index/days_done")
        seconds = self.bar.format_dict["elapsed"] or INTERVAL
        pages = self._count("response_received_count")
        articles = self._count("item_scraped_count")
        self.bar.set_postfix_str(f"articles {articles}, pages {pages}, {pages / seconds:.1f}/s, errors {self._errors}")

    def closed(self, spider: Spider, reason: str) -> None:
        if self.bar is not None:
            self.loop.stop()
            self.bar.close()

    def summary(self) -> None:
        """After everything else has closed, so that it is the last line."""
        assert self.crawler.spider
        told = self.crawler.stats.get_value("run/summary") or self._usual_summary()
        sys.stderr.write(f"{self.crawler.spider.name}: {told}\n")

    def _usual_summary(self) -> str:
        stats = self.crawler.stats
        finished = stats.get_value("finish_time") or datetime.now(UTC)  # none where a signal cut the end
        seconds = (finished - stats.get_value("start_time")).total_seconds()
        ended = f"{stats.get_value('finish_reason', 'shutdown')}{stats.get_value('run/but', '')}"
        return (
            f"{ended}; {self._count('item_scraped_count')} articles, {self._errors} failed,"
            f" {self._count('item_dropped_count')} dropped, {self._count('response_received_count')} pages,"
            f" {seconds:.0f} s"
        )

    @property
    def _errors(self) -> int:
        stats = self.crawler.stats.get_stats()
        return sum(number for stat, number in stats.items() if stat.startswith(FAILURES))

    def _count(self, stat: str) -> int:
        number: int = self.crawler.stats.get_value(stat, 0)
        return number
