"""The links from page to page: of lists in each layout, and inside an article."""

from html import escape

from tests.site.stories import STEP, Story


def _link(number: int, url: str) -> str:
    return f'<a href="{escape(url)}" data-ci-pagination-page="{number + 1}">{number + 1}</a>'


def _active(urls: list[str], now: int) -> str:
    links = (_link(n, url) if n != now else f'<a class="active" href="#">{n + 1}</a>' for n, url in enumerate(urls))
    return "".join(f"<li>{link}</li>" for link in links)


def _numbered(urls: list[str], now: int) -> str:
    return "".join(_link(n, url) if n != now else f"<strong>{n + 1}</strong>" for n, url in enumerate(urls))


def _relative(urls: list[str], now: int) -> str:
    return _numbered([url.removeprefix("https://www.sindonews.com") for url in urls], now)


def _named(urls: list[str], now: int) -> str:
    back = f'<a href="{escape(urls[now - 1])}" rel="prev">Sebelumnya</a>' if now else ""
    return back + (f'<a href="{escape(urls[now + 1])}" rel="next">Selanjutnya</a>' if now + 1 < len(urls) else "")


PAGERS = {"2015": _named, "2018": _relative, "2021": _named, "2024": _active}
"""How the lists of a layout link their pages: `pager(URLs of all pages, number of this one)`."""


def offset_url(story: Story, number: int) -> str:
    """Where a page of an article is, page 1 having the number 0."""
    return f"{story.url}/{STEP * number}" if number else story.url


def article_pager(story: Story, number: int | None) -> str:
    """The widget under a page of an article; without a number under the whole of it."""
    count = len(story.pages)
    if number is None:
        return _widget(f'<li><a class="active" href="#">{count}</a></li>')
    whole = f'<div class="paging-all"><a href="{story.url}?showpage=all">Baca Selengkapnya</a></div>'
    return _widget(_active([offset_url(story, n) for n in range(count)], number), whole)


def _widget(items: str, whole: str = "") -> str:
    title = '<div class="title-paging">Halaman :</div>'
    return f'<div class="paging-artikel mt16 mb16">{title}<ul>{items}</ul>{whole}</div>'
