"""What a worker must know of a spider, and a spider to ask: the ways through a site, without a network."""

import gc
import logging
import pickle
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings, Settings
from scrapy.utils.misc import load_object

from newsspider.download.site import on_site
from newsspider.spiders.base import NewsSpider

WHOLE = -1
"""The whole-article variant, among the pages of an article; the others go by their offset: 0 is page 1."""


class Stats(Counter[str]):
    """Scrapy's collector, as far as it counts, without what that does for each look at it."""

    def inc_value(self, key: str, count: int = 1, start: int = 0) -> None:
        self[key] += count

    def get_value(self, key: str, default: Any = None) -> Any:
        return self.get(key, default)


class Site:
    """One spider's site."""

    def __init__(self, spider_class: str, arguments: Mapping[str, str], settings: Mapping[str, Any]) -> None:
        self.crawler = Crawler(load_object(spider_class), Settings(settings))
        self.crawler.stats = self.stats = Stats()  # type: ignore[assignment]  # as far as spiders and pipelines ask
        self.spider: NewsSpider = self.crawler.spidercls.from_crawler(self.crawler, **arguments)  # type: ignore[assignment]
        self.crawler.spider = self.spider
        self.arguments = self.spider.arguments
        self.domains: list[str] = getattr(self.spider, "allowed_domains", [])
        # A page that was not kept is no event, as it would be in a crawl.
        logging.getLogger(self.spider.name).setLevel(logging.ERROR)

    def has(self, url: str) -> bool:
        """Whether a URL is the site's."""
        try:
            return on_site(url, self.domains)
        except ValueError:
            return False

    def article(self, url: str) -> tuple[str, int] | None:
        """The canonical URL of the article that a URL is a page of, if it is one that is wanted, and which page."""
        address = self.spider.urls.article_url(url)
        if address is None or not self._wanted(address.canonical):
            return None
        return address.canonical, self.page(url)

    def _wanted(self, canonical: str) -> bool:
        given = self.arguments.url
        return canonical in given if given else self.spider.wants(canonical)

    def page(self, url: str) -> int:
        """Which page of an article a URL is: its offset, or WHOLE."""
        return WHOLE if self.spider.urls.is_whole(url) else self.spider.urls.page_offset(url)


def orders(spider_class: type[NewsSpider], arguments: Mapping[str, str], settings: Settings) -> bytes:
    """What makes the same Site elsewhere."""
    name = f"{spider_class.__module__}.{spider_class.__qualname__}"
    return pickle.dumps((name, dict(arguments), _plain(settings)))


def _plain(settings: Settings) -> dict[str, Any]:
    """Without add-ons: the rooms of a crawl stay closed."""
    values = {str(name): settings[name] for name in settings}
    return {name: dict(v) if isinstance(v, BaseSettings) else v for name, v in values.items()} | {"ADDONS": {}}


@lru_cache(maxsize=4)
def site(given: bytes) -> Site:
    """The site of these orders, one a process."""
    gc.freeze()
    gc.set_threshold(50_000)  # pages leave few cycles behind, and the collector finds them again and again
    return Site(*pickle.loads(given))  # noqa: S301  # our own
