"""Who is called at the end of a run."""

import logging
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from newsspider.alerts.side_by_side import all_of
from newsspider.alerts.told import told
from newsspider.alerts.ways import ALWAYS, WELL, WRONG, Way, lacking, switched_on
from newsspider.exits import FINISHED, NOT_FINISHED, OBJECTED, OUTPUT_FAILED, of_stats
from newsspider.ledger.addon import LedgerAddon
from newsspider.ledger.signals import ended

logger = logging.getLogger(__name__)

ALARMING = (OBJECTED, NOT_FINISHED, OUTPUT_FAILED)


class Calls:
    """Extension."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.ways = list(self._ready())

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        calls = cls(crawler)
        if crawler.get_addon(LedgerAddon):
            crawler.signals.connect(calls.ended, ended)
        else:
            crawler.signals.connect(calls.closed, signals.spider_closed)
        return calls

    def _ready(self) -> Iterator[Way]:
        for way in switched_on(self.crawler.settings):
            if what := lacking(way, self.crawler.settings):
                logger.warning("%s %s; nothing will be sent that way", way.switch, what)
            else:
                yield way

    async def closed(self, spider: Spider, reason: str) -> None:
        """Without a ledger the stats tell what there is to tell, the monitors' `run/exitcode` before all."""
        stats = {**self.crawler.stats.get_stats(), "finish_reason": reason}
        counts, findings = {"new": stats.get("item_scraped_count", 0)}, stats.get("run/findings", [])
        record = {"spider": spider.name, "counts": counts, "findings": findings, "reason": reason}
        await self.ended({**record, "exitcode": stats.get("run/exitcode", of_stats(stats))})

    async def ended(self, record: dict[str, Any]) -> None:
        """`record` is what run.json says."""
        now = occasions(record)
        stats = dict(self.crawler.stats.get_stats())
        calls = {way.name: partial(self._call, way, record, stats) for way in self.ways if way.when in now}
        results = await all_of(calls, self.crawler.settings.getfloat("ALERT_TIMEOUT"))
        for name, error in results.items():
            if error:
                logger.warning("%s failed: %s", name, told(error, self.crawler.settings))

    def _call(self, way: Way, record: dict[str, Any], stats: dict[str, Any]) -> None:
        """In a thread of its own; what it takes is imported only now."""
        module = import_module(f"newsspider.alerts.{way.module}")
        module.call(way.to, self.crawler.settings, record, stats)


def occasions(record: dict[str, Any]) -> set[str]:
    """What kind of an end it was; one that was asked for, by a signal or RUN_DEADLINE, is neither WELL nor WRONG."""
    code, reason = record["exitcode"], record["reason"]
    if code == FINISHED:
        return {ALWAYS, WELL}
    asked_for = reason == "shutdown" or (reason == "deadline" and not record["findings"])
    return {ALWAYS, WRONG} if code in ALARMING and not asked_for else {ALWAYS}
