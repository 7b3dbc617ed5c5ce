"""HTTPCACHE_STORAGE that only writes: one file a run."""

import logging
import os
from datetime import UTC, datetime
from http.client import responses
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

from scrapy import Request, Spider
from scrapy.http import Headers, Response
from scrapy.settings import BaseSettings
from scrapy.utils.defer import deferred_from_coro

from newsspider import __version__
from newsspider.warc import RENDERED, NotRecorded
from newsspider.warc.middleware import NO_DATE
from newsspider.warc.writer import Message, Writer

logger = logging.getLogger(__name__)

FAILED = "warc_failed"
"""Why a run closes that cannot record."""
HOP_ONLY = ("proxy-authorization", "proxy-connection")
"""What a request says to a proxy, not to the site."""
UNDONE = ("transfer-encoding",)
"""What the downloader has already taken off a body: with its header left on, readers would look for chunks."""


class Recording:
    """`newsspider-<spider>-<start>-<pid>.warc.gz` in WARC_DIR, begun with the first answer."""

    def __init__(self, settings: BaseSettings) -> None:
        self.folder = Path(settings["WARC_DIR"])
        self.info = {
            "software": f"newsspider/{__version__} Scrapy/{version('scrapy')} warcio/{version('warcio')}",
            "format": "WARC File Format 1.1",
            "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "robots": "classic" if settings.getbool("ROBOTSTXT_OBEY") else "ignore",
            "operator": settings.get("CONTACT", ""),
            "http-header-user-agent": settings["USER_AGENT"],
        }
        self.writer: Writer | None = None
        self.failed = False

    def open_spider(self, spider: Spider) -> None:
        start = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        self.path = self.folder / f"newsspider-{spider.name}-{start}-{os.getpid()}.warc.gz"
        self.info["isPartOf"] = spider.name

    def close_spider(self, spider: Spider) -> None:
        if self.writer:
            self.writer.close()

    def retrieve_response(self, spider: Spider, request: Request) -> Response | None:
        """Nothing: a recording asks the site."""
        return None

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        """Raises NotRecorded, and has the run closed, when the disk refuses: a gap would never be noticed."""
        if not self.failed:
            try:
                self._write(spider, request, response)
            except OSError as error:
                self._fail(spider, error)
        if self.failed:
            raise NotRecorded(f"it came, but {self.path} cannot be written")

    def _write(self, spider: Spider, request: Request, response: Response) -> None:
        if request.meta.get(RENDERED) and RENDERED not in response.flags:
            return  # the browser left it as it came, and it is written down as that
        self.writer = self.writer or Writer(self.path, self.info)
        # Behind a proxy the address is the proxy's.
        address = None if request.meta.get("proxy") else response.ip_address
        url = urldefrag(request.url).url
        if RENDERED in response.flags:
            kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
            grown = self.writer.conversion(url, kind, response.body)
        else:
            grown = self.writer.exchange(url, _asked(request), _answered(response), str(address or ""))
        spider.crawler.stats.inc_value("warc/recorded")
        spider.crawler.stats.inc_value("warc/bytes", grown)

    def _fail(self, spider: Spider, error: OSError) -> None:
        self.failed = True
        spider.crawler.stats.inc_value("warc/failed")
        logger.error(
            "%s cannot be written: %s; the run ends here. Make room or give another WARC_DIR, and run it again",
            self.path,
            error.strerror,
        )
        deferred_from_coro(spider.crawler.engine.close_spider_async(reason=FAILED))


def _asked(request: Request) -> Message:
    parts = urlsplit(request.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = _pairs(request.headers, HOP_ONLY)
    if "Host" not in request.headers:
        headers.insert(0, (b"Host", parts.netloc.rpartition("@")[2].encode()))
    return Message(f"{request.method} {path} HTTP/1.1".encode(), headers, request.body)


def _answered(response: Response) -> Message:
    """Scrapy keeps no reason phrase; the standard one stands in for it."""
    protocol = response.protocol if (response.protocol or "").startswith("HTTP/1") else "HTTP/1.1"
    start_line = f"{protocol} {response.status} {responses.get(response.status, '')}".rstrip()
    made_up = ("date",) if NO_DATE in response.flags else ()
    return Message(start_line.encode(), _pairs(response.headers, UNDONE + made_up), response.body)


def _pairs(headers: Headers, without: tuple[str, ...]) -> list[tuple[bytes, bytes]]:
    return [
        (name, value)
        for name, values in headers.items()
        if name.decode("latin-1").lower() not in without
        for value in values
    ]
