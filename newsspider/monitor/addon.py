"""The door: MONITOR_ENABLED, on unless it is turned off."""

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.settings import BaseSettings

from newsspider.monitor.collect import Collect
from newsspider.monitor.judge import Judge


class MonitorAddon:
    """Counts while the run lasts, and judges it when it is over."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        """Raises NotConfigured, also for a spider that crawls no site's articles."""
        if not (settings.getbool("MONITOR_ENABLED") and hasattr(self.crawler.spider, "article")):
            raise NotConfigured
        settings.set_in_component_priority_dict("EXTENSIONS", Collect, 600)
        settings.set_in_component_priority_dict("EXTENSIONS", Judge, 601)
