"""The one browser of a run: opened pages, recycled contexts, and another one when it is gone."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from playwright.async_api import Browser as PlaywrightBrowser
from playwright.async_api import Page
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http.request import NO_CALLBACK
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler  # type: ignore[import-untyped]

from newsspider.browser import GoneError
from newsspider.browser.launch import START, Chromium
from newsspider.browser.memory import grown
from newsspider.browser.supply import Supply

OPEN = START + 5.0
"""Seconds until a page is open, with the start of the browser."""
CLOSE = 3.0
"""Seconds for closing a page, or the browser."""

T = TypeVar("T")


class Browser:
    """A new context after every BROWSER_RECYCLE pages."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.recycle = max(crawler.settings.getint("BROWSER_RECYCLE"), 1)
        # Not in DOWNLOAD_HANDLERS: a page in the browser is on no wire, and holds no place among those that are;
        # it waits for requests of its own that need one.
        self.handler = ScrapyPlaywrightDownloadHandler.from_crawler(crawler)
        self.number = 0
        """How many are gone."""
        self._gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._taken = 0
        self._open: Counter[str] = Counter()

    @property
    def _chromium(self) -> Chromium | None:
        return getattr(self.handler, "browser_provider", None)

    async def while_it_lives(self, showing: Coroutine[Any, Any, T]) -> T:
        """What Playwright is waiting for may never come when the browser is gone. Raises GoneError."""
        assert self._chromium
        self._chromium.lost = self._crashed
        work, gone = asyncio.ensure_future(showing), self._gone
        try:
            await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise GoneError("it crashed, or was ended")
            return work.result()
        finally:
            work.cancel()
            work.add_done_callback(lambda done: done.cancelled() or done.exception())

    @asynccontextmanager
    async def page(self, url: str, supply: Supply) -> AsyncIterator[Page]:
        """A page that has begun to load. Raises TimeoutError, LaunchError, what Playwright raises."""
        name = self._take()
        asking = self._asking(url, name, supply)
        try:
            async with asyncio.timeout(OPEN):
                await self.handler.download_request(asking)
            yield asking.meta["playwright_page"]
        finally:
            await self._give_back(name, asking.meta.get("playwright_page"))

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
        return f"{self.number}.{self._taken // self.recycle}"

    def _take(self) -> str:
        name = self._context
        self._taken += 1
        self._open[name] += 1
        return name

    async def _give_back(self, name: str, page: Page | None) -> None:
        self._open[name] -= 1
        number = self.number
        if not name.startswith(f"{number}."):
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
            if number == self.number:
                self.kill()

    # Its end

    async def watch(self) -> None:
        """From time to time: does it take too much?"""
        number = self.number
        if self._chromium and await grown(self.crawler, self._chromium) and number == self.number:
            self.kill()

    def kill(self) -> None:
        """It hangs, or grows."""
        if self._chromium:
            self._chromium.kill()
        self._lost()

    def _crashed(self, browser: PlaywrightBrowser) -> None:
        if browser is getattr(self.handler, "browser", None):  # and was not ended by us
            self._lost()

    def _lost(self) -> None:
        """Nothing in it can be had any more; the next page starts another one."""
        self.number += 1
        self.crawler.stats.inc_value("browser/restarts")
        self.handler.context_wrappers.clear()
        if hasattr(self.handler, "browser"):
            del self.handler.browser
        gone, self._gone = self._gone, asyncio.get_running_loop().create_future()
        gone.set_result(None)

    async def close(self) -> None:
        if self._chromium:
            self._chromium.lost = lambda _: None
            self._chromium.kill()
        with suppress(Exception):  # the browser is gone, and says so in several ways
            async with asyncio.timeout(CLOSE):
                await self.handler.close()
        if self._chromium:
            self._chromium.end()
