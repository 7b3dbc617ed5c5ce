"""The door: off while BROWSER_WHEN is `never`, but for a list that only a browser can walk (`-a source=scroll`)."""

import logging
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.settings import BaseSettings

from newsspider.browser import WhenError
from newsspider.browser.again import AgainMiddleware
from newsspider.browser.found import found
from newsspider.browser.launch import Chromium, options
from newsspider.browser.middleware import BrowserMiddleware

WHEN = ("never", "empty", "always")


class BrowserAddon:
    """Looks for a browser at once; a replay needs none, for it has the rendered pages."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        """Raises NotConfigured, WhenError, BrowserError."""
        arguments: Any = getattr(self.crawler.spider, "arguments", None)
        if settings["BROWSER_WHEN"] not in WHEN:
            raise WhenError(f"BROWSER_WHEN is {settings['BROWSER_WHEN']!r}; allowed are {', '.join(WHEN)}")
        if arguments is None:  # a spider of one page, as `scrapy capture` has
            raise NotConfigured
        if settings["BROWSER_WHEN"] == "never" and arguments.source != "scroll":
            raise NotConfigured
        path = "" if settings.get("WARC_REPLAY") else found()
        settings.set("PLAYWRIGHT_LAUNCH_OPTIONS", options(path), "addon")
        settings.set("PLAYWRIGHT_BROWSER_PROVIDER", Chromium, "addon")
        settings.set("PLAYWRIGHT_RESTART_DISCONNECTED_BROWSER", False, "addon")  # that is ours to do
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", BrowserMiddleware, 950)
        settings.set_in_component_priority_dict("SPIDER_MIDDLEWARES", AgainMiddleware, 900)
        # Its warnings come with a traceback, and are raised as well.
        logging.getLogger("scrapy-playwright").setLevel(logging.CRITICAL)
