"""The lists of the site: day indexes with pagers, the newest, RSS, the news sitemap."""

from collections.abc import Callable
from datetime import date
from email.utils import format_datetime
from html import escape

from newsspider.sites.sindonews.urls import CHANNELS
from tests.site import Page
from tests.site.articles import html_page, moved
from tests.site.head import label, section_url
from tests.site.markup import date_text, fill, image
from tests.site.pagers import PAGERS
from tests.site.stories import STORIES, Story

STEPS = {
    date(2015, 10, 6): 3,
    date(2016, 3, 13): 3,
    date(2016, 3, 14): 3,
    date(2016, 3, 15): 3,
    date(2019, 3, 11): 2,
    date(2019, 3, 12): 2,
    date(2019, 3, 13): 15,
    date(2020, 11, 2): 15,
    date(2021, 2, 9): 15,
    date(2022, 1, 7): 3,
    date(2022, 1, 8): 2,
    date(2022, 1, 9): 3,
    date(2022, 1, 10): 3,
    date(2023, 5, 5): 20,
    date(2024, 9, 23): 20,
    date(2026, 7, 20): 20,
    date(2026, 7, 21): 20,
    date(2026, 7, 22): 2,
    date(2026, 7, 23): 2,
    date(2026, 7, 24): 3,
    date(2026, 7, 25): 20,
}
"""The days that have an index, and how many entries its pages hold. Days without a story are empty."""

NOT_ARTICLES = (
    ("https://photo.sindonews.com/view/41001/pesta-lampion-di-tepi-sungai", "Foto: pesta lampion"),
    ("https://video.sindonews.com/play/81002/kapal-tua-berlayar-lagi", "Video: kapal tua"),
    ("https://www.sindonews.com/vod/5003/kabar-siang", "Kabar siang"),
    ("https://www.sindonews.com/topic/77/tema", "Tema hari ini"),
    ("https://www.sindonews.com/blog/9001/redaksi", "Redaksi"),
    ("https://hi-lite.sindonews.com/read/3101/700/resep-kue-lapis-1784870000", "Resep kue lapis"),
    ("https://scope.sindonews.com/read/3102/12/liputan-khusus-1784870100", "Liputan khusus"),
    ("https://en.sindonews.com/read/3103/11/morning-brief-1784870200", "Morning brief"),
    ("https://search.sindonews.com/go?q=banjir", "Cari"),
    ("https://international.sindonews.com/more/41", "Eropa"),
    ("https://www.sindonews.com/indeks", "Indeks"),
    ("https://international.sindonews.com/feed", "Feed"),
    ("https://sindonews.example/read/1/41/bukan-situs-kami-1784870300", "Mitra"),
    ("mailto:redaksi@sindonews.example", "Surat"),
    ("javascript:void(0)", "Menu"),
)
"""What lists link to that is no article of the channel."""

LINKS: dict[str, Callable[[str], str]] = {
    "plain": lambda url: url,
    "http": lambda url: url.replace("https:", "http:"),
    "mobile": lambda url: url.replace("/read/", "/newsread/"),
    "tracked": lambda url: f"{url}?utm_source=indeks&utm_medium=list#isi",
    "paged": lambda url: f"{url}/10",
    "whole": lambda url: f"{url}?showpage=all",
}


def era(day: date) -> str:
    """The layout that the index of a day is served in."""
    return max(layout for layout in ("2015", "2018", "2021", "2024") if int(layout) <= day.year)


def _entry(story: Story, layout: str, when: str) -> str:
    return fill(
        f"entry-{layout}",
        url=escape(LINKS[story.listed](story.url)),
        title=escape(story.title),
        image=image(story, "webp/228"),
        section=section_url(story),
        label=label(story),
        date=when,
    )


def _sidebar(channel: str) -> str:
    others = [(s.url, s.title) for s in STORIES if s.host != channel and channel != "www"][:3]
    return "".join(f'<p><a href="{url}">{escape(title)}</a></p>' for url, title in [*NOT_ARTICLES, *others])


def list_pages(
    stories: list[Story],
    urls: Callable[[int], list[str]],
    step: int,
    layout: str,
    when: Callable[[Story], str],
    host: str,
) -> dict[str, Page]:
    """A list cut into pages: `urls(offset)` are the addresses of a page, the pager links to the last of them."""
    offsets = range(0, max(len(stories), 1), step)
    links = [urls(offset)[-1] for offset in offsets]
    pages = {}
    for number, offset in enumerate(offsets):
        entries = "".join(_entry(story, layout, when(story)) for story in stories[offset : offset + step])
        pager = PAGERS[layout](links, number) if len(links) > 1 else ""
        html = fill(f"list-{layout}", entries=entries, pager=pager, sidebar=_sidebar(host))
        pages |= dict.fromkeys(urls(offset), html_page(html))
    return pages


def _ago(story: Story) -> str:
    return f"{1 + int(story.id) % 9} jam yang lalu"


def of_channel(name: str) -> list[Story]:
    """What a channel lists, the newest first; `all` lists every channel."""
    return [story for story in STORIES if name == "all" or story.host in CHANNELS[name].hosts]


def day_index(name: str, day: date) -> dict[str, Page]:
    """The index of one day."""
    base, query = f"https://www.sindonews.com/indeks/{CHANNELS[name].id}", f"?t={day}"
    stories = [story for story in of_channel(name) if story.time.date() == day]

    def urls(offset: int) -> list[str]:
        return [f"{base}/{offset}{query}"] + ([f"{base}{query}"] if not offset else [])

    host = CHANNELS[name].hosts[0]
    return list_pages(stories, urls, step=STEPS[day], layout=era(day), when=date_text, host=host)


def old_index(day: date) -> dict[str, Page]:
    """The old host's redirect to the index of one day."""
    return {
        f"http{s}://index.sindonews.com/index/9/0?t={day}": moved(f"https://www.sindonews.com/indeks/9/0?t={day}")
        for s in ("", "s")
    }


def newest(name: str, path: str, stories: list[Story]) -> dict[str, Page]:
    """A list without a date, 20 entries a page, that tells times as "2 jam yang lalu"."""
    host = CHANNELS[name].hosts[0]
    base = f"https://{host}.sindonews.com/more/{path}"

    def urls(offset: int) -> list[str]:
        return [f"{base}/{offset}" if offset else base]

    return list_pages(stories, urls, step=20, layout="2024", when=_ago, host=host)


def _feed(template: str, stories: list[Story], dates: Callable[[Story], str], **head: str) -> Page:
    entries = "\n".join(
        fill(
            f"{template}-entry",
            url=story.url,
            title=escape(story.title) if template == "sitemap" else story.title,
            image=image(story),
            date=dates(story),
            summary=story.summary,
        )
        for story in stories
    )
    return Page(fill(template, entries=entries, **head).encode(), 200, {"Content-Type": "text/xml; charset=UTF-8"})


def rss(name: str, url: str) -> Page:
    """RSS 2.0 of the 20 newest."""
    home = f"https://{CHANNELS[name].hosts[0]}.sindonews.com/"
    stories = of_channel(name)[:20]
    return _feed("rss", stories, lambda s: format_datetime(s.time), label=CHANNELS[name].label, home=home, self=url)


def sitemap(name: str) -> Page:
    """The news sitemap of the 20 newest."""
    return _feed("sitemap", of_channel(name)[:20], lambda story: story.time.isoformat())
