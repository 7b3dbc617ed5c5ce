"""A page's source as a tree."""

from lxml import etree

HTML = etree.HTMLParser(recover=True, encoding="utf-8", huge_tree=True)
_EMPTY = b"<html/>"


def parsed(text: str) -> etree._Element:
    """The root of an HTML page, whatever the text.

    Not `response.selector`, which refers to its response and the response to it: both would wait for the garbage
    collector, trees and all. And plain elements: those of lxml.html look up a class for each.

    >>> parsed("").tag, parsed("<!-- -->").tag, parsed("a\\0b").findtext("body")
    ('html', 'html', 'ab')
    """
    root = etree.fromstring(text.strip().replace("\0", "").encode("utf-8", "surrogatepass") or _EMPTY, HTML)
    return etree.fromstring(_EMPTY, HTML) if root is None else root
