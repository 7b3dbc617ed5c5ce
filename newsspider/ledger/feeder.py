"""Which page next? The ledger is the queue: a few pages at a time go from it to the scheduler when that is empty."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider

from newsspider.ledger.addon import LedgerAddon
from newsspider.ledger.frontier import Asked, found
from newsspider.ledger.lead import Rest
from newsspider.ledger.outage import Outage
from newsspider.ledger.outcomes import SITE, Outcome
from newsspider.ledger.patience import Patience
from newsspider.ledger.run import Run

ARTICLES_AT_ONCE = 32
INDEXES_AT_ONCE = 4
"""Only where no article is owed, so that what was found does not pile up."""


class Feeder:
    """Extension."""

    errback: Callable[..., Any]
    """Takes a request's own errback and the failure; the middleware's."""

    def __init__(self, crawler: Crawler, run: Run) -> None:
        self.crawler = crawler
        self.run = run
        self.outage = Outage(crawler, run, self.ask)
        self.patience = Patience(self.look, run.lead.lease / 3)
        self._dry = False
        self._made: dict[str, Request] = {}
        """By URL: the spider's own requests for what was found last, which need not be made again."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        feeder = cls(crawler, LedgerAddon.run_of(crawler))
        spider: Any = crawler.spider
        crawler.signals.disconnect(spider.go_on, signals.spider_idle)  # `idle` asks its limit
        crawler.signals.connect(feeder.feed, signals.scheduler_empty)
        crawler.signals.connect(feeder.idle, signals.spider_idle)
        return feeder

    def begin(self, first: list[Asked]) -> None:
        """The job's own first pages, and what is due of earlier ones."""
        spider: Any = self.crawler.spider
        if not self.run.job.bounded:
            spider.newest_pages = None
        self.run.frontier.rereads = bool(spider.arguments.limit)
        leads = self.run.lead.take()
        self.run.frontier.begin(first, anew=leads)
        if leads:
            self.run.revisit(LedgerAddon.revisit_of(self.crawler))
        if self.run.database.shared:
            self.run.complete_others()

    def more(self, made: Mapping[str, Request]) -> None:
        """Something new is owed; the requests for the articles among it, by URL."""
        self._made |= made
        self._dry = False

    def feed(self) -> None:
        if not (self._dry or self.run.broken or self.run.delivered or self.outage.lasts):
            self._dry = not self._feed()
            if self._dry and self.run.database.shared:
                self.patience.wait()

    def look(self) -> None:
        """Another run may have found something, or be no more."""
        self._dry = False
        if slot := self.crawler.engine._slot:
            slot.nextcall.schedule()

    def _reads_lists(self) -> bool:
        """Lists that follow each other are read by the run that leads, for it knows what was on those before."""
        arguments = self.crawler.spider.arguments  # type: ignore[union-attr]  # a NewsSpider
        return self.run.lead.mine or bool(arguments.days and not arguments.limit)

    def _feed(self) -> bool:
        frontier, asked = self.run.frontier, self.run.asked
        with self.run.writing():
            pages = list(frontier.articles(ARTICLES_AT_ONCE, asked["article"]))
            if not pages and self._reads_lists():
                self._made.clear()
                pages = list(frontier.indexes(INDEXES_AT_ONCE, asked["index"].keys() | self.run.unread))
            if pages:
                self.patience.reset()
            for page in pages:
                self.ask(page)
            return bool(pages)
        return False

    def ask(self, page: Asked, *, again: bool = False) -> None:
        """`again`: it had all its tries in this run before, one more is enough."""
        spider: Any = self.crawler.spider
        made = self._made.pop(page.url, None)
        request = self.mine(page, made or spider.request_for(page.kind, page.url, page.walk))
        if again:
            request.meta["max_retry_times"] = 0
        if page.etag:
            request.headers["If-None-Match"] = page.etag
        if page.modified:
            request.headers["If-Modified-Since"] = page.modified
        self.run.asked[page.kind][page.id] = page
        self.crawler.engine.crawl(request)

    def mine(self, page: Asked, request: Request) -> Request:
        """The request is for this page, and its failure is told here first."""
        request.meta["asked"] = page
        request.errback = partial(self.errback, request.errback)
        return request

    def settle(self, page: Asked, outcome: Outcome) -> None:
        """A page without an item. Whether it is the site's fault shows later."""
        if page.id not in self.run.asked[page.kind] or self._ends_without(outcome):
            return
        if outcome.state in SITE:
            self.outage.unanswered(page, outcome)
        else:
            self.outage.answered()
            self.run.settle(page, outcome)

    def _ends_without(self, outcome: Outcome) -> bool:
        """What cannot be had while the run ends is still owed."""
        slot = self.crawler.engine._slot
        return outcome.state == "failed" and slot is not None and slot.closing is not None

    def idle(self) -> None:
        """Close only when nothing is owed that could still be had. Raises DontCloseSpider."""
        if self.run.broken or self.run.delivered:
            return
        self.feed()
        if not self.crawler.engine.spider_is_idle() or self.outage.waits():
            raise DontCloseSpider
        if self._within_limit():
            raise DontCloseSpider
        for kind in self.run.asked.values():
            for page in list(kind.values()):
                self.run.settle(page, Outcome("failed", "it was dropped before it was asked for"))
        with self.run.writing():
            if self.run.lead.rest() is Rest.WAIT:
                self.patience.wait()
                raise DontCloseSpider

    def _within_limit(self) -> bool:
        """Where a limit holds pages back and fewer articles came than there may be: some of them are owed now."""
        spider: Any = self.crawler.spider
        if not self.run.lead.mine:
            return False
        with self.run.writing():
            further = [found(request) for request in spider.limit.more(self.run.articles.count(self.run.job.id))]
            self.run.frontier.begin(further)
            self._dry = False
            self.feed()
            return not self.crawler.engine.spider_is_idle()
        return False
