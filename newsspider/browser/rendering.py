"""One browser for the whole run: pages in, rendered responses out."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from time import monotonic
from typing import Any

from playwright.async_api import Browser, Page
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.defer import _schedule_coro
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler  # type: ignore[import-untyped]

from newsspider.browser import RENDERED, GoneError, LaunchError, RenderError
from newsspider.browser.launch import START, Chromium
from newsspider.browser.memory import grown
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
OPEN = START + 5.0
"""Seconds until a page is open, with the start of the browser."""
CLOSE = 3.0
"""Seconds for closing a page, or the browser."""
OF_THE_SHELL = NOT_PASSED | {"etag", "last-modified", "content-disposition"}
"""Headers of the plain page that say nothing about the rendered one."""

logger = logging.getLogger(__name__)


class Rendering:
    """Answers requests; at most BROWSER_PAGES at once, a new context after BROWSER_RECYCLE pages."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        settings = crawler.settings
        self.wait, self.longest = settings.getfloat("BROWSER_WAIT"), settings.getfloat("BROWSER_TIMEOUT")
        self.clicks, self.walk = settings.getint("BROWSER_CLICKS"), settings.getfloat("BROWSER_WALK_TIMEOUT")
        self.hung = settings.getfloat("BROWSER_HUNG")
        self.recycle = max(settings.getint("BROWSER_RECYCLE"), 1)
        # Not in DOWNLOAD_HANDLERS: a page in the browser is on no wire, and holds no place among those that are;
        # it waits for requests of its own that need one.
        self.handler = ScrapyPlaywrightDownloadHandler.from_crawler(crawler)
        self.places = asyncio.Semaphore(max(settings.getint("BROWSER_PAGES"), 1))
        self.store = Store()
        self.browsers = 0
        """How many are gone."""
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.failed = False
        self._taken = 0
        self._open: Counter[str] = Counter()

    @property
    def chromium(self) -> Chromium | None:
        return getattr(self.handler, "browser_provider", None)

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
            browsers, supply = self.browsers, Supply(self.crawler, shell, self.store)
            try:
                return supply, await self._while_it_lives(self._shown(shell, supply, is_list=is_list))
            except Exception as error:  # whatever it is, it is the browser's fault
                why = (" ".join(str(error).split()) or "it hangs")[:200]
                logger.info("the browser failed on %s: %s", shell.url, why)
                left -= OWN_FAULT if browsers == self.browsers else 1
                if browsers == self.browsers and isinstance(error, TimeoutError):
                    self.kill()
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

    async def _while_it_lives(self, showing: Coroutine[Any, Any, Look]) -> Look:
        """What Playwright is waiting for may never come when the browser is gone. Raises GoneError."""
        assert self.chromium
        self.chromium.lost = self._crashed
        work, gone = asyncio.ensure_future(showing), self.gone
        try:
            await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise GoneError("it crashed, or was ended")
            return work.result()
        finally:
            work.cancel()
            work.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _crashed(self, browser: Browser) -> None:
        if browser is getattr(self.handler, "browser", None):  # and was not ended by us
            self._lost()

    def _lost(self) -> None:
        """Nothing in it can be had any more; the next page starts another one."""
        self.browsers += 1
        self.crawler.stats.inc_value("browser/restarts")
        self.handler.context_wrappers.clear()
        if hasattr(self.handler, "browser"):
            del self.handler.browser
        gone, self.gone = self.gone, asyncio.get_running_loop().create_future()
        gone.set_result(None)

    async def _shown(self, shell: Response, supply: Supply, *, is_list: bool) -> Look:
        longest = self.walk if is_list else self.longest
        start, name = monotonic(), self._take()
        asking = self._asking(shell.url, name, supply)
        try:
            async with asyncio.timeout(OPEN):
                await self.handler.download_request(asking)
            async with asyncio.timeout(longest + 2 * self.hung):
                page = asking.meta["playwright_page"]
                return await (self._list if is_list else self._article)(page, supply, start + longest)
        finally:
            await self._give_back(name, asking.meta.get("playwright_page"))
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

    # Contexts

    def _asking(self, url: str, context: str, supply: Supply) -> Request:
        """For scrapy-playwright."""
        meta = {
            "playwright": True,
            "playwright_include_page": True,
            "playwright_context": context,
            "playwright_context_kwargs": {
                "user_agent": self.crawler.settings["USER_AGENT"],
                "accept_downloads": False,
                "service_workers": "block",
            },
            "playwright_page_init_callback": supply.install,
            "playwright_page_goto_kwargs": {"wait_until": "commit", "timeout": START * 1000},
        }
        return Request(url, NO_CALLBACK, meta=meta)

    @property
    def _context(self) -> str:
        return f"{self.browsers}.{self._taken // self.recycle}"

    def _take(self) -> str:
        name = self._context
        self._taken += 1
        self._open[name] += 1
        return name

    async def _give_back(self, name: str, page: Page | None) -> None:
        self._open[name] -= 1
        browsers = self.browsers
        if not name.startswith(f"{browsers}."):
            return  # of a browser that is gone
        try:
            async with asyncio.timeout(CLOSE):
                if page is not None:
                    await page.close()
                used = self.handler.context_wrappers.get(name)
                if used and not self._open[name] and name != self._context:
                    await used.context.close()
                    self.crawler.stats.inc_value("browser/recycled")
        except TimeoutError:
            if browsers == self.browsers:
                self.kill()

    # The process

    async def watch(self) -> None:
        """From time to time."""
        browsers = self.browsers
        if self.chromium and await grown(self.crawler, self.chromium) and browsers == self.browsers:
            self.kill()

    def kill(self) -> None:
        """It hangs, or grows."""
        if self.chromium:
            self.chromium.kill()
        self._lost()

    async def close(self) -> None:
        if self.chromium:
            self.chromium.lost = lambda _: None
            self.chromium.kill()
        with suppress(Exception):  # the browser is gone, and says so in several ways
            async with asyncio.timeout(CLOSE):
                await self.handler.close()
        if self.chromium:
            self.chromium.end()


def _response(shell: Response, html: str, request: Request | None = None) -> HtmlResponse:
    headers = shell.headers.copy()
    for name in OF_THE_SHELL:
        headers.pop(name, None)
    headers["Content-Type"] = "text/html; charset=utf-8"
    body = html.encode("utf-8", "replace")
    return HtmlResponse(shell.url, 200, headers, body, [RENDERED], request, encoding="utf-8")
