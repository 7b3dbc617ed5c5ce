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
_OF_ONE_ATTRIBUTE = re.compile(r"\[(?!not)([^][@/]*@([\w-]+)(?:[^][@/]|@\2\b)*)\]")


class PageView(NamedTuple):
    """A page, as rules see it."""

    root: etree._Element
    facts: Facts


class Rule:
    """One way to a value; `kind` is where it looks: page, meta, json-ld or url."""

    def __init__(self, text: str) -> None:
        prefix = text.partition(":")[0]
        self.text = text
        self.kind = prefix if prefix in FACTS else "page"
        path = _xpath(text) if self.kind == "page" else ""
        self._find = etree.XPath(path, smart_strings=False, regexp=False) if path else None

    def __call__(self, page: PageView, scope: etree._Element) -> list[Any]:
        """Elements or strings, in the page's order."""
        if self._find is None:
            return page.facts.get(self.text, [])
        return cast(list[Any], self._find(scope))


def _xpath(text: str) -> str:
    """A predicate is asked of each element, so one about an attribute is asked of that attribute: 4 times faster.

    >>> _xpath("div[itemprop=x] > a"), _xpath("//a[not(@href)]")
    ("descendant-or-self::div/@itemprop[. = 'x']/../a", '//a[not(@href)]')
    """
    path = text if text.startswith(("/", "./")) else css2xpath(text)
    return _OF_ONE_ATTRIBUTE.sub(lambda found: f"/@{found[2]}[{found[1].replace(f'@{found[2]}', '.')}]/..", path)


def rules(texts: Iterable[str]) -> tuple[Rule, ...]:
    """The rules of one field, the best first."""
    return tuple(Rule(text) for text in texts)
