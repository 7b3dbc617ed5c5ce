"""What an article is: the data sheet. Every field is explained here and nowhere else.

Names follow schema.org's NewsArticle where it has one (in brackets). A field that the page does not give is None,
or an empty list. The order of the fields is the order of the columns in every feed; new ones are added at the end.
"""

from dataclasses import dataclass, field
from typing import Annotated, Literal, NamedTuple, TypedDict


class Zone(NamedTuple):
    """A time zone, and its offset as a moment in it is written: what typed feeds need to know of a moment."""

    name: str
    offset: str


Local = Annotated[str, Zone("Asia/Jakarta", "+07:00")]
"""A moment of the site, ISO 8601 to the second, with an offset of Indonesia: +07:00 as a rule, +08:00, +09:00."""
Utc = Annotated[str, Zone("UTC", "+00:00")]


class Related(TypedDict):
    """A cross reference ("Baca juga", "Lihat juga") that stood in the text."""

    title: str
    url: str | None
    """Absolute, canonical where it is an article of the site; None where the page gave the title only."""


@dataclass(kw_only=True, slots=True)
class Article:
    """One article, whole and clean."""

    url: str
    """Canonical URL of page 1, the identity of the article (mainEntityOfPage)."""
    article_id: str
    """The number in the URL. Not unique: the site's counter was reset in 2020 (identifier)."""
    title: str | None = None
    """The headline, one line (headline)."""
    published: Local | None = None
    """When the page says it was published, ISO 8601 with offset: 2022-01-09T00:30:00+07:00 (datePublished)."""
    published_from: Literal["page", "json-ld", "url"] | None = None
    """Where `published` was found; "url" is the time in the URL, when the item was created: the last resort."""
    modified: Local | None = None
    """Last change, ISO 8601 with offset; only with `-a details=full` (dateModified)."""
    section: str | None = None
    """The channel's label, by the URL's host: International (articleSection)."""
    subsection: str | None = None
    """The sub-section's label, by the number in the URL: Eropa."""
    dateline: str | None = None
    """The place before the first paragraph, as printed, taken off the text: MOSKOW (dateline)."""
    authors: list[str] = field(default_factory=list)
    """Names of the reporters, in the page's order (author)."""
    editor: str | None = None
    """The initials that sign the text, lower case, without brackets: sya (editor)."""
    description: str | None = None
    """The summary in the page's meta tags (description)."""
    paragraphs: list[str] = field(default_factory=list)
    """The text in reading order, one paragraph an entry; sub-headings and list entries in their place (articleBody)."""
    subheadings: list[str] = field(default_factory=list)
    """Those of `paragraphs` that are sub-headings."""
    related: list[Related] = field(default_factory=list)
    """Cross references taken out of the text, each once."""
    tags: list[str] = field(default_factory=list)
    """The site's tags (keywords)."""
    image_url: str | None = None
    """The main image (image)."""
    image_caption: str | None = None
    """Its caption (image.caption)."""
    language: str = "id"
    """BCP 47 (inLanguage)."""
    source: str = "SINDOnews"
    """Who published it (publisher)."""
    complete: bool = True
    """False: only a part of the article could be had."""
    repeated: int = 0
    """How many paragraphs were removed as a second copy of the text."""
    layout: str | None = None
    """Which layout of the site the page was read by: 2024, 2021, 2018, 2015 (the year it came)."""
    crawled: Utc | None = None
    """When the page was fetched, ISO 8601 in UTC, to the second; in a replay, when it was recorded."""
    revision: int = 1
    """Counts what the ledger knows of the article: 2 when its title or text changed since it was first delivered, or
    when it was extracted again and any field came out otherwise."""
    rendered: bool = False
    """Whether a page of it came from a browser, for its plain HTML has no title or no text (BROWSER_WHEN)."""


@dataclass(kw_only=True, slots=True)
class Clustered(Article):
    """An article of an export with `--cluster`."""

    cluster: str
    """The `url` of the first article, by `published`, of those that tell nearly the same; its own where none does."""
