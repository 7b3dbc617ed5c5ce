"""The ways through a news site: which page next? What stands where on a page is the site's matter (`sites/`)."""

import time
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from types import ModuleType
from typing import Any, ClassVar, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider, IgnoreRequest
from scrapy.http import HtmlResponse, Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from newsspider.items import Article
from newsspider.spiders.arguments import Arguments, own, parse, spelled
from newsspider.spiders.limit import Limit

Output = Iterator[Request | Article]

WIB = timezone(timedelta(hours=7))
MAX_PAGES = 50
"""Pages of one article; more is a pager that never ends."""
REFUSALS = frozenset((401, 403, 429, 503))
"""Answers that say nothing about the page."""


class NewsSpider(Spider):
    """A site's spider names the site's modules; see `sindonews.py`.

    A request's meta says what it asks for: `kind` is "index" or "article". An article takes one request, the
    whole-article variant; where the site has none, page 1 and its pager are followed.
    """

    urls: ClassVar[ModuleType]
    index: ClassVar[ModuleType]
    article: ClassVar[ModuleType]
    screen: ClassVar[ModuleType]

    arguments: Arguments
    limit: Limit

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args)
        spider.arguments = cls.check(kwargs)
        spider.given = spelled(own(kwargs), spider.arguments, cls.urls)
        spider.newest_pages = crawler.settings.getint("NEWEST_PAGES")
        spider._asked, spider._pages = set(), set()
        spider.limit = Limit(spider.arguments.limit)
        crawler.signals.connect(spider.go_on, signals.spider_idle)
        return spider

    @classmethod
    def check(cls, raw: dict[str, str]) -> Arguments:
        """What these `-a` arguments ask for. Raises ArgumentError."""
        return parse(own(raw), cls.urls, datetime.now(WIB).date())

    given: dict[str, str]
    """The arguments that were given, in their one spelling."""
    newest_pages: int | None
    """How far back the newest walk goes; None: to the end, or until it is stopped."""
    _asked: set[str]
    """URLs of articles and sitemaps."""
    _pages: set[int]
    """What each page of a list gave, hashed."""

    @property
    def is_newest_walk(self) -> bool:
        """Whether this walk reads the whole front of the list, so that a later one may stop where it began."""
        arguments = self.arguments
        return not (arguments.days or arguments.source or arguments.url or arguments.limit)

    async def start(self) -> AsyncIterator[Request]:
        for request in self._first_requests():
            yield request

    def _first_requests(self) -> Iterator[Request]:
        arguments = self.arguments
        if arguments.url:
            yield from self._articles(arguments.url)
        elif arguments.source == "rss":
            yield self._index_request(self.urls.rss_url(arguments.channel), way="feed")
        elif arguments.source == "sitemap":
            yield self._index_request(self.urls.sitemap_url(arguments.channel), way="feed")
        elif arguments.source == "scroll":
            yield self._index_request(self.urls.newest_url(arguments.channel), way="scroll")
        elif arguments.days:
            yield from self.limit.one_by_one(
                self._index_request(self.urls.index_url(arguments.channel, day), way="day", day=str(day))
                for day in arguments.days
            )
        else:
            yield self._index_request(self.urls.newest_url(arguments.channel), way="newest", number=1)

    def request_for(self, kind: str, url: str, walk: dict[str, Any] | None) -> Request:
        """The request for a page that was found before: an article by its canonical URL, an index page with its walk.

        A walk says where on which way a page stands: {"way": "day", "day": "2022-01-01"}.
        """
        if kind == "article":
            return self._article_request(self.urls.article_url(url).whole, self.parse_whole, self.no_whole, url)
        return self._index_request(url, **(walk or {}))

    def go_on(self) -> None:
        """Every answer is in. Raises DontCloseSpider where they gave fewer articles than there may be."""
        more = list(self.limit.more(self.crawler.stats.get_value("item_scraped_count", 0)))
        for request in more:
            assert self.crawler.engine
            self.crawler.engine.crawl(request)
        if more:
            raise DontCloseSpider

    # Lists

    def parse_day(self, response: Response, day: str) -> Output:
        """One page of the index of a day."""
        next_url = yield from self._read_index(response)
        if next_url:
            yield from self.limit.passed([self._index_request(next_url, way="day", day=day)])
        else:
            self._count("index/days_done")

    def parse_newest(self, response: Response, number: int) -> Output:
        """Page `number` of the newest."""
        next_url = yield from self._read_index(response)
        if next_url and (self.newest_pages is None or number < self.newest_pages):
            yield from self.limit.passed([self._index_request(next_url, way="newest", number=number + 1)])

    def parse_feed(self, response: Response) -> Output:
        """RSS or a news sitemap; a sitemap index leads to its sitemaps."""
        response = _text(response)
        found, sitemaps = self.index.read_feed(response), self.index.read_sitemap_index(response)
        self._listed(response, found or sitemaps)
        yield from self._articles(found)
        new = [url for url in sitemaps if url not in self._asked]
        self._asked.update(new)
        yield from self.limit.one_by_one(self._index_request(url, way="feed") for url in new)

    def parse_scroll(self, response: Response) -> Output:
        """A list that a browser has walked to its end: all of it is on this page."""
        found = self.listed_on(response)
        self._listed(response, found)
        yield from self._articles(found)

    def listed_on(self, response: Response) -> list[str]:
        """Canonical URLs of the articles on one page of a list."""
        articles: list[str] = self.index.read(_text(response)).articles
        return articles

    def _read_index(self, response: Response) -> Any:
        """Asks for the articles of one page of a list, and returns the URL of the next page, if any."""
        listing = self.index.read(_text(response))
        self._listed(response, listing.articles)
        yield from self._articles(listing.articles)
        return listing.next_url if self._goes_on(listing.articles) else None

    def _goes_on(self, listed: list[str]) -> bool:
        """Whether a page lists anything, and not the same as one before: there are pagers that never end."""
        page = hash(frozenset(listed))
        goes_on = bool(listed) and page not in self._pages
        self._pages.add(page)
        return goes_on

    def _listed(self, response: Response, found: list[str]) -> None:
        self._count("index/pages")
        self._count("index/listed", len(found))
        if not found:
            self._count("index/empty")
            self.logger.warning("%s lists no articles", response.url)

    def _index_request(self, url: str, *, way: str, **where: Any) -> Request:
        ways: dict[str, Any] = {
            "day": self.parse_day,
            "newest": self.parse_newest,
            "feed": self.parse_feed,
            "scroll": self.parse_scroll,
        }
        meta = {"kind": "index", "walk": {"way": way, **where}}
        return Request(url, ways[way], errback=self.failed, meta=meta, cb_kwargs=where)

    # Articles

    def _articles(self, found: Iterable[str]) -> Iterator[Request]:
        for url in filter(self._wanted, found):
            self._asked.add(url)
            yield from self.limit.passed([self.request_for("article", url, None)])

    def _wanted(self, url: str) -> bool:
        return url not in self._asked and self.wants(url)

    def wants(self, url: str) -> bool:
        """Whether an article, by its canonical URL, is what the arguments ask for."""
        arguments, article = self.arguments, self.urls.article_url(url)
        hosts = self.urls.CHANNELS[arguments.channel].hosts
        return bool(arguments.url) or (
            (arguments.channel == "all" or article.host in hosts)
            and (not arguments.subsections or article.subsection in arguments.subsections)
        )

    def _article_request(self, url: str, callback: Any, errback: Any, canonical: str, **cb_kwargs: Any) -> Request:
        cb_kwargs["url"] = canonical
        return Request(url, callback, errback=errback, meta={"kind": "article"}, cb_kwargs=cb_kwargs)

    def parse_whole(self, response: Response, url: str) -> Output:
        """The whole-article variant, or what the site gave instead."""
        if self._elsewhere(response, url):
            return
        if not self.urls.is_whole(response.url):
            yield from self.parse_page(response, url, [])
            return
        page = self._read(response)
        if not page.article.paragraphs or page.next_url:
            yield self._page_request(url, url, [])
        elif self.arguments.details:
            yield self._article_request(url, self.parse_details, self.no_details, url, page=page)
        else:
            yield page.article

    def no_whole(self, failure: Failure) -> Output:
        """No whole-article variant: page 1 and its pager do as well."""
        url = failure.request.cb_kwargs["url"]  # type: ignore[attr-defined]  # Scrapy sets it
        if self._has_no(failure.value):
            yield self._page_request(url, url, [])
        else:
            self.failed(failure)

    def _has_no(self, error: BaseException | None) -> bool:
        """Whether the site answered that there is no such variant, or that robots may not ask for it."""
        if isinstance(error, HttpError):
            return error.response.status not in REFUSALS
        return isinstance(error, IgnoreRequest) and "robots.txt" in str(error)

    def parse_page(self, response: Response, url: str, pages: list[Any]) -> Output:
        """One page of an article; `pages` are those before it."""
        if self._elsewhere(response, url):
            if pages:
                yield self._join(pages, complete=False)
            return
        page = self._read(response)
        pages = [*pages, page]
        if not page.article.paragraphs:
            yield self._join(pages, complete=False)
        elif page.next_url and len(pages) < MAX_PAGES:
            yield self._page_request(page.next_url, url, pages)
        else:
            yield self._join(pages, complete=not page.next_url)

    def no_page(self, failure: Failure) -> Output:
        """A page of an article that could not be had: what stands before it is given, as a part."""
        pages = failure.request.cb_kwargs["pages"]  # type: ignore[attr-defined]  # Scrapy sets it
        self.failed(failure)
        if pages:
            yield self._join(pages, complete=False)

    def parse_details(self, response: Response, url: str, page: Any) -> Output:
        """Page 1 beside the whole article: what only it carries fills what is missing."""
        if not self._elsewhere(response, url):
            self.article.add_details(page.article, self._read(response).article)
        yield page.article

    def no_details(self, failure: Failure) -> Output:
        """Page 1 could not be had: the article is whole without it."""
        self.failed(failure)
        yield failure.request.cb_kwargs["page"].article  # type: ignore[attr-defined]  # Scrapy sets it

    def failed(self, failure: Failure) -> None:
        """A page that could not be had is counted with its reason and named in the log."""
        error = failure.value
        status = str(error.response.status) if isinstance(error, HttpError) else None
        name, reason = status or type(error).__name__, f"status {status}" if status else str(error)
        request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        self._failed(request, request.url, name, reason or name)

    def _failed(self, request: Request, url: str, name: str, reason: str) -> None:
        request.meta["reason"] = reason
        self._count(f"failed/{request.meta['kind']}/{name}")
        self.logger.warning("%s could not be had: %s", url, reason)

    def _elsewhere(self, response: Response, url: str) -> bool:
        asked, got = self.urls.article_url(url), self.urls.article_url(response.url)
        if got and got.id == asked.id:
            return False
        assert response.request
        self._failed(response.request, url, "elsewhere", f"the site leads to {response.url}")
        return True

    def _page_request(self, page_url: str, url: str, pages: list[Any]) -> Request:
        return self._article_request(page_url, self.parse_page, self.no_page, url, pages=pages)

    def _read(self, response: Response) -> Any:
        page = self.article.read(_text(response), self.crawler.stats)
        fetched = response.meta.get("cache_timestamp") or time.time()
        page.article.rendered = "rendered" in response.flags
        page.article.crawled = datetime.fromtimestamp(int(fetched), UTC).isoformat()
        return page

    def text_of(self, response: Response) -> tuple[str, ...]:
        """Title and paragraphs of an article's page, for those who wait for them; empty while one is missing."""
        article = self.article.read(_text(response)).article
        return (article.title, *article.paragraphs) if article.title and article.paragraphs else ()

    def _join(self, pages: list[Any], *, complete: bool) -> Article:
        article: Article = self.article.join(pages)
        article.complete = complete
        return article

    def _count(self, stat: str, number: int = 1) -> None:
        self.crawler.stats.inc_value(stat, number)


def _text(response: Response) -> TextResponse:
    """A picture or a PDF where a page should be is a page with nothing on it."""
    return response if isinstance(response, TextResponse) else HtmlResponse(response.url, request=response.request)
