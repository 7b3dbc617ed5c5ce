"""HTTPCACHE_STORAGE that only reads: the newest capture of each URL."""

import logging
from pathlib import Path

from scrapy import Request, Spider
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from scrapy.settings import BaseSettings

from newsspider.warc import RENDERED, WarcError
from newsspider.warc.index import Index
from newsspider.warc.reader import Capture
from newsspider.warc.records import TornError

logger = logging.getLogger(__name__)


class Replay:
    """What WARC_REPLAY holds, as if it came from the site."""

    def __init__(self, settings: BaseSettings) -> None:
        """Raises WarcError when nothing is there to replay."""
        self.path = Path(settings["WARC_REPLAY"])
        try:
            self.index = Index(self.path)
        except OSError as error:
            raise WarcError(f"WARC_REPLAY {error.filename} cannot be read: {error.strerror}") from error
        if not len(self.index):
            raise WarcError(f"WARC_REPLAY {self.path} holds no recorded page; give a file that WARC_DIR wrote")

    def open_spider(self, spider: Spider) -> None:
        spider.crawler.stats.set_value("warc/urls", len(self.index))
        spider.crawler.stats.set_value("warc/torn", self.index.torn)

    def close_spider(self, spider: Spider) -> None:
        self.index.close()

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        """Nothing: a replay changes no file."""

    def retrieve_response(self, spider: Spider, request: Request) -> Response | None:
        """The recorded answer, or None; its time is left in the request's `cache_timestamp`."""
        rendered = self._find(request.url, rendered=True) if request.meta.get(RENDERED) else None
        capture = rendered or self._find(request.url)
        spider.crawler.stats.inc_value("warc/replayed" if capture else "warc/miss")
        if capture is None:
            return None
        request.meta["cache_timestamp"] = capture.time.timestamp()
        response = _response(request.url, capture)
        response.flags += [RENDERED] if rendered else []
        return response

    def _find(self, url: str, *, rendered: bool = False) -> Capture | None:
        try:
            return self.index.find(url, rendered=rendered)
        except (OSError, TornError) as error:
            logger.error("%s: the record of %s cannot be read any more: %s", self.path, url, error)
            return None


def _response(url: str, capture: Capture) -> Response:
    headers = Headers()
    for name, value in capture.headers:
        headers.appendlist(name, value)
    kind = responsetypes.from_args(headers=headers, url=url, body=capture.body)
    return kind(url=url, status=capture.status, headers=headers, body=capture.body, protocol="HTTP/1.1")
