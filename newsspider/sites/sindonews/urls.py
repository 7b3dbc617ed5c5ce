"""SINDOnews: its addresses. What an article's URL looks like, what is none, and where the lists are."""

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qs, quote, unquote_to_bytes, urlencode, urlsplit

DOMAIN = "sindonews.com"
LABEL = "SINDOnews"
DEFAULT_CHANNEL = "international"


class Channel(NamedTuple):
    """A part of the site with a host of its own."""

    id: int
    """The number that the index knows it by."""
    label: str
    hosts: tuple[str, ...]
    """Host names without the domain; its lists are on the first."""


CHANNELS: dict[str, Channel] = {
    "all": Channel(0, "SINDOnews", ("www",)),
    "nasional": Channel(5, "Nasional", ("nasional",)),
    "daerah": Channel(7, "Daerah", ("daerah",)),
    "ekbis": Channel(8, "Ekbis", ("ekbis",)),
    "international": Channel(9, "International", ("international",)),
    "sports": Channel(10, "Sports", ("sports",)),
    "kalam": Channel(67, "Kalam", ("kalam",)),
    "edukasi": Channel(144, "Edukasi", ("edukasi",)),
    "lifestyle": Channel(154, "Lifestyle", ("lifestyle",)),
    "otomotif": Channel(611, "Otomotif", ("otomotif",)),
    "teknologi": Channel(612, "Teknologi", ("tekno", "teknologi")),
}

SUBSECTIONS: dict[int, str] = {
    40: "Asia Pasifik",
    41: "Eropa",
    42: "Amerika",
    43: "Timur Tengah",
    44: "Afrika",
    45: "Fokus Dunia",
    46: "Jagad Jungkir Balik",
    177: "Sosok",
}
"""Sub-sections of International, by the number in the URL."""

NOT_ARTICLE_HOSTS = frozenset(
    ["photo", "video", "index", "search", "scope", "media", "mpi", "en", "hi-lite", "pict", "e"]
)
"""Hosts whose pages are no articles, also where their paths look like one."""

_HOST = r"(?ai:https?://(?P<host>[a-z-]+)\.sindonews\.com)"
_ARTICLE_URL = re.compile(
    _HOST + r"/(?:news)?read/(?P<id>[0-9]{1,12})/(?P<subsection>[0-9]{1,6})/(?P<slug>[^/?#\s\ud800-\udfff]+)"
    r"(?:/(?P<offset>[0-9]{1,4}))?/*(?:[?#].*)?",
)
_LIST_URL = re.compile(
    _HOST + r"/(?P<name>indeks|index|more)(?:/(?P<id>[0-9]{1,6}))?(?:/(?P<offset>[0-9]{1,9}))?/*(?:[?#].*)?"
)
_SITE_URL = re.compile(r"https://(?:[a-z-]+\.)?sindonews\.com/\S*", re.ASCII | re.IGNORECASE)
_EPOCH = re.compile(r"-(\d{10})$")
_remembered = lru_cache(maxsize=1024)
"""A page's own address is looked at a dozen times, those of its links stand on many pages."""


class ArticleURL(NamedTuple):
    """An article's address, taken apart."""

    host: str
    id: str
    subsection: int
    slug: str

    @property
    def canonical(self) -> str:
        """The one URL that stands for the article: page 1, https, no query."""
        return f"https://{self.host}.{DOMAIN}/read/{self.id}/{self.subsection}/{self.slug}"

    @property
    def whole(self) -> str:
        """Where the whole article is on one page."""
        return f"{self.canonical}?showpage=all"

    @property
    def epoch(self) -> int | None:
        """When the item was created, seconds since 1970; some URLs have none."""
        match = _EPOCH.search(self.slug)
        return int(match[1]) if match else None


