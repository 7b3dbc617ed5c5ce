"""Rules that find a raw value on a page: written as text, compiled once.

- `/…` or `./…` is an XPath expression, from the document's root or relative to the article;
- `meta:…`, `json-ld:…`, `url:…` is a fact that the page states about itself (`facts`);
- anything else is a CSS selector relative to the article; parsel's `::text` and `::attr(name)` work.
"""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple, cast

from lxml import etree
from parsel.csstranslator import css2xpath

from newsspider.sites.facts import Facts

FACTS = ("meta", "json-ld", "url")
_NAME = re.compile(r"'\s*([\w-]+)\s*'")
"""Values of attributes in XPath: they stand in the page's source as they are, and are looked for there first by what
searches the whole page."""


class PageView(NamedTuple):
    """A page, as rules see it."""

    root: etree._Element
    facts: Facts
    source: bytes
    """In UTF-8."""


class Rule:
    """One way to a value; `kind` is where it looks: page, meta, json-ld or url."""

    def __init__(self, text: str) -> None:
        prefix = text.partition(":")[0]
        self.text = text
        self.kind = prefix if prefix in FACTS else "page"
        path = _xpath(text) if self.kind == "page" else ""
        self._find = etree.XPath(path, smart_strings=False) if path else None
        self._names = [name.encode() for name in dict.fromkeys(_NAME.findall(path))] if " or " not in path else []
        self._everywhere = text.startswith("/")

    def __call__(self, page: PageView, scope: etree._Element | None = None) -> list[Any]:
        """Elements or strings, in the page's order."""
        if self._find is None:
            return page.facts.get(self.text, [])
        if (scope is None or self._everywhere) and any(name not in page.source for name in self._names):
            return []
        return cast(list[Any], self._find(page.root if scope is None else scope))


def _xpath(text: str) -> str:
    return text if text.startswith(("/", "./")) else css2xpath(text)


def rules(texts: Iterable[str]) -> tuple[Rule, ...]:
    """The rules of one field, the best first."""
    return tuple(Rule(text) for text in texts)
