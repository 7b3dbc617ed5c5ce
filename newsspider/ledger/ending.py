"""How a run ends: feeds published when the job is done, the exit code, one line, and run.json beside the feeds."""

import json
from pathlib import Path
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from newsspider.exits import FINISHED, NOT_FINISHED, NOT_STARTED, OBJECTED
from newsspider.ledger.addon import LedgerAddon
from newsspider.ledger.database import fill_search, stamp
from newsspider.ledger.errors import LedgerError
from newsspider.ledger.exporter import LedgerExporter
from newsspider.ledger.run import NAMES, Run


class Ending:
    """Extension; `run/exitcode` and `run/summary` in the stats are for the command and the last line."""

    def __init__(self, crawler: Crawler, run: Run) -> None:
        self.crawler = crawler
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        run = LedgerAddon.run_of(crawler)
        ending = cls(crawler, run)
        crawler.signals.connect(ending.closed, signals.spider_closed)
        return ending

    @property
    def _exporter(self) -> LedgerExporter | None:
        return self.crawler.get_extension(LedgerExporter)

    async def closed(self, spider: Spider, reason: str) -> None:
        try:
            code, told = await self._end(spider, reason)
        except LedgerError as error:
            code, told = error.exitcode, str(error)
        self.run.close()
        self.crawler.stats.set_value("run/exitcode", code)
        self.crawler.stats.set_value("run/summary", told)

    async def _end(self, spider: Spider, reason: str) -> tuple[int, str]:
        if self.run.broken:
            raise self.run.broken
        owed = self.run.frontier.owed()
        done = reason == "finished" and not owed
        if done and not self.run.delivered:
            await self._deliver(spider)
            fill_search(self.run.database)
        code = self._code(reason, done)
        feeds = self.run.jobs.feeds(self.run.job.id) if done else []
        self.run.jobs.end_run(self.run.id, reason, code, dict(self.run.counts))
        self._write_record(spider, reason, code, feeds, owed)
        return code, self._told(reason, done, owed, feeds)

    async def _deliver(self, spider: Spider) -> None:
        exporter, stored = self._exporter, self.run.articles.count(self.run.job.id)
        if exporter and (stored or self.crawler.settings.getbool("FEED_STORE_EMPTY")):
            await exporter.deliver(spider)
        else:
            self.run.publication.publish(self.run.job.id, [])

    def _code(self, reason: str, done: bool) -> int:
        if reason == "start_error":
            return NOT_STARTED
        if not done:
            return NOT_FINISHED
        stats = self.crawler.stats
        read, found = stats.get_value("index/pages", 0), stats.get_value("index/listed", 0)
        return OBJECTED if (read and not found) or self.run.unread else FINISHED

    def _told(self, reason: str, done: bool, owed: int, feeds: list[dict[str, Any]]) -> str:
        if done:
            places = ", ".join(f"{_near(str(feed['path']))} ({feed['rows']})" for feed in feeds)
            nothing = (
                "delivered" if self.run.articles.count(self.run.job.id) else "nothing new, the feeds are as they were"
            )
            return f"finished; {self.run.counted(owed)}; {places or nothing}"
        return self.run.unfinished(reason, owed, self.run.articles.count(self.run.job.id))

    def _write_record(self, spider: Any, reason: str, code: int, feeds: list[dict[str, Any]], owed: int) -> None:
        record = {
            "spider": spider.name,
            "job": self.run.job.id,
            "job_started": stamp(self.run.job.started),
            "run": self.run.id,
            "arguments": spider.given,
            "counts": {name: self.run.counts[name] for name in NAMES} | {"owed": owed},
            "feeds": feeds,
            "reason": reason,
            "exitcode": code,
        }
        for folder in self._folders(spider):
            try:
                part = folder / ".run.json.part"
                part.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", "utf-8")
                part.replace(folder / "run.json")
            except OSError as error:
                raise LedgerError(f"{folder / 'run.json'} cannot be written: {error.strerror}") from None

    def _folders(self, spider: Spider) -> list[Path]:
        exporter = self._exporter
        return sorted({path.parent for path in exporter.paths(spider)}) if exporter else []


def _near(path: str) -> str:
    """As seen from here."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path
