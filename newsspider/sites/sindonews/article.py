"""SINDOnews: an article's page becomes an Article, and its pages become one. What pages look like: `layouts`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import takewhile
from typing import Any
from urllib.parse import urljoin

from lxml import etree
from scrapy.http import TextResponse

from newsspider import dates
from newsspider.items import Article, Related
from newsspider.loaders import ArticleLoader
from newsspider.sites import body
from newsspider.sites.body import Body
from newsspider.sites.facts import Facts, facts
from newsspider.sites.markup import parsed, source
from newsspider.sites.rules import PageView, Rule
from newsspider.sites.sindonews import urls
from newsspider.sites.sindonews.layouts import LAYOUTS, MARKUP, PAGER, Layout

_JOINED = re.compile(r"https?://[A-Za-z0-9.-]+/[^?#;\s\0-\x20]*")
"""What `urljoin` gives back as it is, twenty times as slowly."""


@dataclass
class Page:
    """One page of an article."""

    article: Article
    """What this page says. `title` None: no headline; `paragraphs` empty: no body, or one without text."""
    next_url: str | None
    """The article's next page (`…/5`), by the page's own pager."""


def read(response: TextResponse, stats: Any = None) -> Page:
    """Read one page. How often each rule of each field hit is counted: `parser/<field>/<layout>/<rule's number>`.

    A page at a URL that is none of an article gives an article without title and text.
    """
    address = urls.article_url(response.url)
    if address is None:
        return Page(Article(url=response.url, article_id=""), None)
    root = parsed(source(response))
    page = PageView(root, facts(root))
    address = _canonical(page.facts, address)
    page.facts["url:epoch"] = _moment(address)
    loader = ArticleLoader(stats=stats)
    loader.add_value("section", urls.section(address.host))
    loader.add_value("subsection", urls.SUBSECTIONS.get(address.subsection))
    layout, marker = next(_layouts(page), (None, root))
    scope = _fill(loader, layout, marker, page, response.url) if layout else root
    article = Article(url=address.canonical, article_id=address.id, **loader.load_item())
    article.image_url = _absolute(article.image_url, response.url)
    return Page(article, _next_url(page, scope, address, response.url))


def rules_of(layout: str, field: str) -> tuple[Rule, ...]:
    """The rules of a field in a layout, in the order in which they are counted; of `paragraphs` those of the body."""
    found = next(each for each in LAYOUTS if each.name == layout)
    return found.body if field == "paragraphs" else found.fields[field]


def join(pages: list[Page]) -> Article:
    """One article from its pages in order; what a page repeats of the pages before it is left out.

    That is its beginning, where it starts again from the article's, and then what the text so far ends with.
    """
    whole = replace(pages[0].article)
    for page in pages[1:]:
        later = page.article
        paragraphs = [body.without_place(text, whole.dateline) for text in later.paragraphs]
        added = _continuation(whole.paragraphs, paragraphs)
        whole.paragraphs = whole.paragraphs + added
        whole.subheadings = whole.subheadings + [text for text in added if text in set(later.subheadings)]
        whole.related = _once([*whole.related, *later.related])
        whole.tags = list(dict.fromkeys([*whole.tags, *later.tags]))
        add_details(whole, later)
    return whole


def add_details(article: Article, other: Article) -> None:
    """Fill what an article lacks with what another of its pages says, also a date known by the URL only."""
    if article.published_from == "url" and other.published:
        article.published, article.published_from = other.published, other.published_from
    for field in fields(Article):
        if not getattr(article, field.name):
            setattr(article, field.name, getattr(other, field.name))


def _moment(address: urls.ArticleURL) -> list[str]:
    """When the item was created, by its URL."""
    moment = dates.from_epoch(address.epoch) if address.epoch else None
    return [moment] if moment else []


def _layouts(page: PageView) -> Iterator[tuple[Layout, etree._Element]]:
    """The layouts that the page has a marker of, newest first, and the marker; headlines before bodies."""
    headlines = list(page.root.iter("h1"))
    for layout in LAYOUTS:
        yield from ((layout, headline) for headline in headlines if layout.headline(page, headline))
    for layout in LAYOUTS:
        yield from ((layout, marker) for rule in layout.marker for marker in rule(page, page.root)[:1])


def _fill(loader: ArticleLoader, layout: Layout, marker: etree._Element, page: PageView, url: str) -> etree._Element:
    """Add the fields; the smallest element around headline and text."""
    elements, text = _add_text(loader, layout, marker, page, url)
    headed = elements and marker not in elements
    scope = _common_ancestor(marker, elements[-1]) if headed else page.root
    for field, rules in layout.fields.items():
        if field == "editor" and text.signature:
            continue
        ways = ((rule.kind, _lines(rule(page, scope))) for rule in rules)
        kind = loader.add_first(field, layout.name, ways)
        if field == "published":
            loader.add_value("published_from", kind)
    loader.add_value("layout", layout.name)
    return scope


def _add_text(
    loader: ArticleLoader, layout: Layout, marker: etree._Element, page: PageView, url: str
) -> tuple[list[etree._Element], Body]:
    """Add what the first rule with text gives; its elements (a page can carry the body twice) and their text."""
    opens = urls.page_offset(url) == 0
    tried: list[tuple[list[etree._Element], Body]] = []
    for rule in layout.body:
        elements = _outermost(rule(page, marker))
        tried.append((elements, body.merged([body.read(element, MARKUP, opens) for element in elements])))
        if tried[-1][1].paragraphs:
            break
    loader.add_first("paragraphs", layout.name, (("page", text.paragraphs) for _, text in tried))
    elements, text = tried[-1]
    loader.add_value("subheadings", text.subheadings)
    loader.add_value("related", _related(text.related, url))
    loader.add_value("dateline", text.dateline)
    loader.add_value("editor", text.signature)
    return elements, text


def _lines(values: list[Any]) -> list[str]:
    return [value if isinstance(value, str) else body.line(value) for value in values]


def _outermost(elements: list[etree._Element]) -> list[etree._Element]:
    """Those of the elements, in document order, that stand in none of the others."""
    if len(elements) < 2:
        return elements
    inner: set[etree._Element] = set()
    outer = []
    for element in elements:
        if element not in inner:
            outer.append(element)
            inner.update(element.iter())
    return outer


def _common_ancestor(one: etree._Element, other: etree._Element) -> etree._Element:
    """The smallest element around both: where the article's fields are looked for."""
    around = {one, *one.iterancestors()}
    return next(node for node in (other, *other.iterancestors()) if node in around)


