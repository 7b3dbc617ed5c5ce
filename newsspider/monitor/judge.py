"""When the run is over: its counts are written down, the monitors run, what they object to becomes its findings."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.utils.misc import load_object

from newsspider.exits import OBJECTED
from newsspider.ledger.addon import LedgerAddon
from newsspider.ledger.findings import Finding, objection
from newsspider.ledger.run import Run
from newsspider.ledger.signals import judging
from newsspider.monitor import earlier
from newsspider.monitor.case import Case
from newsspider.monitor.collect import Collect
from newsspider.monitor.figures import REQUIRED, Stats, number
from newsspider.monitor.harmless import harmless
from newsspider.monitor.judgement import Bounds, Judgement
from newsspider.monitor.keep import Keeper
from newsspider.monitor.kinds import Kind, judged, kind

logger = logging.getLogger(__name__)

FAILURES = ("failed/article/", "spider_exceptions/count", "item_error_count")
"""Stats of articles that could not be had, where no ledger counts them."""


class Judge:
    """Extension. With a ledger findings go to its run; without one they go to the log and the last line."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.spider: Any = crawler.spider
        self.bounds = Bounds.of(crawler.settings)
        self.more = [load_object(path) for path in crawler.settings.getlist("MONITOR_MORE")]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        judge = cls(crawler)
        if crawler.get_addon(LedgerAddon):
            crawler.signals.connect(judge.judge, judging)
        else:
            crawler.signals.connect(judge.judge_alone, signals.spider_closed)
        return judge

    @harmless
    def judge(self, run: Run, **_: Any) -> None:
        """Adds to the run's findings; what the ledger found itself gets its examples."""
        finished, now = self._finished and not (run.frontier.owed() or run.lists_by_others), datetime.now(UTC)
        today = self._written(self._counts(run, finished=finished))
        like = earlier.like(run.database, run.id, self.spider.name, self._kind(now), now)
        past = earlier.telling(run.database, like, self.bounds.runs, self.bounds.articles)
        new, lost = run.new, list(run.lost)
        for finding in self._found(today, past, earlier=like, now=now, finished=finished, new=new, lost=lost):
            _add(run.findings, finding)

    def _counts(self, run: Run, *, finished: bool) -> dict[str, int]:
        """What the ledger knows: links that were stored before, pages that failed, whether the walk met its end."""
        dropped = sum(number(self._stats, f"dropped/{reason}") for reason in REQUIRED)
        failed = run.counts["failed"] + run.counts["gone"] - dropped
        counts = {"known": run.frontier.stored_before, "failed": max(failed, 0)}
        walks = finished and run.job.walk is not None and not run.job.bounded
        return counts | ({"met": int(run.frontier.met)} if walks else {})

    @harmless
    def judge_alone(self, **_: Any) -> None:
        """By the fixed bounds alone. Says it where nobody else does."""
        failed = sum(count for name, count in self._stats.items() if name.startswith(FAILURES))
        today = self._written({"failed": failed})
        found = self._found(today, (), earlier=(), now=datetime.now(UTC), finished=self._finished, new=0)
        for finding in found:
            logger.warning("%s: %s; %s", finding.name, finding.told, ", ".join(finding.examples))
        self.crawler.stats.set_value("run/findings", [asdict(finding) for finding in found])
        if found and self._finished:
            self.crawler.stats.set_value("run/exitcode", OBJECTED)
            self.crawler.stats.set_value("run/but", objection(found, "the lines above"))

    @property
    def _stats(self) -> Stats:
        return self.crawler.stats.get_stats()

    @property
    def _finished(self) -> bool:
        return bool(self._stats.get("finish_reason") == "finished")

    @property
    def _collect(self) -> Collect:
        collect = self.crawler.get_extension(Collect)
        assert collect
        return collect

    def _written(self, counts: dict[str, int]) -> Stats:
        self._collect.write(counts)
        return dict(self._stats)

    def _kind(self, now: datetime) -> Kind | None:
        return kind(self.spider.given, now.date())

    def _found(self, today: Stats, past: Sequence[Stats], *, now: datetime, **more: Any) -> list[Finding]:
        """`more` of the case that the monitors look at."""
        if not judged(self.spider.given):
            return []
        case = Case(
            judgement=Judgement(today, past, self.bounds),
            pages=self._collect.pages,
            site=self.spider.article,
            kind=self._kind(now),
            now=now,
            **more,
        )
        from newsspider.monitor.runner import run  # with Spidermon, which only a run's end needs

        ignored = set(self.crawler.settings.getlist("MONITOR_IGNORE"))
        keeper = Keeper(self.crawler.settings, self.spider.name)
        found = [each for each in run(self.crawler, case, self.more) if each.finding.name not in ignored]
        for each in found:
            keeper.keep(each, case.pages.lists.held)
        return [each.finding for each in found]


def _add(findings: list[Finding], found: Finding) -> None:
    """The ledger may have said the same, without examples."""
    same = next((finding for finding in findings if finding.name == found.name), None)
    if same is None:
        findings.append(found)
    else:
        same.usual, same.examples, same.kept = found.usual, found.examples, found.kept
