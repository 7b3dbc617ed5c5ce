"""Once: each article leaves a run once, under its canonical URL."""

from hashlib import blake2b
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newsspider.items import Article


class Once:
    """Drops an article that was here before ("already seen") and counts it (`dropped/already seen`)."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.seen: set[bytes] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        digest = blake2b(item.url.encode(), digest_size=16).digest()
        if digest in self.seen:
            assert self.crawler.stats
            self.crawler.stats.inc_value("dropped/already seen")
            raise DropItem("already seen")
        self.seen.add(digest)
        return item
