"""All hosts of a site are one site: one slot, so that its delay holds for them together, and nothing beyond them."""

import re
from collections.abc import Iterable
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler

from newsspider.download import OffSite
from newsspider.download.queue import restore

_HOST = re.compile(r"(?P<host>[a-z0-9.-]*[a-z])(?P<port>:\d+)?")
_PORTS = {"http": ("", ":80"), "https": ("", ":443")}


def on_site(url: str, domains: Iterable[str]) -> bool:
    """Whether a URL is http(s), on a domain or a subdomain of it, by name and on the usual port.

    >>> on_site("http://www.sindonews.com/read/1", ["sindonews.com"])
    True
    >>> [on_site(url, ["sindonews.com"]) for url in ("https://sindonews.com.evil.example/", "https://sindonews.com:8443/")]
    [False, False]
    """
    parts = urlsplit(url)
    match = _HOST.fullmatch(parts.netloc.lower())
    if match is None or (match["port"] or "") not in _PORTS.get(parts.scheme, ()):
        return False
    return any(match["host"] == domain or match["host"].endswith(f".{domain}") for domain in domains)


class SiteMiddleware:
    """Before Offsite, which lets pass what is marked `dont_filter`."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        crawler.signals.connect(self._assign, signals.request_scheduled)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def _domains(self) -> list[str]:
        return list(getattr(self.crawler.spider, "allowed_domains", None) or [])

    def _assign(self, request: Request) -> None:
        """At scheduling already: the scheduler's queues go by slot."""
        if self._domains:
            request.meta["download_slot"] = self._domains[0]

    def process_request(self, request: Request) -> None:
        """Raises OffSite."""
        restore(request)
        self._assign(request)
        if self._domains and not on_site(request.url, self._domains):
            self.crawler.stats.inc_value("download/off_site")
            raise OffSite(f"{request.url} is not on {self._domains[0]}")
