"""What a page states about itself outside its text: meta tags, the canonical link, JSON-LD."""

import json
from collections.abc import Iterator
from typing import Any

from lxml import etree

Facts = dict[str, list[str]]
"""`meta:og:title`, `link:canonical`, `json-ld:datePublished` -> values as printed, in the page's order."""

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
    found: Facts = {}
    scripts = []
    for node in root.iter("meta", "link", "script"):
        if node.tag == "meta":
            name = node.get("property") or node.get("name") or ""
            found.setdefault(f"meta:{name.strip().lower()}", []).append(node.get("content", ""))
        elif node.tag == "script":
            scripts += [node.text or ""] if node.get("type") == "application/ld+json" else []
        elif node.get("rel") == "canonical":
            found.setdefault("link:canonical", []).append(node.get("href", ""))
    article = next(_articles(scripts), {})
    for name, part in _JSON_LD.items() if article else ():
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
