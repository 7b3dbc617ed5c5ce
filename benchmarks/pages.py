"""Article pages as heavy as real ones: the sample's stories in all four layouts, 80 KB, some 1,200 elements."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import cycle, islice
from string import Template
from typing import NamedTuple

from tests.site.articles import article_pages
from tests.site.stories import STORIES, TEXT, Story
from tests.site.truth import article

SIZE = 80_000
LAYOUTS = ("2015", "2018", "2021", "2024")
FIRST_DAY = date(2025, 1, 1)
DAY = 100
"""So many articles a day."""
LEAST = 6
"""So many blocks of text make a story that is worth measuring."""

SENTENCES = (
    "Semoga semua pihak bisa menahan diri dan duduk bersama lagi.",
    "Terima kasih beritanya, ditunggu kelanjutannya.",
    "Di kampung saya dulu juga pernah terjadi hal seperti ini, dan butuh waktu lama sampai pulih.",
    "Saya kurang setuju, karena angkanya berbeda dengan laporan bulan lalu.",
)
STYLE = ".card-$n{display:flex;margin:0 0 16px;padding:8px 12px;border-bottom:1px solid #e5e5e5;font-size:14px}\n"
SCRIPT = "<script>window.slots=window.slots||[];slots.push({id:'slot-$n',sizes:[[300,250],[728,90]]});</script>\n"
MENU = '<li class="menu-item"><a href="https://www.sindonews.com/topic/$n/tema">Tema hari ini</a></li>\n'
CARD = """<div class="card"><a href="https://nasional.sindonews.com/read/$n/14/berita-lain-1784870000">
<div class="card-img"><img loading="lazy" data-src="https://pict.sindonews.com/dyn/228/contoh.jpg" alt=""></div></a>
<div class="kanal"><a href="https://nasional.sindonews.com/">Nasional</a></div>
<div class="card-title"><a href="https://nasional.sindonews.com/read/$n/14/berita-lain-1784870000">$title</a></div></div>
"""
COMMENT = """<div class="comment-row"><div class="avatar"><img src="/assets/avatar.svg" alt=""></div>
<div class="comment-body"><strong>Pembaca $n</strong><span class="when">kemarin</span>
<p>$sentence</p><a href="#balas">Balas</a><a href="#lapor">Laporkan</a></div></div>
"""
DATA = "<script>/*{}*/</script>\n"


class BenchmarkPage(NamedTuple):
    """A page and what is true about it."""

    url: str
    body: bytes
    place: str
    paragraphs: list[str]


def _many(template: str, count: int) -> str:
    """The template so many times, with numbers, sentences and the titles of stories in turn."""
    words = islice(zip(cycle(SENTENCES), cycle(story.title for story in STORIES)), count)
    rows = (Template(template).substitute(n=n, sentence=one, title=title) for n, (one, title) in enumerate(words))
    return "".join(rows)


@cache
def _furniture() -> dict[str, str]:
    """What stands around an article: before which tag -> markup."""
    lists = f'<div class="lainnya">{_many(CARD, 60)}</div>\n<div class="comments">{_many(COMMENT, 30)}</div>\n'
    return {
        "</head>": f"<style>\n{_many(STYLE, 60)}</style>\n{_many(SCRIPT, 20)}</head>",
        "<body>": f'<body>\n<div class="menu"><ul>\n{_many(MENU, 150)}</ul></div>\n{_many(SCRIPT, 20)}',
        "</body>": f"{lists}</body>",
    }


def padded(html: bytes) -> bytes:
    """The page with everything that stands around an article, filled up to `SIZE` bytes by a script."""
    text = html.decode()
    for tag, markup in _furniture().items():
        text = text.replace(tag, markup, 1)
    filler = "data.push('ab12');" * (SIZE // 10)
    room = SIZE - len(text.encode()) - len(DATA.format(""))
    return text.replace("</body>", DATA.format(filler[: max(room, 0)]) + "</body>").encode()


def _dressed(number: int, story: Story) -> Story:
    at = f"{FIRST_DAY + timedelta(number // DAY)} 12:00"
    layout = LAYOUTS[number % len(LAYOUTS)]
    return replace(story, id=str(100_000 + number), layout=layout, at=at, host="international", listed="plain")


def _ordinary(story: Story) -> bool:
    text = sum(block.kind in TEXT for block in story.blocks)
    plain = story.status == "200" and story.whole == "served" and not story.copy and not story.lost
    return plain and text >= LEAST


def stories(count: int) -> list[Story]:
    """So many different articles, each of the sample's ordinary stories in each layout in turn, `DAY` a day."""
    usable = [story for story in STORIES if _ordinary(story)]
    return [_dressed(number, usable[number // len(LAYOUTS) % len(usable)]) for number in range(count)]


def page(story: Story) -> BenchmarkPage:
    """The whole-article variant of a story."""
    url = f"{story.url}?showpage=all"
    return BenchmarkPage(url, padded(article_pages(story)[url].body), story.place, article(story)["paragraphs"])
