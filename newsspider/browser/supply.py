"""What a page asks for, the crawl asks for: with its robots.txt, delay, hosts, cookies, certificates and WARC."""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Request, Route
from scrapy import Request as Asking
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response, XmlResponse
from scrapy.http.request import NO_CALLBACK

from newsspider.download import PostponedError

KEPT = 16 * 2**20
"""Bytes of scripts and style sheets that are kept for the pages to come; a routed browser has no cache."""
KEEPS = ("script", "stylesheet")
SAYS = ("accept", "accept-language", "content-type", "origin", "x-requested-with")
"""Headers of a page's request that are passed on: never a user agent, a cookie or a referrer of the browser's own."""
NOT_PASSED = frozenset(("content-length", "content-encoding", "transfer-encoding", "connection", "keep-alive"))
"""Headers of an answer that are about the wire."""
NOTHING = 204
"""A navigation that is answered so leaves the page where it is; one that is cut off leaves an error page."""


class Store:
    """The scripts and style sheets of the pages so far, by URL; the oldest make room."""

    def __init__(self, most: int = KEPT) -> None:
        self.most, self.size = most, 0
        self._kept: OrderedDict[str, Response] = OrderedDict()

    def get(self, url: str) -> Response | None:
        return self._kept.get(url)

    def put(self, url: str, response: Response) -> None:
        if url not in self._kept:
            self._kept[url] = response
            self.size += len(response.body)
        while self.size > self.most:
            _, oldest = self._kept.popitem(last=False)
            self.size -= len(oldest.body)


async def fetched(crawler: Crawler, request: Asking) -> Response:
    """What the downloader answers. Whoever waits for it may go; the request itself is not torn out of the engine."""
    assert crawler.engine
    task = asyncio.ensure_future(crawler.engine.download_async(request))
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return await asyncio.shield(task)


class Supply:
    """Of one page. `shell` is its plain HTML, the one document that it gets."""

    def __init__(self, crawler: Crawler, shell: Response, store: Store) -> None:
        self.crawler, self.shell, self.store = crawler, shell, store
        self.loads = frozenset(crawler.settings.getlist("BROWSER_LOADS"))
        self.ads = re.compile("|".join(crawler.settings.getlist("BROWSER_ADS")) or "(?!)")
        self.pending = 0
        """What is on its way."""
        self.missing: str | None = None
        """A part that could not be had, and why."""
        self.postponed = False
        """The crawl was told to ask for nothing, in the middle of the page."""
        self._served = False

    async def install(self, page: Page, _: Asking) -> None:
        page.on("popup", self._close)
        page.on("download", lambda _: self._count("downloads_refused"))
        await page.route("**", self.answer)

    async def answer(self, route: Route) -> None:
        """A page that is gone meanwhile needs no answer."""
        with suppress(PlaywrightError):
            if route.request.resource_type == "document":
                await self._document(route)
            elif why := self._refusal(route.request):
                self._count(f"skipped/{why}")
                await route.abort("blockedbyclient")
            else:
                await self._fetch(route)

    async def _document(self, route: Route) -> None:
        """Neither frames nor places that a script would rather be at."""
        if self._served:
            self._count("skipped/document")
            await route.fulfill(status=NOTHING)
        else:
            self._served = True
            await _fulfill(route, self.shell)

    def _refusal(self, request: Request) -> str | None:
        if request.resource_type not in self.loads:
            return request.resource_type
        return "ads" if self.ads.search(request.url) else None

    async def _fetch(self, route: Route) -> None:
        self.pending += 1
        try:
            response = await self._response(route.request)
        finally:
            self.pending -= 1
        if response is None:
            await route.abort("failed")
        else:
            await _fulfill(route, response)

    async def _response(self, request: Request) -> Response | None:
        if kept := self.store.get(request.url):
            return kept
        self._count("requests")
        try:
            response = await fetched(self.crawler, await _asking(request))
        except PostponedError:
            self.postponed = True
            return None
        except IgnoreRequest:  # off the site, or forbidden by robots.txt: no page has a right to that
            self._count("refused")
            return None
        except Exception as error:  # whatever it is: the page may do without
            self.missing = f"{request.url}: {error}"
            return None
        if response.status == 429 or response.status >= 500:
            self.missing = f"{request.url}: status {response.status}"
        elif response.status == 200 and request.resource_type in KEEPS:
            self.store.put(request.url, response)
        return response

    async def _close(self, popup: Page) -> None:
        self._count("skipped/popup")
        with suppress(PlaywrightError):
            await popup.close()

    def _count(self, what: str) -> None:
        self.crawler.stats.inc_value(f"browser/{what}")


async def _asking(request: Request) -> Asking:
    """Raises ValueError where the URL is none."""
    said = await request.all_headers()
    headers = {name: said[name] for name in SAYS if name in said}
    return Asking(request.url, NO_CALLBACK, request.method, headers, request.post_data_buffer or b"")


async def _fulfill(route: Route, response: Response) -> None:
    headers = dict(_passed(response))
    if isinstance(response, HtmlResponse | XmlResponse):  # what these say of their charset was checked, and mended
        headers["content-type"] = headers.get("content-type", "text/html").partition(";")[0] + "; charset=utf-8"
    await route.fulfill(status=response.status, headers=headers, body=response.body)


def _passed(response: Response) -> Iterable[tuple[str, str]]:
    for name, values in response.headers.items():
        lower = name.decode("latin-1").lower()
        if lower not in NOT_PASSED:
            yield lower, b", ".join(values).decode("latin-1")