@_remembered
def article_url(url: str) -> ArticleURL | None:
    """Take an absolute URL apart; None if it is not one of an article.

    >>> article_url("http://international.sindonews.com/newsread/1/41/judul-1641660000/10?utm_source=x").canonical
    'https://international.sindonews.com/read/1/41/judul-1641660000'
    >>> article_url("https://photo.sindonews.com/view/1/judul") is None
    True
    """
    match = _ARTICLE_URL.fullmatch(url.strip())
    if match is None:
        return None
    host, slug = match["host"].lower(), _one_spelling(match["slug"])
    if host in NOT_ARTICLE_HOSTS or host.startswith("cdn") or not slug.strip("."):
        return None
    return ArticleURL(host, match["id"], int(match["subsection"]), slug)


def _one_spelling(segment: str) -> str:
    """A path segment percent-encoded where it must be and nowhere else: `%2d` becomes `-`, `é` becomes `%C3%A9`."""
    return quote(unquote_to_bytes(segment), safe="")


@_remembered
def page_offset(url: str) -> int:
    """The offset of a page inside its article: 0 for page 1, 5 for `…/judul-1641660000/5`."""
    match = _ARTICLE_URL.fullmatch(url.strip())
    return int(match["offset"] or 0) if match else 0


@_remembered
def is_whole(url: str) -> bool:
    """Whether the URL is the whole-article variant."""
    return "all" in parse_qs(urlsplit(url).query).get("showpage", [])


class ListURL(NamedTuple):
    """The address of one page of a list: the index of a day, or the newest."""

    host: str
    name: str
    """`indeks`, in older years `index`, or `more`."""
    id: int
    """Of the channel or sub-section; 0 for all."""
    offset: int
    """How many articles stand on the pages before."""
    day: str | None
    """The parameter `t`, YYYY-MM-DD; None where the list has no date."""

    @property
    def canonical(self) -> str:
        """The one URL that stands for the page: https, no parameter but the day."""
        query = f"?{urlencode({'t': self.day})}" if self.day else ""
        return f"https://{self.host}.{DOMAIN}/{self.name}/{self.id}/{self.offset}{query}"

    def precedes(self, other: "ListURL") -> bool:
        """Whether the other is a later page of the same list; a pager's link may leave out the day, never change it."""
        return (
            (self.name == "more", self.id) == (other.name == "more", other.id)
            and other.day in (self.day, None)
            and other.offset > self.offset
        )


def list_url(url: str) -> ListURL | None:
    """Take an absolute URL apart; None if it is not one of a list.

    >>> list_url("http://index.sindonews.com/index/9/15?t=2019-03-01&utm_source=x").canonical
    'https://index.sindonews.com/index/9/15?t=2019-03-01'
    """
    match = _LIST_URL.fullmatch(url.strip())
    if match is None:
        return None
    day = parse_qs(urlsplit(match[0]).query).get("t", [None])[0]
    return ListURL(match["host"].lower(), match["name"], int(match["id"] or 0), int(match["offset"] or 0), day)


def site_url(url: str) -> str | None:
    """An absolute URL of the site, over https; None if it leads elsewhere."""
    scheme, separator, rest = url.strip().partition("://")
    secure = f"https://{rest}"
    return secure if separator and scheme.lower() in ("http", "https") and _SITE_URL.fullmatch(secure) else None


def section(host: str) -> str | None:
    """The label of the channel that a host belongs to."""
    return next((channel.label for channel in CHANNELS.values() if host in channel.hosts), None)


def index_url(channel: str, day: date) -> str:
    """The first page of the index of one day."""
    return f"https://www.{DOMAIN}/indeks/{CHANNELS[channel].id}/0?t={day.isoformat()}"


def newest_url(channel: str) -> str:
    """The first page of the newest, without a date."""
    if channel == "all":
        return f"https://www.{DOMAIN}/indeks"
    return f"https://{CHANNELS[channel].hosts[0]}.{DOMAIN}/more/{CHANNELS[channel].id}"


def rss_url(channel: str) -> str:
    """RSS 2.0 of a channel."""
    return f"https://www.{DOMAIN}/feed" if channel == "all" else f"https://{CHANNELS[channel].hosts[0]}.{DOMAIN}/rss"


def sitemap_url(channel: str) -> str:
    """The news sitemap of a channel."""
    return f"https://{CHANNELS[channel].hosts[0]}.{DOMAIN}/sitemap-news.xml"
