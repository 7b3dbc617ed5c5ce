"""The whole sample site: `pages()` is what it answers, `expected()` what a crawl of it must give."""

from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from newsspider.sites.sindonews import urls
from tests.site import Page, Pages
from tests.site.articles import article_pages
from tests.site.lists import STEPS, day_index, newest, of_channel, old_index, rss, sitemap
from tests.site.stories import STORIES, Story
from tests.site.truth import article

CHANNELS = ("international", "nasional", "ekbis")
"""The channels that have the newest, RSS and sitemap here; `all` has day indexes and the feed."""

ROBOTS = Page(
    b"User-agent: *\nDisallow: /search\nDisallow: /admin/\n\nSitemap: https://international.sindonews.com/sitemap-news.xml\n",
    200,
    {"Content-Type": "text/plain"},
)


def _lists() -> Pages:
    pages = {"https://www.sindonews.com/feed": rss("all", "https://www.sindonews.com/feed")}
    for day in STEPS:
        pages |= old_index(day) | day_index("international", day)
        if day.year == 2026:
            for name in ("all", "nasional", "ekbis"):
                pages |= day_index(name, day)
    for name in CHANNELS:
        home = f"https://{name}.sindonews.com"
        pages |= {f"{home}/rss": rss(name, f"{home}/rss"), f"{home}/sitemap-news.xml": sitemap(name)}
    return pages


def _fronts() -> Pages:
    pages: Pages = {}
    for name in CHANNELS:
        pages |= newest(name, str(urls.CHANNELS[name].id), of_channel(name))
        pages[f"https://{name}.sindonews.com/"] = pages[urls.newest_url(name)]
    for sub in sorted({story.sub for story in STORIES if story.host == "international"}):
        pages |= newest("international", sub, [s for s in of_channel("international") if s.sub == sub])
    return pages


@cache
def pages() -> Pages:
    """Every URL of the site -> its answer."""
    found = _lists() | _fronts()
    for story in STORIES:
        found |= article_pages(story)
    hosts = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, found)}
    return dict(sorted((found | {f"{host}/robots.txt": ROBOTS for host in hosts}).items()))


def _becomes_an_article(story: Story) -> bool:
    return story.status == "200" and bool(story.blocks)


def expected() -> dict[str, dict[str, Any]]:
    """Canonical URL -> the fields that its article must have; what is deleted or has no text is not here."""
    return {story.url: article(story) for story in STORIES if _becomes_an_article(story)}


def listed(day: date, host: str = "international") -> list[str]:
    """Canonical URLs of what the index of a day lists, in its order, deleted ones too."""
    return [story.url for story in STORIES if story.time.date() == day and story.host == host]
