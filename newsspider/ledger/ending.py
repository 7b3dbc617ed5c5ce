"""How a run ends: feeds published when the job is done, the exit code, one line, and run.json beside the feeds."""

import asyncio
import json
import logging
import os
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn, Self

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.signals import spider_closed

from newsspider.exits import FINISHED, NOT_FINISHED, OBJECTED, OF_REASON
from newsspider.feeds import whole
from newsspider.feeds.uris import WORKERS
from newsspider.ledger import signals
from newsspider.ledger.addon import LedgerAddon
from newsspider.ledger.database import stamp
from newsspider.ledger.errors import LedgerError, OvertakenError
from newsspider.ledger.exporter import LedgerExporter
from newsspider.ledger.findings import Finding, objection
from newsspider.ledger.lead import GOING_ON
from newsspider.ledger.run import NAMES, Run
from newsspider.ledger.search import fill_search

logger = logging.getLogger(__name__)


class Ending:
    """Extension; `run/exitcode` and `run/summary` in the stats are for the command and the last line."""

    def __init__(self, crawler: Crawler, run: Run) -> None:
        self.crawler = crawler
        self.run = run
        self.record: dict[str, Any] = {}
        """What run.json says."""
        self.ended: tuple[int, str] | None = None
        """Exit code and last line, when they are written down."""
        self._settled = asyncio.Event()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        run = LedgerAddon.run_of(crawler)
        ending = cls(crawler, run)
        crawler.signals.connect(ending.closed, spider_closed)
        return ending

    @property
    def _exporter(self) -> LedgerExporter | None:
        return self.crawler.get_extension(LedgerExporter)

    async def closed(self, spider: Spider, reason: str) -> None:
        try:
            code, told = await self._end(spider, reason)
        except LedgerError as error:
            code, told = self._broken(spider, error)
        except Exception as error:  # or the run would say that all is well
            logger.exception("the end of the run failed")
            code, told = self._broken(spider, LedgerError(f"{type(error).__name__}: {error}"))
        self.ended = code, told
        self.crawler.stats.set_value("run/exitcode", code)
        self.crawler.stats.set_value("run/summary", told)
        self._settled.set()
        if self.run.lead.mine or code:  # of a job that several share, the one that published it tells
            await self._send(signals.ended, record=self.record)
        self.run.close()

    async def settled(self) -> None:
        """Returns when an end that has begun is written down, and at once where none has."""
        slot = self.crawler.engine._slot
        if slot and slot.closing:
            await self._settled.wait()

    async def _send(self, signal: object, **more: Any) -> None:
        await self.crawler.signals.send_catch_log_async(signal, run=self.run, **more)

    def cut(self, reason: str) -> tuple[int, str]:
        """The run ends here and now, whatever is still on its way; exit code and last line."""
        if self.ended:
            return self.ended
        spider = self.crawler.spider
        assert spider
        try:
            if self.run.broken:
                raise self.run.broken
            if self.run.delivered:
                return self._finish(spider)
            return self._leave_open(spider, reason, self.run.frontier.owed())
        except LedgerError as error:
            return self._broken(spider, error)

    def leave(self, reason: str) -> NoReturn:
        """Cut, and no process any more."""
        code, told = self.cut(reason)
        assert self.crawler.spider
        sys.stderr.write(f"{self.crawler.spider.name}: {told}\n")
        sys.stderr.flush()
        os._exit(code)

    def _broken(self, spider: Spider, error: LedgerError) -> tuple[int, str]:
        """As much as can still be written down."""
        with suppress(Exception):
            self._write_down(spider, str(error), error.exitcode, [], None, str(error))
        with suppress(Exception):
            self._write_record()
        return error.exitcode, str(error)

    async def _end(self, spider: Spider, reason: str) -> tuple[int, str]:
        if self.run.broken:
            raise self.run.broken
        owed, state = self.run.frontier.owed(), self.run.jobs.state(self.run.job.id)
        if state == "abandoned":
            return self._leave_open(spider, state, owed)
        if state not in GOING_ON and not self.run.delivered:
            return await self._finished_elsewhere(spider)
        if reason != "finished" or owed:
            if self.run.lead.mine:
                await self._send(signals.judging)
            return self._leave_open(spider, reason, owed)
        if not self.run.delivered:
            if not await self._delivered(spider):
                return self._leave_open(spider, "lost", owed)
            self.run.delivered = self.run.job.id
            await fill_search(self.run.database)
        self._object()
        await self._send(signals.judging)
        return self._finish(spider)

    async def _delivered(self, spider: Spider) -> bool:
        """Whether it was this run that did."""
        if not self.run.lead.closes():
            return False
        self.run.lists_by_others = self.run.database.shared and self.run.frontier.lists_by_others()
        try:
            await self._deliver_own(spider)
            await self._deliver(spider)
        except OvertakenError:
            self.run.lead.mine = False
            return False
        return True

    async def _finished_elsewhere(self, spider: Spider) -> tuple[int, str]:
        """Another worker published the job."""
        self.run.lead.mine = False
        await self._deliver_own(spider)
        feeds = self.run.jobs.feeds(self.run.job.id)
        places = ", ".join(f"{feed['path']} ({feed['rows']})" for feed in feeds)
        by = self.run.jobs.leader(self.run.job.id)
        told = f"finished by another worker ({by}); {self.run.counted(0)}; {places or 'nothing new'}"
        self._write_down(spider, "finished", FINISHED, feeds, 0, told)
        self._write_record()
        return FINISHED, told

    async def _deliver_own(self, spider: Spider) -> None:
        """What it stored itself, where that is not all that the job delivers."""
        wanted = self.run.database.shared and self.crawler.settings.getbool("WORKER_FEEDS")
        if self._exporter and wanted and self.run.articles.by_others(self.run.job.id):
            await self._exporter.deliver_own(spider)

    def _finish(self, spider: Spider) -> tuple[int, str]:
        code, feeds = OBJECTED if self.run.findings else FINISHED, self.run.jobs.feeds(self.run.job.id)
        told = self._told(feeds)
        self._write_down(spider, "finished", code, feeds, 0, told)
        self._write_record()
        return code, told

    def _leave_open(self, spider: Spider, reason: str, owed: int) -> tuple[int, str]:
        code = NOT_FINISHED if reason == "finished" else OF_REASON.get(reason, NOT_FINISHED)
        told = self.run.unfinished(reason, owed, self.run.articles.count(self.run.job.id))
        self._write_down(spider, reason, code, [], owed, told)
        self._write_record()
        return code, told

    def _write_down(
        self, spider: Any, reason: str, code: int, feeds: list[dict[str, Any]], owed: int | None, told: str
    ) -> None:
        findings = [asdict(finding) for finding in self.run.findings]
        self.record = {
            "spider": spider.name,
            "job": self.run.job.id,
            "job_started": stamp(self.run.job.started),
            "run": self.run.id,
            "ledger": self.run.database.name,
            "arguments": spider.given,
            "counts": {name: self.run.counts[name] for name in NAMES} | {"owed": owed},
            "findings": findings,
            "feeds": feeds,
            "reason": reason,
            "exitcode": code,
        }
        counts = {**self.run.counts, "owed": owed}
        if taken_over := self.run.frontier.leases.taken_over:
            counts["taken_over"] = taken_over
        stats = {**self.crawler.stats.get_stats(), "run/summary": told}
        self.run.jobs.end_run(self.run.id, reason, code, counts=counts, stats=stats, findings=findings)

    async def _deliver(self, spider: Spider) -> None:
        if self.run.database.shared and self.run.publication.resume(self.run.job.id, self.run.id):
            return
        exporter, stored = self._exporter, self.run.articles.count(self.run.job.id)
        if exporter and (stored or self.crawler.settings.getbool("FEED_STORE_EMPTY")):
            await exporter.deliver(spider)
        else:
            self.run.publication.publish(self.run.job.id, [], self.run.id)

    def _object(self) -> None:
        """To what the ledger itself knows."""
        stats, unread = self.crawler.stats, self.run.frontier.given_up()
        read, found = stats.get_value("index/pages", 0), stats.get_value("index/listed", 0)
        if read and not found and not self.run.lists_by_others:
            told = f"no article on any of {read} lists: has the site changed?"
            self.run.findings.append(Finding(name="index/listed", told=told, today=0))
        if unread:
            told = f"{unread} lists could not be read and were given up, see scrapy owed"
            self.run.findings.append(Finding(name="index/unread", told=told, usual=0, today=unread))

    def _told(self, feeds: list[dict[str, Any]]) -> str:
        places = ", ".join(f"{_near(str(feed['path']))} ({feed['rows']})" for feed in feeds)
        but = objection(self.run.findings, "run.json")
        return f"finished{but}; {self.run.counted(0)}; {places or self._nothing()}"

    def _nothing(self) -> str:
        if self.run.articles.count(self.run.job.id):
            return "delivered"
        told, before = "nothing new, the feeds are as they were", self.run.frontier.stored_before
        again = f"; what was found ({before}) was stored before: scrapy export -O FILE gives what is there"
        return f"{told}{again}" if before else told

    def _write_record(self) -> None:
        """run.json."""
        assert self.crawler.spider
        for folder in self._folders(self.crawler.spider):
            try:
                folder.mkdir(parents=True, exist_ok=True)
                whole.write(folder / "run.json", json.dumps(self.record, ensure_ascii=False, indent=2) + "\n")
            except OSError as error:
                raise LedgerError(f"{folder / 'run.json'} cannot be written: {error.strerror}") from None

    def _folders(self, spider: Spider) -> list[Path]:
        exporter = self._exporter
        found = {path.parent for path in exporter.paths(spider)} if exporter else set()
        return sorted(found if self.run.lead.mine else {each / WORKERS / self.run.mark for each in found})


def _near(path: str) -> str:
    """As seen from here."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path
