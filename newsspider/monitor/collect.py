"""What is counted while the run lasts; written to the stats (`monitor/*`) at its end. Microseconds an article."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from heapq import heappush, heappushpop
from statistics import median
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from newsspider.items import Article
from newsspider.monitor.figures import FIELDS, REQUIRED, read
from newsspider.monitor.harmless import harmless
from newsspider.monitor.pages import Pages
from newsspider.sites.leftovers import leftovers

LATENCIES = (0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
"""Upper bounds of the buckets, in seconds."""
SLOWEST = 10


class Collect:
    """Extension. Nothing is written to the stats before `write`."""

    def __init__(self, crawler: Crawler) -> None:
        spider: Any = crawler.spider
        self.stats = crawler.stats
        self.markup = spider.article.MARKUP
        self.pages = Pages(spider.article.read)
        self.counts: Counter[str] = Counter()
        self.numbers: list[int] = []
        """Paragraphs of each article."""
        self.lengths: list[int] = []
        """Characters of a paragraph, of each article."""
        self.latencies = [0] * (len(LATENCIES) + 1)
        self.slowest: list[tuple[float, str]] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        collect = cls(crawler)
        crawler.signals.connect(collect.scraped, signals.item_scraped)
        crawler.signals.connect(collect.dropped, signals.item_dropped)
        crawler.signals.connect(collect.raised, signals.spider_error)
        crawler.signals.connect(collect.received, signals.response_received)
        return collect

    @harmless
    def scraped(self, item: Article, response: object, **_: Any) -> None:
        counts, pages = self.counts, self.pages
        counts["articles"] += 1
        for field in FIELDS:
            if getattr(item, field):
                counts[f"fields/{field}"] += 1
            else:
                pages.add(f"fields/{field}", item.url, response)
        for odd in self._odd(item):
            counts[odd] += 1
            pages.add(odd, item.url, response)
        pages.articles.add(item.url, response)

    def _odd(self, item: Article) -> list[str]:
        """What an article is counted under, beside its fields."""
        number = len(item.paragraphs)
        characters = sum(map(len, item.paragraphs))
        self.numbers.append(number)
        self.lengths.append(characters // max(number, 1))
        self.counts["characters"] += characters
        odd = [f"boilerplate/{kind}" for kind in {left.kind for left in leftovers(item.paragraphs, self.markup)}]
        odd += [f"layout/{item.layout}", f"published_from/{item.published_from}"]
        return odd if item.complete else [*odd, "incomplete"]

    @harmless
    def dropped(self, item: Article, exception: Exception, response: object, **_: Any) -> None:
        if field := REQUIRED.get(str(exception)):
            self.pages.add(f"fields/{field}", item.url, response)

    @harmless
    def raised(self, response: Response, **_: Any) -> None:
        self.pages.add("errors", response.url, response)

    @harmless
    def received(self, response: Response, request: Any, **_: Any) -> None:
        meta = request.meta
        seconds = meta.get("download_latency", 0.0)
        self.latencies[bisect_left(LATENCIES, seconds)] += 1
        if len(self.slowest) < SLOWEST:
            heappush(self.slowest, (seconds, response.url))
        elif seconds > self.slowest[0][0]:
            heappushpop(self.slowest, (seconds, response.url))
        if meta.get("retry_times"):
            self.pages.add("retries", response.url, None)
        if response.status >= 400:
            self.pages.add("errors", response.url, response)
        elif meta.get("kind") == "index":
            self.pages.lists.add(response.url, response)

    def write(self, more: Mapping[str, int]) -> None:
        """Into the stats, with what others counted; what did not happen is left out, but for fields."""
        told: dict[str, Any] = {f"fields/{field}": self.counts[f"fields/{field}"] for field in FIELDS}
        told |= {"articles": 0, **self.counts, **more, "paragraphs": sum(self.numbers)}
        if self.numbers:
            told |= {"paragraphs/median": median(self.numbers), "length/median": median(self.lengths)}
        buckets = zip((*LATENCIES, "inf"), self.latencies, strict=True)
        told |= {f"latency/{bound}": number for bound, number in buckets if number}
        told |= read(self.stats.get_stats())
        told["slowest"] = [[round(seconds, 3), url] for seconds, url in sorted(self.slowest, reverse=True)]
        for name, value in told.items():
            self.stats.set_value(f"monitor/{name}", value)
