"""What a page states about itself outside its text: meta tags, the canonical link, JSON-LD."""

import json
from collections.abc import Iterator
from typing import Any

from lxml import etree

Facts = dict[str, list[str]]
"""`meta:og:title`, `link:canonical`, `json-ld:datePublished` -> values as printed, in the page's order."""

_METAS = etree.XPath("//meta[@content]")
_CANONICAL = etree.XPath("//link[@rel='canonical']/@href", smart_strings=False)
_SCRIPTS = etree.XPath("//script[@type='application/ld+json']/text()", smart_strings=False)

_JSON_LD = {
    "headline": "name",
    "datePublished": "name",
    "dateModified": "name",
    "description": "name",
    "author": "name",
    "image": "url",
}
"""Property of NewsArticle -> what of it counts where it is an object."""


def facts(root: etree._Element) -> Facts:
    """All facts of a page; what it states badly is left out."""
    found: Facts = {"link:canonical": _CANONICAL(root)}
    for meta in _METAS(root):
        name = meta.get("property") or meta.get("name")
        if name:
            found.setdefault(f"meta:{name.strip().lower()}", []).append(meta.get("content", ""))
    article = next(_articles(_SCRIPTS(root)), {})
    for name, part in _JSON_LD.items():
        found[f"json-ld:{name}"] = list(_strings(article.get(name), part))
    return found


def _articles(scripts: list[str]) -> Iterator[dict[str, Any]]:
    for script in scripts:
        if "Article" in script:
            yield from (node for node in _nodes(_parsed(script)) if "Article" in str(node.get("@type")))


def _parsed(script: str) -> Any:
    """JSON-LD as sites write it: line breaks in strings, nesting without end, or no JSON at all."""
    try:
        return json.loads(script.strip().rstrip(";"), strict=False)
    except (ValueError, RecursionError):
        return None


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    """The objects at the top: one, a list, or a @graph."""
    for node in data if isinstance(data, list) else [data]:
        if isinstance(node, dict):
            yield node
            graph = node.get("@graph")
            yield from (inner for inner in graph if isinstance(inner, dict)) if isinstance(graph, list) else ()


def _strings(value: Any, part: str) -> Iterator[str]:
    for entry in value if isinstance(value, list) else [value]:
        text = entry.get(part) if isinstance(entry, dict) else entry
        if isinstance(text, str):
            yield text
