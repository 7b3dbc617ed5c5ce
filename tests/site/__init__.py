"""A small news site on loopback, in SINDOnews's markup and our own words."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Page:
    """One answer of the site: what a URL gives."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})


Pages = dict[str, Page]
"""Absolute URL (scheme, host, path and query, as asked for) -> Page; what is not in it is a 404."""
