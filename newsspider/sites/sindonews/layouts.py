"""SINDOnews: what its article pages look like, as data. After a redesign of the site, add a layout here.

Of every field the first rule that gives a value counts (see `sites.rules`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from newsspider.sites.body import Markup
from newsspider.sites.marks import BLOCK, BREAK, GAP, PLAIN
from newsspider.sites.references import label_pattern
from newsspider.sites.rules import Rule, rules


@dataclass(frozen=True)
class Layout:
    """One face of the site. A page is read by the newest layout of which it has a marker, and by that one only."""

    name: str
    """The year it came."""
    headline: Rule
    """Whether an <h1> is the layout's headline: its marker."""
    marker: tuple[Rule, ...]
    """Rules of the body, for pages on which no layout's headline is."""
    body: tuple[Rule, ...]
    """Rules of the elements that hold the text, relative to the marker; more than one are read one after the other."""
    fields: Mapping[str, tuple[Rule, ...]]
    """Field of the article -> rules, relative to the smallest element around marker and text."""

    @cached_property
    def sought(self) -> tuple[bytes, ...]:
        """What stands in the source of all that is read by it, but for what is around marker and text."""
        read = (*PAGER, *self.body, *(rule for rules in self.fields.values() for rule in rules))
        return tuple(dict.fromkeys(name for rule in read for name in rule.names))


def _is(name: str) -> str:
    """XPath: the element has this class."""
    return f"contains(@class, '{name}') and contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


_EVERYWHERE = {
    "title": ("json-ld:headline", "meta:og:title"),
    "published": ("json-ld:datePublished", "url:epoch"),
    "modified": ("json-ld:dateModified", "meta:article:modified_time"),
    "authors": ("json-ld:author",),
    "description": ("json-ld:description", "meta:og:description", "meta:description"),
    "tags": ("meta:keywords", "meta:news_keywords"),
    "image_url": ("json-ld:image", "meta:og:image"),
}
"""Facts that stand in for what a layout does not show. For the image they are better than what it shows."""
_FACTS_FIRST = {"image_url"}


def _layout(
    name: str, headline: str, body: tuple[str, ...], marker: tuple[str, ...] = (), **fields: tuple[str, ...]
) -> Layout:
    fields = {field: fields.get(field, ()) for field in {**fields, **_EVERYWHERE}}
    for field, facts in _EVERYWHERE.items():
        fields[field] = facts + fields[field] if field in _FACTS_FIRST else fields[field] + facts
    return Layout(
        *(name, Rule(headline), rules(marker), rules(body)), {field: rules(texts) for field, texts in fields.items()}
    )


_DETAIL_DESC = ("//div[@id='detail-desc']", f"//div[{_is('detail-desc')}]")
_IN_ARTICLE = tuple(f"./ancestor::article[1]{rule}" for rule in _DETAIL_DESC)
_DETAIL = {
    "published": ("div.detail-date-artikel",),
    "editor": ("div.editor",),
    "tags": ("div.article-tags a", f"//*[{_is('article-tags')}]//a"),
    "image_url": (".detail-img img::attr(data-src)", ".detail-img img::attr(src)"),
    "image_caption": ("figcaption", ".image-content"),
}
_FIGURE = {
    "editor": ("div.editor",),
    "image_url": ("figure img::attr(data-src)", "figure img::attr(src)"),
    "image_caption": ("figcaption", ".image-content"),
}

LAYOUTS = (
    _layout(
        "2024",
        headline=f"./self::h1[{_is('detail-title')}]/ancestor::article",
        marker=("//article//div[@id='detail-desc']",),
        body=_IN_ARTICLE + _DETAIL_DESC,
        **_DETAIL,
        title=("h1.detail-title",),
        authors=(".detail-nama-redaksi a[rel=author]", ".detail-nama-redaksi a", ".detail-nama-redaksi"),
    ),
    _layout(
        "2021",
        headline=f"./parent::div[{_is('detail-title')}]",
        marker=("//div[@id='detail-desc']",),
        body=_DETAIL_DESC,
        **_DETAIL,
        title=("div.detail-title > h1",),
        authors=("div.detail-nama-redaksi a", "div.detail-nama-redaksi"),
    ),
    _layout(
        "2018",
        headline=f"./parent::div[{_is('article')}]",
        body=("//*[@itemprop='articleBody']", "//div[@id='content']"),
        **_FIGURE,
        title=("./h1", "h1"),
        published=("./time", "time", "time::attr(datetime)"),
        authors=(".reporter p.author a", ".reporter p a"),
        tags=("div.tag-list a", f"//div[{_is('tag-list')}]//a"),
    ),
    _layout(
        "2015",
        headline="./self::h1[@itemprop='headline']/parent::article",
        body=("./ancestor::article[1]//div[" + _is("content") + "]",),
        **_FIGURE,
        title=("h1[itemprop=headline]",),
        published=("div.time",),
        authors=("a[rel=author] > span", "a[rel=author]"),
    ),
)

PAGER = rules(
    (
        "div.paging-artikel a::attr(href)",
        "a[data-ci-pagination-page]::attr(href)",
        f"//div[{_is('paging-artikel')}]//a/@href",
        "//a[@data-ci-pagination-page]/@href | //a[@rel='next']/@href",
    )
)
"""Links to the pages of an article, of any layout."""
SOUGHT = (*dict.fromkeys(name for layout in LAYOUTS for name in layout.sought), b"ld+json")
SOUGHT_TAGS = re.compile(rb"<(?:h1|meta|link)", re.IGNORECASE)
"""Where neither of these is, nothing is read but what is around a headline and its text. What stands at a page's
beginning is the last of SOUGHT: it is sought only behind the others.
"""

_BORDER = rf"(?:{GAP}|[{BREAK}{BLOCK}])*+"

_DROPPED = """
    bacanews-box box-outlink reporter image-content social-embed ads300 adsload parallax-ad warp-ads-paralax
    content-paralax download-sindoapps page-status paging-artikel editor twitter-tweet instagram-media tiktok-embed
    fb-post article-tags tag-list detail-img
"""

MARKUP = Markup(
    labels=label_pattern("baca juga", "baca pula", "lihat juga", "simak juga"),
    dropped=frozenset(_DROPPED.split()),
    dropped_prefixes=("v-", "ads", "share", "social-"),
    dropped_ids=("div-gpt-ad", "me-div-gpt-ad"),
    boxes=frozenset({"baca-inline"}),
    kept=frozenset({"vidy-embed"}),
    furniture=re.compile(
        r"(?:tulis komentar anda|halaman ?:?(?: ?[0-9])*|baca selengkapnya|advertisement|scroll to continue)[ .:…!»>]*",
        re.IGNORECASE,
    ),
    dateline=re.compile(
        rf"{_BORDER}([A-ZÀ-ÖØ-Þ](?:[A-ZÀ-ÖØ-Þ.,'’/()&-]|{GAP}){{1,46}}?[A-ZÀ-ÖØ-Þ.)])"
        rf"(?:{GAP}++[-–—]+|[-–—]+(?=[\s{PLAIN}])){_BORDER}"
    ),
    signature=re.compile(r"\( ?([a-z]{2,5}(?:/[a-z]{2,5})?) ?\)\.?$"),
)
