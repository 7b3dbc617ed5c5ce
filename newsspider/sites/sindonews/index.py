"""SINDOnews: its lists. Which articles stand on one, and where it goes on."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lxml import etree
from parsel import Selector
from scrapy.http import TextResponse

from newsspider.sites.markup import parsed, source
from newsspider.sites.sindonews.urls import article_url, list_url, site_url

FEED_LINKS = "//*[local-name()='link' or local-name()='guid' or local-name()='loc']/text()"
"""Where RSS and sitemaps have URLs, whatever their namespaces."""
SITEMAPS = "//*[local-name()='sitemap']/*[local-name()='loc']/text()"


_LINKS = etree.XPath("//a/@href", smart_strings=False)
_HEAD_LINKS = etree.XPath("//link/@href", smart_strings=False)


class Listing(NamedTuple):
    """One page of a list."""

    articles: list[str]
    """Canonical URLs in page order, each once."""
    next_url: str | None
    """The next page of the same list; None on the last."""


def read(response: TextResponse) -> Listing:
    """Read a list of any year: links tell by their address what they are, not by their place on the page."""
    root = parsed(source(response))
    links = list(_absolute(response, dict.fromkeys(_LINKS(root))))
    later = _absolute(response, _HEAD_LINKS(root))
    return Listing(_articles(links), _next_page(response.url, [*links, *later]))


def read_feed(response: TextResponse) -> list[str]:
    """Canonical URLs of the articles in RSS 2.0 or a news sitemap, in feed order, each once."""
    return _articles(_xml(response).xpath(FEED_LINKS).getall())


def read_sitemap_index(response: TextResponse) -> list[str]:
    """URLs of the sitemaps in a sitemap index, those of this site only; none if it is no sitemap index."""
    found = filter(None, map(site_url, _xml(response).xpath(SITEMAPS).getall()))
    return [url for url in dict.fromkeys(found) if url != site_url(response.url)]


def _articles(urls: Iterable[str]) -> list[str]:
    found = filter(None, map(article_url, urls))
    return list(dict.fromkeys(article.canonical for article in found))


def _next_page(url: str, links: Iterable[str]) -> str | None:
    """Of all links to later pages of the same list, the nearest: so no pager leads back or around, nor past a page."""
    here = list_url(url)
    pages = filter(None, map(list_url, links))
    later = [page for page in pages if here and here.precedes(page)]
    if not here or not later:
        return None
    return min(later, key=lambda page: page.offset)._replace(day=here.day).canonical


def _absolute(response: TextResponse, links: Iterable[str]) -> Iterator[str]:
    for link in links:
        try:
            yield response.urljoin(link.strip())
        except ValueError:  # a bracket that is no IPv6 address
            continue


def _xml(response: TextResponse) -> Selector:
    """Parsed with libxml2's limits on, entities left alone: a feed can neither read files nor blow up."""
    return Selector(response.text or "<empty/>", type="xml", huge_tree=False)
