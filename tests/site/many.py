"""A bigger site, made of copies of one story: what a kill or an outage can strike in the middle of."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from tests.site import Pages
from tests.site.articles import article_pages
from tests.site.content import ROBOTS
from tests.site.lists import list_pages, newest
from tests.site.markup import date_text
from tests.site.stories import STORIES, Story

MODEL = next(
    s for s in STORIES if s.layout == "2024" and s.host == "international" and (s.whole, s.copy) == ("served", "")
)
LAST = datetime(2026, 7, 20, 20, 0)
A_PAGE = 20


def stories(count: int, first: int = 0) -> list[Story]:
    """The newest first: one every seven minutes, back from LAST; with `first`, that many are newer than LAST."""
    return [
        replace(
            MODEL,
            id=str(1800000 + first - number),
            title=f"Kabar nomor {first - number + 100000}",
            at=f"{LAST + timedelta(minutes=7 * (first - number)):%Y-%m-%d %H:%M}",
            listed="plain",
            status="200",
        )
        for number in range(count)
    ]


def daily(last: date, days: int, each: int) -> list[Story]:
    """The newest first: so many a day on so many days, back from the last one."""
    end = datetime(last.year, last.month, last.day, 20)
    return [
        replace(story, at=f"{end - timedelta(days=number // each, minutes=number % each):%Y-%m-%d %H:%M}")
        for number, story in enumerate(stories(days * each))
    ]


def day_index(found: list[Story], day: date) -> Pages:
    """Its pages, also of a day without a story."""
    base, query = "https://www.sindonews.com/indeks/9", f"?t={day}"
    return list_pages(
        [story for story in found if story.time.date() == day],
        lambda offset: [f"{base}/{offset}{query}"],
        step=A_PAGE,
        layout="2024",
        when=date_text,
        host="international",
    )


def site(found: list[Story]) -> Pages:
    """The newest, the index of each day, and every article."""
    pages: Pages = newest("international", "9", found)
    for day in sorted({story.time.date() for story in found}):
        pages |= day_index(found, day)
    for story in found:
        pages |= article_pages(story)
    return pages | {f"https://{host}.sindonews.com/robots.txt": ROBOTS for host in ("www", "international")}


def urls(found: list[Story]) -> set[str]:
    """Canonical URLs."""
    return {story.url for story in found}
