"""The browser's place in the downloader: below everything else, where the site would be asked."""

import asyncio
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.asyncio import create_looping_call

from newsspider.browser import RENDERED
from newsspider.browser.rendering import Rendering
from newsspider.download import PostponedError

LOOK_EVERY = 0.5
LOOKS_A_WATCH = 4
"""Memory is looked at every so many looks."""


class BrowserMiddleware:
    """Downloader middleware; what it answers passes all others, as what the site answers does."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.always = crawler.settings["BROWSER_WHEN"] == "always"
        self.rendering = Rendering(crawler)
        self.loop = create_looping_call(self._look)
        self._looks = 0
        self._watching: asyncio.Task[None] | None = None
        self._at_work: set[asyncio.Task[Response]] = set()
        crawler.signals.connect(self._mark, signals.request_scheduled)
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _mark(self, request: Request) -> None:
        """Before any middleware asks whose a request is."""
        walk: dict[str, Any] = request.meta.get("walk") or {}
        if walk.get("way") == "scroll" or (self.always and request.meta.get("kind") == "article"):
            request.meta[RENDERED] = True

    async def process_request(self, request: Request) -> Response | None:
        """Raises what Rendering does; PostponedError when the run ends meanwhile."""
        if not request.meta.get(RENDERED):
            return None
        task = asyncio.ensure_future(self.rendering.response(request))
        self._at_work.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            raise PostponedError("the run ends") from None
        finally:
            self._at_work.discard(task)

    def _opened(self) -> None:
        self.loop.start(LOOK_EVERY, now=False)

    def _look(self) -> None:
        """The end of a run waits for no browser."""
        engine = self.crawler.engine
        if engine and engine._slot and engine._slot.closing:
            for task in self._at_work:
                task.cancel()
        self._looks += 1
        if self._looks % LOOKS_A_WATCH == 0 and (self._watching is None or self._watching.done()):
            self._watching = asyncio.ensure_future(self.rendering.browser.watch())

    async def _closed(self) -> None:
        if self.loop.running:
            self.loop.stop()
        if self._watching:
            self._watching.cancel()
        await self.rendering.browser.close()