def _canonical(said: Facts, address: urls.ArticleURL) -> urls.ArticleURL:
    """The address by the page's canonical link, if that is of the same article."""
    for link in said.get("link:canonical", []):
        found = urls.article_url(link)
        if found and found.id == address.id and (found.epoch or address.epoch) == (address.epoch or found.epoch):
            return found
    return address


def _related(links: list[tuple[str, str | None]], url: str) -> list[Related]:
    return _once([Related(title=title, url=_absolute(href, url)) for title, href in links])


def _absolute(href: str | None, url: str) -> str | None:
    """Absolute, and canonical where it is an article; None if it leads nowhere."""
    if not href or href.startswith("#"):
        return None
    absolute = _joined(url, href)
    article = urls.article_url(absolute)
    return article.canonical if article else absolute if absolute.startswith("http") else None


def _joined(url: str, href: str) -> str:
    """An absolute URL; empty if the page's is none."""
    if _JOINED.fullmatch(href):
        return href
    try:
        return urljoin(url, href)
    except ValueError:
        return ""


def _once(related: list[Related]) -> list[Related]:
    """Each address once, and each title without an address."""
    return list({entry["url"] or entry["title"]: entry for entry in reversed(related)}.values())[::-1]


def _next_url(page: PageView, scope: etree._Element, address: urls.ArticleURL, url: str) -> str | None:
    """The nearest later page among the links of the pager."""
    here = urls.page_offset(url)
    for rule in () if urls.is_whole(url) else PAGER:
        links = [_joined(url, link) for link in rule(page, scope)]
        offsets = [urls.page_offset(link) for link in links if _is_page_of(address, link)]
        later = [offset for offset in offsets if offset > here]
        if later:
            return f"{address.canonical}/{min(later)}"
    return None


def _is_page_of(address: urls.ArticleURL, link: str) -> bool:
    found = urls.article_url(link)
    return found is not None and found.canonical == address.canonical and not urls.is_whole(link)


def _continuation(have: list[str], more: list[str]) -> list[str]:
    """What of `more` is new after `have`."""
    again = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(have, more, strict=False))))
    more = more[again:]
    return more[_overlap(have, more) :]


def _overlap(have: list[str], more: list[str]) -> int:
    """The length of the longest end of `have` that `more` begins with, in linear time (Knuth, Morris, Pratt)."""
    borders = [0] * len(more)
    length = 0
    for n, entry in enumerate(more[1:], start=1):
        while length and entry != more[length]:
            length = borders[length - 1]
        length += entry == more[length]
        borders[n] = length
    length = 0
    for entry in have:
        while length and (length == len(more) or entry != more[length]):
            length = borders[length - 1]
        length += bool(more) and entry == more[length]
    return length
