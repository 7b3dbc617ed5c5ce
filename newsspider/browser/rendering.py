"""Requests in, rendered responses out."""

import asyncio
import logging
from collections.abc import Callable
from time import monotonic
from typing import Any

from playwright.async_api import Page
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.defer import _schedule_coro

from newsspider.browser import RENDERED, LaunchError, RenderError
from newsspider.browser.process import Browser
from newsspider.browser.settled import Look, Screen
from newsspider.browser.supply import NOT_PASSED, Store, Supply, fetched
from newsspider.browser.walk import walked
from newsspider.download import DamagedResponseError, PostponedError

FAILED = "browser_failed"
"""Why a run closes whose browser does not start."""
TRIES = 2
"""Of a page on which the browser crashes or hangs."""
OWN_FAULT = 3
"""So much more weighs a page's own trouble than the end of the browser, which may be another's."""
OF_THE_SHELL = NOT_PASSED | {"etag", "last-modified", "content-disposition"}
"""Headers of the plain page that say nothing about the rendered one."""

logger = logging.getLogger(__name__)


class Rendering:
    """At most BROWSER_PAGES at once."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        settings = crawler.settings
        self.wait, self.longest = settings.getfloat("BROWSER_WAIT"), settings.getfloat("BROWSER_TIMEOUT")
        self.clicks, self.walk = settings.getint("BROWSER_CLICKS"), settings.getfloat("BROWSER_WALK_TIMEOUT")
        self.hung = settings.getfloat("BROWSER_HUNG")
        self.places = asyncio.Semaphore(max(settings.getint("BROWSER_PAGES"), 1))
        self.browser, self.store = Browser(crawler), Store()
        self.failed = False

    async def response(self, request: Request) -> Response:
        """Raises what the plain page's download raises, PostponedError, DamagedResponseError, RenderError."""
        async with self.places:
            asking = Request(request.url, NO_CALLBACK, meta={"dont_redirect": True})
            shell = await fetched(self.crawler, asking)
            if shell.status != 200 or not isinstance(shell, HtmlResponse):
                return shell
            supply, look = await self._tried(shell, is_list=request.meta["kind"] == "index")
            return self._told(request, shell, supply, look)

    async def _tried(self, shell: Response, *, is_list: bool) -> tuple[Supply, Look]:
        left, never, why = TRIES * OWN_FAULT, False, ""
        while left > 0:
            number, supply = self.browser.number, Supply(self.crawler, shell, self.store)
            try:
                return supply, await self.browser.while_it_lives(self._shown(supply, is_list=is_list))
            except Exception as error:  # whatever it is, it is the browser's fault
                why = (" ".join(str(error).split()) or "it hangs")[:200]
                logger.info("the browser failed on %s: %s", shell.url, why)
                left -= OWN_FAULT if number == self.browser.number else 1
                if number == self.browser.number and isinstance(error, TimeoutError):
                    self.browser.kill()
                never = isinstance(error, LaunchError) and not self.crawler.stats.get_value("browser/pages")
        if never:
            self._end_run(why)
            raise PostponedError("no browser")
        raise RenderError(f"the browser failed on it: {why}")

    def _end_run(self, why: str) -> None:
        if self.failed:
            return
        self.failed = True
        path = self.crawler.settings["PLAYWRIGHT_LAUNCH_OPTIONS"]["executable_path"]
        hint = "; it needs user namespaces, or `apt-get install chromium-sandbox`" if "sandbox" in why else ""
        logger.critical("%s cannot be started: %s%s", path, why, hint)
        assert self.crawler.engine
        _schedule_coro(self.crawler.engine.close_spider_async(reason=FAILED))

    async def _shown(self, supply: Supply, *, is_list: bool) -> Look:
        longest, start = self.walk if is_list else self.longest, monotonic()
        try:
            async with self.browser.page(supply.shell.url, supply) as page, asyncio.timeout(longest + 2 * self.hung):
                return await (self._list if is_list else self._article)(page, supply, monotonic() + longest)
        finally:
            self._spent(monotonic() - start)

    def _screen(self, page: Page, supply: Supply, read: Callable[[Response], Any]) -> Screen:
        spider: Any = self.crawler.spider
        return Screen(page, supply, lambda html: read(_response(supply.shell, html)), spider.screen.OVERLAYS, self.hung)

    async def _article(self, page: Page, supply: Supply, end: float) -> Look:
        spider: Any = self.crawler.spider
        return await self._screen(page, supply, spider.text_of).settled(bool, self.wait, end)

    async def _list(self, page: Page, supply: Supply, end: float) -> Look:
        spider: Any = self.crawler.spider
        screen = self._screen(page, supply, spider.listed_on)
        walk = await walked(screen, spider.screen.MORE, self.clicks, self.wait, end)
        self.crawler.stats.inc_value("browser/clicks", walk.clicks)
        if walk.bound:
            most = self.crawler.settings[walk.bound]
            logger.warning("%s goes on, perhaps: %s is %s", supply.shell.url, walk.bound, most)
        return walk.look

    def _told(self, request: Request, shell: Response, supply: Supply, look: Look) -> Response:
        if supply.postponed:
            raise PostponedError("not now")
        if not look.reading and supply.missing:
            raise DamagedResponseError(f"a part of it could not be had, {supply.missing}")
        self.crawler.stats.inc_value("browser/pages")
        if not look.reading:
            self.crawler.stats.inc_value("browser/empty")
        return _response(shell, look.html, request)

    def _spent(self, seconds: float) -> None:
        stats = self.crawler.stats
        stats.set_value("browser/seconds", round(stats.get_value("browser/seconds", 0.0) + seconds, 1))


def _response(shell: Response, html: str, request: Request | None = None) -> HtmlResponse:
    headers = shell.headers.copy()
    for name in OF_THE_SHELL:
        headers.pop(name, None)
    headers["Content-Type"] = "text/html; charset=utf-8"
    body = html.encode("utf-8", "replace")
    return HtmlResponse(shell.url, 200, headers, body, [RENDERED], request, encoding="utf-8")
