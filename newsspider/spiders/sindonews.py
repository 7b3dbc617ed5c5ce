"""SINDOnews: the spider's binding to what `sites/sindonews/` knows."""

from types import ModuleType
from typing import ClassVar

from newsspider.sites.sindonews import article, index, screen, urls
from newsspider.spiders.base import NewsSpider


class SindonewsSpider(NewsSpider):
    """`scrapy crawl sindonews`; its arguments are explained in `arguments.py`."""

    name = "sindonews"
    allowed_domains = [urls.DOMAIN]  # noqa: RUF012 (Scrapy's own form)
    urls: ClassVar[ModuleType] = urls
    index: ClassVar[ModuleType] = index
    article: ClassVar[ModuleType] = article
    screen: ClassVar[ModuleType] = screen
