"""When the run is over: its counts are written down, the monitors run, what they object to becomes its findings."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.utils.misc import load_object

from newsspider.exits import OBJECTED
from newsspider.ledger.addon import LedgerAddon
from newsspider.ledger.findings import Finding, objection
from newsspider.ledger.history import Past
from newsspider.ledger.run import Run
from newsspider.ledger.signals import judging
from newsspider.monitor import earlier
from newsspider.monitor.case import Case
from newsspider.monitor.collect import Collect
from newsspider.monitor.figures import REQUIRED, Stats, number
from newsspider.monitor.harmless import harmless
from newsspider.monitor.judgement import Bounds, Judgement
from newsspider.monitor.keep import Keeper
from newsspider.monitor.kinds import judged, kind

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
        finished = self._finished and not run.frontier.owed()
        dropped = sum(number(self._stats, f"dropped/{reason}") for reason in REQUIRED)
        counts = {"known": run.frontier.stored_before}
        counts["failed"] = max(run.counts["failed"] + run.counts["gone"] - dropped, 0)
        if run.job.walk is not None and not run.job.bounded and finished:
            counts["met"] = int(run.frontier.met)
        today, now = self._written(counts), datetime.now(UTC)
        mine = kind(self.spider.given, now.date())
        like = earlier.like(run.database, run.id, self.spider.name, mine, now)
        past = earlier.telling(run.database, like, self.bounds.runs, self.bounds.articles)
        for finding in self._found(today, past, like, now, finished, run.counts["new"], list(run.lost)):
            _add(run.findings, finding)

    @harmless
    def judge_alone(self, **_: Any) -> None:
        """By the fixed bounds alone. Says it where nobody else does."""
        failed = sum(count for name, count in self._stats.items() if name.startswith(FAILURES))
        today = self._written({"known": 0, "failed": failed})
        found = self._found(today, [], [], datetime.now(UTC), self._finished, number(today, "monitor/articles"), [])
        for finding in found:
            logger.warning("%s: %s; %s", finding.name, finding.told, ", ".join(finding.examples))
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

    def _found(
        self,
        today: Stats,
        past: Sequence[Stats],
        like: Sequence[Past],
        now: datetime,
        finished: bool,
        new: int,
        lost: Sequence[str],
    ) -> list[Finding]:
        if not judged(self.spider.given):
            return []
        case = Case(
            judgement=Judgement(today, past, self.bounds),
            pages=self._collect.pages,
            site=self.spider.article,
            kind=kind(self.spider.given, now.date()),
            earlier=like,
            now=now,
            new=new,
            finished=finished,
            lost=lost,
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
