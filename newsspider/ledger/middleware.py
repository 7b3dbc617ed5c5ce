"""What came of each page: written down before anything follows from it.

Outside of all other spider middlewares: it drains a callback's output, commits, and only then lets it pass. Requests
for other pages than the one at hand never pass: they are owed now, and the feeder asks for them.
"""

from collections.abc import AsyncIterator, Iterable
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from newsspider.items import Article
from newsspider.ledger.addon import LedgerAddon
from newsspider.ledger.feeder import Feeder
from newsspider.ledger.frontier import Asked, Index, found
from newsspider.ledger.heartbeat import TakenOverError
from newsspider.ledger.outcomes import SITE, Outcome, outcome
from newsspider.ledger.run import Run
from newsspider.ledger.watch import Watch

TOLD = "told"
"""Meta key: the errback has said what came of it."""
VALIDATORS = frozenset((b"Etag", b"Last-Modified"))
"""RFC 9110, 8.8; as Scrapy spells them."""
NO_ITEM = Outcome("failed", "no article in it")


class LedgerMiddleware:
    """Spider middleware; `meta["asked"]` of a request is the page that it is for."""

    def __init__(self, run: Run, feeder: Feeder, watch: Watch) -> None:
        self.run = run
        self.watch = watch
        self.feeder = feeder
        feeder.errback = self.failed

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        feeder = crawler.get_extension(Feeder)
        assert feeder
        run = LedgerAddon.run_of(crawler)
        middleware = cls(run, feeder, Watch(crawler, run, crawler.settings.getfloat("PAGE_DEADLINE")))
        crawler.signals.connect(middleware.dropped, signals.item_dropped)
        crawler.signals.connect(middleware.item_error, signals.item_error)
        return middleware

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """The first pages are written down, too; nothing is asked for from here."""
        first = [found(request) async for request in start]
        with self.run.writing():
            if not self.run.delivered:
                self.feeder.begin(first)
        for request in list[Request]():
            yield request

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        with self.watch.over(response.meta["asked"]):
            output = [each async for each in result]
        if response.meta.pop(TOLD, False):
            return
        for each in self.passed(response.meta["asked"], output, response):
            yield each

    def process_spider_exception(self, response: Response, exception: Exception) -> None:
        if not isinstance(exception, HttpError):
            self._raised(response.meta["asked"], exception)

    def failed(self, errback: Any, failure: Failure) -> Iterable[Any]:
        """In the place of a request's own errback, which is asked first whether it has another way to the article."""
        page: Asked = failure.request.meta["asked"]  # type: ignore[attr-defined]  # Scrapy sets it
        if isinstance(failure.value, TakenOverError):
            return []
        why = outcome(failure.value)
        if why.state == "unchanged" or (why.state in SITE and self.feeder.outage.hopes(page)):
            output = []
        else:
            output = self._asked_errback(errback, failure, page)
        if output:
            # Scrapy hands what an errback says of an HttpError to process_spider_output, and of nothing else.
            return output if isinstance(failure.value, HttpError) else self.passed(page, output, None)
        failure.request.meta[TOLD] = True  # type: ignore[attr-defined]
        self.feeder.settle(page, why)
        return []

    def _asked_errback(self, errback: Any, failure: Failure, page: Asked) -> list[Any]:
        try:
            return list(errback(failure) or ())
        except Exception as error:
            self._raised(page, error)
            raise

    def passed(self, page: Asked, output: list[Any], response: Response | None) -> list[Any]:
        if page.id not in self.run.asked[page.kind] or self.run.broken:
            return []
        self.feeder.outage.answered()
        if page.kind == "index":
            self._read(page, output)
            return []
        if not output:
            reason = response.meta.get("reason") if response else None
            self.feeder.settle(page, Outcome("failed", reason) if reason else NO_ITEM)
        return [self._through(page, each, response) for each in output]

    def _read(self, page: Asked, output: list[Request]) -> None:
        pages = [(found(request), request) for request in output]
        articles = {each.url: request for each, request in pages if each.kind == "article"}
        further = [Index(each.url, each.walk or {}) for each, _ in pages if each.kind == "index"]
        with self.run.writing():
            self.run.frontier.read(page, list(articles), further)
            self.run.asked["index"].pop(page.id)
        self.feeder.more(articles)

    def _through(self, page: Asked, each: Any, response: Response | None) -> Any:
        if isinstance(each, Request):
            return self.feeder.mine(page, each)
        if isinstance(each, Article):
            self.run.carried[id(each)] = page
            if response is not None and not VALIDATORS.isdisjoint(response.headers):
                self.run.headers[page.id] = (_header(response, "ETag"), _header(response, "Last-Modified"))
        return each

    def dropped(self, item: Any, exception: Exception) -> None:
        self._lost(item, str(exception) or "dropped")

    def item_error(self, item: Any, failure: Failure) -> None:
        self._lost(item, _told(failure.value))

    def _lost(self, item: Any, reason: str) -> None:
        if page := self.run.carried.pop(id(item), None):
            same = item.url != page.url  # this page leads to another article, which is here already
            self.run.settle(page, Outcome("unchanged" if same else "failed", reason))

    def _raised(self, page: Asked, error: Exception) -> None:
        self.feeder.settle(page, Outcome("failed", _told(error)))


def _header(response: Response, name: str) -> str | None:
    """None also where it cannot be sent back, nor stored in every database."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value and b"\0" not in value else None


def _told(error: BaseException | None) -> str:
    """What it quotes of a page may be more than a database takes."""
    told = f"{type(error).__name__}: {error}".replace("\0", "")
    return told.encode("utf-8", "replace").decode()
