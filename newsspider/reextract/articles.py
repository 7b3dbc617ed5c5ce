"""An article from its kept pages: the spider asks for them as it would ask the site, and is answered from the files."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate
from threading import Lock
from typing import Any, NamedTuple

from scrapy import Request
from scrapy.exceptions import DropItem
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.conf import build_component_list
from scrapy.utils.misc import build_from_crawler, load_object
from twisted.python.failure import Failure

from newsspider.download import DamagedResponseError
from newsspider.items import Article
from newsspider.reextract.answers import answer
from newsspider.reextract.places import UNREADABLE, Place, why
from newsspider.reextract.site import WHOLE, Site, site
from newsspider.warc.reader import Capture, capture
from newsspider.warc.records import TornError, parse

NO_ARTICLE, ERRORS = "no article", "errors"
ALONE = Lock()
"""A process has one spider; workers of a cluster may have several threads."""
MOST_AHEAD = 32 << 20
"""Bytes of captures that are read before they are needed."""
UNREAD: tuple[type[Exception], ...] = (TornError, DamagedResponseError, *UNREADABLE)
"""Why a capture gives nothing."""


class Kept(NamedTuple):
    """Where one kept page is."""

    place: Place
    offset: int
    length: int


class Sheets(NamedTuple):
    """The kept pages of one article."""

    url: str
    """Canonical."""
    pages: dict[int, list[Kept]]
    """Page (`Site.page`) -> its captures, the newest first."""


class Unread(NamedTuple):
    """A capture that gave nothing."""

    kept: Kept
    reason: str


@dataclass
class Batch:
    """What came of several articles."""

    articles: list[Article] = field(default_factory=list)
    skipped: list[Unread] = field(default_factory=list)
    stats: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    pages: int = 0


def read(orders: bytes, wanted: list[Sheets]) -> Batch:
    """The articles, in order, as a crawl's pipelines let them pass; those that give none are left out and counted."""
    with ALONE:
        batch, here = Batch(asked=len(wanted)), site(orders)
        here.stats.clear()
        reader = _Reader(here, batch, _first(wanted))
        batch.articles = [article for sheets in wanted if (article := reader.article(sheets))]
        batch.stats += here.stats
    return batch


def _first(wanted: Iterable[Sheets]) -> dict[Kept, bytes | Exception]:
    """The newest capture of every page, as far as there is room; each file read once and from front to back."""
    newest = {captures[0]: None for sheets in wanted for captures in sheets.pages.values()}
    sizes = accumulate(kept.length for kept in newest)
    kept = sorted(each for each, size in zip(newest, sizes, strict=True) if size <= MOST_AHEAD)
    of_place: dict[Place, list[Kept]] = {}
    for each in kept:
        of_place.setdefault(each.place, []).append(each)
    return {each: data for place, some in of_place.items() for each, data in _bytes(place, some)}


def _bytes(place: Place, kept: list[Kept]) -> Iterator[tuple[Kept, bytes | Exception]]:
    try:
        yield from zip(kept, place.read([(each.offset, each.length) for each in kept]), strict=True)
    except UNREADABLE as error:
        yield from ((each, error) for each in kept)


class _Reader:
    """Of one batch."""

    def __init__(self, here: Site, batch: Batch, data: dict[Kept, bytes | Exception]) -> None:
        self.site, self.batch, self.data = here, batch, data
        names = build_component_list(here.crawler.settings.getwithbase("ITEM_PIPELINES"))
        self.pipelines: list[Any] = [build_from_crawler(load_object(name), here.crawler) for name in names]
        self.arguments = [replace(here.arguments, details=details) for details in (None, "full")]
        self.limit = here.crawler.settings.getint("DOWNLOAD_MAXSIZE")

    def article(self, sheets: Sheets) -> Article | None:
        """By the newest captures; where these give none, by those before them."""
        for age in range(max(map(len, sheets.pages.values()))):
            try:
                if article := self._passed(self._by(sheets, age)):
                    return article
            except Exception as error:  # as in a crawl, where what one page raises ends no other
                self.batch.stats[ERRORS] += 1
                self._skip(next(iter(sheets.pages.values()))[0], error)
        self.batch.stats[NO_ARTICLE] += 1
        return None

    def _passed(self, article: Article | None) -> Article | None:
        """Through the pipelines."""
        try:
            for pipeline in self.pipelines if article else ():
                article = pipeline.process_item(article)
        except DropItem:
            return None
        return article

    def _by(self, sheets: Sheets, age: int) -> Article | None:
        """What the spider makes of it, without the `age` newest captures of each page."""
        self.site.spider.arguments = self.arguments[WHOLE in sheets.pages and 0 in sheets.pages]
        asked: list[Any] = [self.site.spider.request_for("article", sheets.url, None)]
        while asked:
            each = asked.pop()
            if isinstance(each, Article):
                return each
            asked += list(self._answered(each, sheets, age))[::-1]
        return None

    def _answered(self, request: Request, sheets: Sheets, age: int) -> Iterable[Any]:
        response = self._response(request, sheets.pages.get(self.site.page(request.url), [])[age:])
        if response.status == 200:
            return request.callback(response, **request.cb_kwargs)  # type: ignore  # a generator of the spider's
        failure: Any = Failure(HttpError(response))  # type: ignore[no-untyped-call]
        failure.request = request  # as Scrapy does
        return request.errback(failure) or ()  # type: ignore[misc]

    def _response(self, request: Request, captures: list[Kept]) -> Response:
        """The newest answer that is whole; 404 where there is none."""
        for kept in captures:
            try:
                captured = self._capture(kept)
                response = answer(request, captured, self.limit)
            except UNREAD as error:
                self._skip(kept, error)
            else:
                request.meta["cache_timestamp"] = captured.time.timestamp()
                self.batch.pages += 1
                return response
        return Response(request.url, 404, request=request)

    def _capture(self, kept: Kept) -> Capture:
        data = self.data.pop(kept, None)
        if data is None:
            (data,) = kept.place.read([(kept.offset, kept.length)])
        if isinstance(data, Exception):
            raise data
        return capture(parse(data), kept.place)

    def _skip(self, kept: Kept, error: Exception) -> None:
        self.data[kept] = error
        named = isinstance(error, UNREAD) or not str(error)
        unread = Unread(kept, why(error) if named else f"{type(error).__name__}: {why(error)}")
        if unread not in self.batch.skipped:
            self.batch.skipped.append(unread)
