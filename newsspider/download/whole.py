"""Is the answer whole? What is not is asked for again by retry.py, and then refused here."""

import re
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response, XmlResponse

from newsspider.download import DamagedResponseError

_MARK = "damaged: "
_ROOT = re.compile(rb"<([a-z][\w:.-]*)", re.IGNORECASE)


def damaged(response: Response, reason: str) -> Response:
    """The response, marked."""
    response.flags.append(f"{_MARK}{reason}")
    return response


def damage(request: Request, response: Response) -> str | None:
    """What is wrong with a response: what it is marked with, or what it lacks."""
    marks = (flag.removeprefix(_MARK) for flag in response.flags if flag.startswith(_MARK))
    return next(marks, None) or (_lacks(response) if request.method == "GET" else None)


def _lacks(response: Response) -> str | None:
    """A page lacks everything, or, where no length was stated, its end; an empty robots.txt lacks nothing."""
    if response.status != 200 or not isinstance(response, HtmlResponse | XmlResponse):
        return None
    if urlsplit(response.url).path == "/robots.txt":
        return None
    if not response.body.strip():
        return "it is empty"
    if b"Content-Length" not in response.headers and not _reaches_end(response):
        return "its end is missing"
    return None


def _reaches_end(response: Response) -> bool:
    if isinstance(response, HtmlResponse):
        return b"</html" in response.body.lower()
    root = _ROOT.search(response.body)
    return root is not None and b"</" + root[1] in response.body[-200:]


class WholeMiddleware:
    """After the retries: what is still damaged goes no further."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "WholeMiddleware":
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Raises DamagedResponseError."""
        if reason := damage(request, response):
            self.crawler.stats.inc_value("download/damaged")
            raise DamagedResponseError(reason)
        return response
