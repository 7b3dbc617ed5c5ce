"""Scrapy's HTTP cache, told to keep everything and to make nothing up."""

from scrapy import Request, Spider
from scrapy.downloadermiddlewares.httpcache import HttpCacheMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.settings import BaseSettings

from newsspider.warc import NotInWarc

NO_DATE = "no-date"
"""Flag of a response that came without a Date, before the HTTP cache gives it one."""


class Everything:
    """HTTPCACHE_POLICY: every answer to a GET, whatever its status, scheme and cache headers, for ever."""

    def __init__(self, settings: BaseSettings) -> None:
        pass

    def should_cache_request(self, request: Request) -> bool:
        """What a HEAD or POST answers must not be replayed as the page."""
        return request.method == "GET"

    def should_cache_response(self, response: Response, request: Request) -> bool:
        return True

    def is_cached_response_fresh(self, cachedresponse: Response, request: Request) -> bool:
        return True


class WarcMiddleware(HttpCacheMiddleware):
    """Nearest to the downloader, where bodies are as they were transferred."""

    def process_request(self, request: Request, spider: Spider | None = None) -> Request | Response | None:
        """Raises NotInWarc in a replay."""
        request.meta.pop("dont_cache", None)  # nothing is left out
        try:
            return super().process_request(request)
        except IgnoreRequest as miss:
            raise NotInWarc(f"it is not in {self.crawler.settings['WARC_REPLAY']}") from miss

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        if b"Date" not in response.headers:
            response.flags.append(NO_DATE)
        return super().process_response(request, response)
