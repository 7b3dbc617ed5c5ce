"""Which runs can be compared: those that go the same way through the same part of the site, at about today's pages."""

from collections.abc import Mapping
from datetime import date, timedelta

RECENT = timedelta(days=31)
"""A range that begins earlier leads through other years of the site, of which today's run says nothing."""
NO_MATTER = frozenset(("since", "until", "fresh"))

Kind = tuple[tuple[str, str], ...]


def judged(arguments: Mapping[str, str]) -> bool:
    """Whether a run is a sample of the site at all; articles that were named one by one are none."""
    return "url" not in arguments


def kind(arguments: Mapping[str, str], day: date) -> Kind | None:
    """What runs that can be compared have in common; None: this one is like no other. `day`: when it ran.

    >>> kind({"since": "2026-07-23", "until": "2026-07-24"}, date(2026, 7, 24))
    (('way', 'days'),)
    >>> kind({"since": "2016-01-01"}, date(2026, 7, 24)) is None
    True
    >>> kind({"subsections": "41"}, date(2026, 7, 24))
    (('subsections', '41'), ('way', 'newest'))
    """
    since = arguments.get("since")
    if not judged(arguments) or (since and day - date.fromisoformat(since) > RECENT):
        return None
    way = "days" if since else arguments.get("source", "newest")
    others = {name: value for name, value in arguments.items() if name not in NO_MATTER}
    return tuple(sorted((others | {"way": way}).items()))
