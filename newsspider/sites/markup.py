"""A page's source as a tree."""

from lxml import etree
from scrapy.http import TextResponse

HTML = etree.HTMLParser(recover=True, encoding="utf-8", huge_tree=True, collect_ids=False)
_EMPTY = b"<html/>"


def source(response: TextResponse) -> bytes:
    """A page in UTF-8, without what stands around it; as it came, where its encoding says that it came so."""
    body = response.body.strip()
    if body.startswith(b"<") and response.encoding == "utf-8":
        return body
    return response.text.strip().encode("utf-8", "surrogatepass")


def parsed(page: bytes) -> etree._Element:
    """The root of an HTML page in UTF-8, whatever stands in it.

    Not `response.selector`, which refers to its response and the response to it: both would wait for the garbage
    collector, trees and all. And plain elements: those of lxml.html look up a class for each.

    >>> parsed(b"").tag, parsed(b"<!-- -->").tag, parsed(b"a\\0b").findtext("body")
    ('html', 'html', 'ab')
    """
    root = etree.fromstring(page.replace(b"\0", b"") or _EMPTY, HTML)
    return etree.fromstring(_EMPTY, HTML) if root is None else root
