"""What a look at a site showed: pages, robots.txt, and of each field where it was found."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response, TextResponse
from scrapy.robotstxt import RobotParser

from newsspider.items import Article
from newsspider.ledger.outcomes import GONE
from newsspider.spiders.base import NewsSpider

ESSENTIAL = ("title", "published", "section", "paragraphs")
"""Fields that every article has."""
NOT_OF_A_PAGE = frozenset(
    ("url", "article_id", "published_from", "language", "source", "complete", "repeated", "crawled", "revision")
)
ELSEWHERE = {"section": "the address", "subsection": "the address", "layout": "its markers"}
"""Fields that no rule finds; all others are taken out of the text."""


@dataclass(kw_only=True)
class Page:
    """One page that was asked for."""

    kind: str
    """index or article"""
    url: str
    status: int | None = None
    seconds: float | None = None
    bytes: int | None = None
    encoding: str | None = None
    reason: str | None = None
    """Why it was of no use; None where it was."""

    @property
    def gone(self) -> bool:
        return self.reason in {f"status {status}" for status in GONE}


@dataclass(kw_only=True)
class Robots:
    """The robots.txt of a host."""

    status: int | None = None
    crawl_delay: float | None = None
    """What it asks for, in seconds."""


@dataclass(kw_only=True)
class Field:
    """One field of the article."""

    field: str
    found: int
    """In how many articles."""
    of: int
    rules: list[dict[str, Any]]
    """Layout, rule, number (which rule it is) and pages (on how many it hit): those that hit, or all where none did."""
    value: str | None
    """As the first article that has it gives it; a list's first entry."""

    @property
    def told(self) -> str:
        """By which rules."""
        hits = [f"{rule['layout']} no. {rule['number']}: {rule['rule']} ({rule['pages']})" for rule in self.rules]
        if self.found and not any(rule["pages"] for rule in self.rules):
            return ELSEWHERE.get(self.field, "the text")
        return "\n".join(hits)


class Probed:
    """Of one crawler; `pages` and `articles` fill while it is at work."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.pages: dict[str, Page] = {}
        """By the URL that was asked for."""
        self.responses: list[tuple[str, Response]] = []
        """Kind and page of those that were answered."""
        self.articles: list[Article] = []
        self.robots: dict[str, Robots] = {}
        """By host."""
        self._requests: list[Request] = []
        for handler, signal in (
            (self._opened, signals.spider_opened),
            (self._scheduled, signals.request_scheduled),
            (self._answered, signals.response_received),
            (self._scraped, signals.item_scraped),
            (self._robots, signals.robots_parsed),
        ):
            crawler.signals.connect(handler, signal)

    @property
    def spider(self) -> NewsSpider:
        assert isinstance(self.crawler.spider, NewsSpider)
        return self.crawler.spider

    def _opened(self) -> None:
        """A limit is a limit here: where some articles cannot be had, no others are asked for."""
        self.crawler.signals.disconnect(self.spider.go_on, signals.spider_idle)

    def _scheduled(self, request: Request) -> None:
        self._requests.append(request)
        self.pages.setdefault(request.url, Page(kind=request.meta["kind"], url=request.url))

    @property
    def asked(self) -> int:
        """For how many articles."""
        return len(self._asked)

    @property
    def _asked(self) -> list[str]:
        """Their canonical URLs, in the order of the index."""
        found = (request.cb_kwargs["url"] for request in self._requests if request.meta["kind"] == "article")
        return list(dict.fromkeys(found))

    def _answered(self, response: Response, request: Request) -> None:
        if urlsplit(request.url).path == "/robots.txt":
            self._robots_of(request).status = response.status
        elif page := self.pages.get(request.url):
            page.status, page.bytes = response.status, len(response.body)
            page.seconds = round(request.meta.get("download_latency", 0.0), 3)
            page.encoding = response.encoding if isinstance(response, TextResponse) else None
            self.responses.append((page.kind, response))

    def _scraped(self, item: Article) -> None:
        self.articles.append(item)

    def _robots(self, robotparser: RobotParser, request: Request) -> None:
        delay = robotparser.crawl_delay(self.crawler.settings["ROBOTSTXT_USER_AGENT"])
        self._robots_of(request).crawl_delay = float(delay) if delay else None

    def _robots_of(self, request: Request) -> Robots:
        return self.robots.setdefault(urlsplit(request.url).netloc, Robots())

    def close(self) -> None:
        """It is over: what failed says why, and what only led to another page goes."""
        for request in self._requests:
            self.pages[request.url].reason = request.meta.get("reason")
        self.pages = {url: page for url, page in self.pages.items() if page.status or page.reason}
        self.articles.sort(key=lambda article: self._asked.index(article.url) if article.url in self._asked else 0)

    @property
    def fields(self) -> Iterator[Field]:
        """In the order of the data sheet."""
        for name in (field.name for field in fields(Article) if field.name not in NOT_OF_A_PAGE):
            values = [value for article in self.articles if (value := getattr(article, name))]
            rules = [rule for rule in self._rules(name) if rule["pages"] or not values]
            value = _beginning(values[0]) if values else None
            yield Field(field=name, found=len(values), of=len(self.articles), rules=rules, value=value)

    def _rules(self, field: str) -> Iterator[dict[str, Any]]:
        """Those that were tried, by the stats of the loader: parser/<field>/<layout>/<number>."""
        for stat, pages in sorted(self.crawler.stats.get_stats().items()):
            match stat.split("/"):
                case ["parser", name, layout, number] if name == field:
                    rule = self.spider.article.rules_of(layout, field)[int(number) - 1]
                    yield {"layout": layout, "number": int(number), "rule": rule.text, "pages": pages}

    @property
    def unreachable(self) -> str | None:
        """Why the site was not asked for all; None if it was."""
        if self.crawler.stats.get_value("finish_reason") != "finished":
            return "interrupted"
        failed = [page for page in self.pages.values() if page.reason and not page.gone]
        index = next((page for page in failed if page.kind == "index"), None)
        if index or (failed and not self.articles):
            return f"the site cannot be asked: {(index or failed[0]).reason}"
        return None

    @property
    def objections(self) -> list[str]:
        """What should not be so."""
        return [*self._of_pages(), *self._of_fields()]

    def _of_pages(self) -> Iterator[str]:
        stats = self.crawler.stats
        if any(page.kind == "index" and page.gone for page in self.pages.values()):
            yield "the index is not there"
        elif stats.get_value("index/pages") and not stats.get_value("index/listed"):
            yield "the index lists no articles"
        elif not self.articles:
            yield "no article could be read"
        lost = [page for page in self.pages.values() if page.kind == "article" and page.reason and not page.gone]
        if lost:
            yield f"{len(lost)} articles could not be had"
        if raised := stats.get_value("spider_exceptions/count"):
            yield f"{raised} pages could not be read"

    def _of_fields(self) -> Iterator[str]:
        for field in self.fields:
            if field.field in ESSENTIAL and field.found < field.of:
                yield f"{field.field} is missing in {field.of - field.found} of {field.of}"
        by_url = Counter(article.published_from for article in self.articles)["url"]
        if by_url:
            yield f"published is known by the address only in {by_url} of {len(self.articles)}"


def _beginning(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    first = value[0]["title"] if isinstance(value[0], dict) else value[0]
    return f"{len(value)}: {first}"
