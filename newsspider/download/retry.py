"""A page that was refused, damaged or lost is asked for again, after a pause."""

from typing import Self, cast

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
)
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from newsspider.download import DamagedResponseError, PostponedError, distrusted
from newsspider.download.pause import BUSY, Pause
from newsspider.download.queue import FILTERED, again
from newsspider.download.whole import damage

SITE_IS_GONE = (CannotResolveHostError, DownloadConnectionRefusedError, DownloadFailedError)
PAGE_SHARE = 0.2
"""Share of the pause where only the one page is in trouble."""


class PausingRetryMiddleware(RetryMiddleware):
    """Takes the place of Scrapy's, which tries again at once.

    Requests with NO_CALLBACK (robots.txt) are waited for in place, no scheduler can hold them: their asker tries again.
    """

    pause: Pause

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = super().from_crawler(crawler)
        pause = crawler.get_extension(Pause)
        assert pause
        middleware.pause = pause
        return middleware

    def process_request(self, request: Request) -> None:
        """Raises PostponedError."""
        if self.pause.lasts:
            raise PostponedError("not now")

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        if reason := damage(request, response):
            return self.process_exception(request, DamagedResponseError(reason)) or response
        if response.status < 500 and response.status not in BUSY:
            self.pause.over()
        if request.callback is NO_CALLBACK:
            return response
        answer = super().process_response(request, response)
        if answer is not response:
            self.pause.begin(f"{response.status} from {response.url}", share=PAGE_SHARE)
        return answer

    def process_exception(
        self, request: Request, exception: Exception, spider: Spider | None = None
    ) -> Request | Response | None:
        if request.callback is NO_CALLBACK or distrusted(exception):
            return None
        if isinstance(exception, PostponedError):
            return again(request)
        retried = cast("Request | None", super().process_exception(request, exception))
        if retried:
            reason = f"{type(exception).__name__} at {request.url}"
            self.pause.begin(reason, share=1.0 if isinstance(exception, SITE_IS_GONE) else PAGE_SHARE)
        return retried

    def _retry(self, request: Request, reason: str | Exception | type[Exception]) -> Request | None:
        retried = super()._retry(request, reason)
        if retried:
            retried.meta[FILTERED] = not request.dont_filter
        return retried
