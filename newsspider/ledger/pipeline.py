"""The last pipeline: what comes here is an article, and is stored."""

from typing import Self

from scrapy.crawler import Crawler

from newsspider.items import Article
from newsspider.ledger.addon import LedgerAddon
from newsspider.ledger.run import Run


class LedgerPipeline:
    """Stores; the feeds are written from the ledger."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(LedgerAddon.run_of(crawler))

    def process_item(self, item: Article) -> Article:
        page = self.run.carried.pop(id(item))
        if self.run.broken is None and page.id in self.run.asked["article"]:
            headers = self.run.headers.pop(page.id, (None, None))
            with self.run.writing():
                self.run.articles.store(item, page, self.run.job.id, headers, self.run.count)
                del self.run.asked["article"][page.id]
                if item.url != page.url:
                    self._forget(item.url)
        return item

    def _forget(self, url: str) -> None:
        """What is on its way to an article that another page has just brought needs no outcome."""
        asked = self.run.asked["article"]
        for number in [number for number, page in asked.items() if page.url == url]:
            del asked[number]
