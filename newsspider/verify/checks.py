"""What can be wrong with one article: a check a function, from its values to what is wrong with them."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import fastjsonschema
from ftfy.badness import is_bad

from newsspider.dates import WIB, WIT, WITA
from newsspider.feeds.schema import json_schema
from newsspider.pipelines.copies import kept
from newsspider.sites.leftovers import leftovers
from newsspider.sites.sindonews.layouts import MARKUP
from newsspider.sites.sindonews.urls import LABEL, article_url
from newsspider.text import characters

Article = dict[str, Any]
Check = Callable[[Article], Iterator[str]]

MARKUPS = {LABEL: MARKUP}
"""`source` -> how its bodies are read."""
ZONES = frozenset(zone.utcoffset(None) for zone in (WIB, WITA, WIT))
MINUTE = timedelta(minutes=1)
"""Pages show their date to the minute."""


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


_SCHEMA = json_schema()
_REQUIRED = frozenset(_SCHEMA["required"])
_valid = fastjsonschema.compile(_SCHEMA, formats={"date-time": _is_moment})


def schema(article: Article) -> Iterator[str]:
    """As article.schema.json has it."""
    if lacking := _REQUIRED - article.keys():
        yield f"lacks {', '.join(sorted(lacking))}"
        return
    try:
        _valid(article)
    except fastjsonschema.JsonSchemaValueException as error:
        yield error.message.removeprefix("data").removeprefix(".")


def address(article: Article) -> Iterator[str]:
    """The identity of an article is its canonical URL."""
    found = article_url(article["url"])
    if article["source"] == LABEL and (found is None or found.canonical != article["url"]):
        yield f"url is no canonical address: {article['url']}"


def empty(article: Article) -> Iterator[str]:
    """A title, a text, and nothing in it that is white space only, or has too much of that."""
    if article["title"] is None:
        yield "title is empty"
    if not article["paragraphs"]:
        yield "there are no paragraphs"
    for name, text in _texts(article):
        if not text.strip():
            yield f"{name} is empty"
        elif " ".join(text.split()) != text:
            yield f"{name} has white space that is none between words: {text!r}"


def encoding(article: Article) -> Iterator[str]:
    """Nothing that `text.characters` would mend, and nothing that looks like a text in the wrong code page."""
    whole = "\n".join(text for _, text in _texts(article))
    if characters(whole) == whole and not _looks_wrong(whole):
        return
    for name, text in _texts(article):
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            yield f"{name} is no UTF-8: {text!r}"
        elif characters(text) != text or _looks_wrong(text):
            yield f"{name} has characters that are not what they were: {text!r}"


def dates(article: Article) -> Iterator[str]:
    """In a zone of Indonesia, `crawled` in UTC; published, then modified, then crawled."""
    moments = [(name, datetime.fromisoformat(article[name])) for name in ORDER if article[name]]
    for name, moment in moments:
        zones = {timedelta(0)} if name == "crawled" else ZONES
        if moment.utcoffset() not in zones:
            yield f"{name} is in no zone of its own: {article[name]}"
    for (before, early), (after, late) in pairwise(moments):
        if early >= late + MINUTE:
            yield f"{before} {article[before]} is later than {after} {article[after]}"
    if moments and moments[-1][1] > datetime.now(UTC) + MINUTE:
        yield f"{moments[-1][0]} is in the future: {article[moments[-1][0]]}"


def boilerplate(article: Article) -> Iterator[str]:
    """Nothing that belongs to the page."""
    paragraphs, markup = article["paragraphs"], MARKUPS.get(article["source"])
    if markup:
        for left in leftovers(paragraphs, markup):
            if left.sure:
                yield f"paragraph {left.paragraph + 1} has {left.told}: {paragraphs[left.paragraph]!r}"
        if article["complete"] and not article["dateline"] and paragraphs and markup.dateline.match(paragraphs[0]):
            yield f"paragraph 1 has its dateline: {paragraphs[0]!r}"


def repeats(article: Article) -> Iterator[str]:
    """The text stands in it once."""
    paragraphs = article["paragraphs"]
    if more := len(paragraphs) - len(kept(paragraphs, article["title"])):
        yield f"{more} of {len(paragraphs)} paragraphs are a copy of others"


def _texts(article: Article) -> Iterator[tuple[str, str]]:
    """Prose, with the name of its place."""
    for name in ("title", "dateline", "description", "image_caption"):
        if article[name] is not None:
            yield name, article[name]
    for name in ("authors", "subheadings", "tags", "paragraphs"):
        for number, text in enumerate(article[name], start=1):
            yield f"{name} {number}", text
    for number, link in enumerate(article["related"], start=1):
        yield f"related {number}", link["title"]


def _looks_wrong(text: str) -> bool:
    """Read in a wrong code page. ftfy knows, and takes longer than all else: asked about what can be, only."""
    return bool(_HIGH.search(text)) and bool(is_bad(text))


_HIGH = re.compile("[^\x00-\x7f]{2}|[\xc2\xc3\xe2]")
ORDER = ("published", "modified", "crawled")
CHECKS: tuple[Check, ...] = (address, empty, encoding, dates, boilerplate, repeats)
"""Of an article that is as the schema has it."""
