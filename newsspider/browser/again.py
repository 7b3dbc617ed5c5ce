"""An article whose plain page is empty is asked for once more, rendered; what follows from a rendered page is, too."""

from collections.abc import AsyncIterator, Iterable
from functools import partial
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from newsspider.browser import RENDERED
from newsspider.items import Article
from newsspider.pipelines.required import missing


class AgainMiddleware:
    """Spider middleware, inside the ledger's: to it, this is one more request on the way to the same page."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.empty = crawler.settings["BROWSER_WHEN"] == "empty"

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        rendered = response.meta.get(RENDERED) and response.meta.get("kind") == "article"
        async for each in result:
            if rendered and isinstance(each, Request):
                yield self._rendered(each)
            elif not rendered and self.empty and isinstance(each, Article) and self._may_be_completed(each, response):
                self.crawler.stats.inc_value("browser/asked")
                yield self._rendered(self._request(each, response))
            else:
                yield each

    def _may_be_completed(self, article: Article, response: Response) -> bool:
        """Without a script no browser makes more of it: a gallery, a block page, an error with status 200."""
        return missing(article) is not None and b"<script" in response.body.lower()

    def _request(self, article: Article, response: Response) -> Request:
        """From the beginning, as if it were asked for the first time: that is where the whole text is."""
        spider: Any = self.crawler.spider
        request: Request = spider.request_for("article", response.cb_kwargs["url"], None)
        return request

    def _rendered(self, request: Request) -> Request:
        if not request.meta.get(RENDERED):
            request.meta[RENDERED] = True
            request.errback = partial(self._failed, request.errback)
        return request

    def _failed(self, errback: Any, failure: Failure) -> Iterable[Any]:
        """Another way to a rendered article goes through the browser, too, or both would follow each other for ever."""
        return [self._rendered(each) if isinstance(each, Request) else each for each in errback(failure) or ()]
