"""A page's source as a tree."""

import re
from collections.abc import Iterable

from lxml import etree
from scrapy.http import TextResponse

HTML = etree.HTMLParser(recover=True, encoding="utf-8", huge_tree=True, collect_ids=False)
_EMPTY = b"<html/>"
_CUT = b"<newsspider-cut>"
MARGIN = 3000
"""Bytes in which the elements around what is sought come to their end, as a rule."""


def source(response: TextResponse) -> bytes:
    """A page in UTF-8, without NUL and what stands around it; as it came, where its encoding says that it came so."""
    body = response.body.strip()
    if not (body.startswith(b"<") and response.encoding == "utf-8"):
        body = response.text.strip().encode("utf-8", "surrogatepass")
    return body.replace(b"\0", b"")


def parsed(page: bytes) -> etree._Element:
    """The root of an HTML page in UTF-8, whatever stands in it.

    Not `response.selector`, which refers to its response and the response to it: both would wait for the garbage
    collector, trees and all. And plain elements: those of lxml.html look up a class for each.

    >>> parsed(b"").tag, parsed(b"<!-- -->").tag
    ('html', 'html')
    """
    root = etree.fromstring(page or _EMPTY, HTML)
    return etree.fromstring(_EMPTY, HTML) if root is None else root


def end(page: bytes, names: Iterable[bytes], tags: re.Pattern[bytes]) -> int:
    """How much of a page is worth parsing: a little more than to the last of these; -1: all of it."""
    last = 0
    for name in names:
        last = max(last, page.rfind(name, last))
    last = max([last, *(tag.start() for tag in tags.finditer(page, last))])
    return page.find(b"<", last + MARGIN)


def begun(page: bytes, end: int) -> tuple[etree._Element, list[etree._Element]] | None:
    """The root of a page's first bytes, and the elements around their end: what follows may go on with these, and
    with no others, for the parser changes nothing that is closed. None where no tag can stand there, as in a script.

    >>> root, around = begun(b"<p>a</p><div>b<b>c</b> <i>d</i>", 27)
    >>> etree.tostring(root), [element.tag for element in around]
    (b'<html><body><p>a</p><div>b<b>c</b> <i>d</i></div></body></html>', ['i', 'div', 'body', 'html'])
    >>> begun(b"<script>a<b</script>", 9)
    """
    root = parsed(page[:end] + _CUT)
    cut = next(root.iter("newsspider-cut"), None)
    if cut is None:
        return None
    around = list(cut.iterancestors())
    around[0].remove(cut)
    return root, around
