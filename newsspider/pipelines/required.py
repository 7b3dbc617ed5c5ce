"""Required: an article without a title or without text is no item."""

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newsspider.items import Article


class Required:
    """Drops it with the reason, "no title" or "no text", and counts that (`dropped/<reason>`)."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        if reason := missing(item):
            assert self.crawler.stats
            self.crawler.stats.inc_value(f"dropped/{reason}")
            raise DropItem(reason)
        return item


def missing(item: Article) -> str | None:
    """What makes it no item; None where nothing does."""
    if not (item.title or "").strip():
        return "no title"
    return None if any(map(str.strip, item.paragraphs)) else "no text"
