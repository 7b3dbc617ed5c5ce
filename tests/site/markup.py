"""How a story is served: the markup of the four layouts, its cross references, its noise and its spoilt text."""

import re
import zlib
from html import escape
from itertools import groupby
from string import Template

from tests.site.stories import HERE, STORIES, Block, Story, slug

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jum'at", "Sabtu", "Minggu")
MONTHS = ("Januari", "Februari", "Maret", "April", "Mei", "Juni")
MONTHS += ("Juli", "Agustus", "September", "Oktober", "November", "Desember")
BREAKS = {"2015": "<br /><br />", "2018": "<br>\r\n<br>", "2021": "<br><br>", "2024": "<br><br>"}
TEMPLATES = {path.stem: Template(path.read_text("utf-8")) for path in (HERE / "layouts").iterdir()}

LINK = '<a class="int-link" href="{url}">{title}</a>'
BROKEN = '<a class="int-link" href="{url}">{title}<br></a>'
REFERENCES = {
    "strong": f"<strong>Baca Juga:</strong> {BROKEN} <br>",
    "inside": f"<strong>Baca Juga: {BROKEN} </strong><br>",
    "lower": f"<strong>Baca juga: </strong>{LINK}<br><br>",
    "upper": f"<strong>BACA JUGA - </strong>{LINK}<br><br>",
    "bare": f"<strong>Baca Juga</strong> {BROKEN} <br>",
    "bold": f"<b>Baca juga : {LINK}</b><br /><br />",
    "plain": "Baca juga: {title}<br><br>",
    "bracket": f" (Baca Juga: {LINK}) ",
    "tail": f" <strong>Baca juga: {LINK}</strong>",
    "lihat": f"<strong>Lihat Juga :</strong> {LINK}<br><br>",
}
"""Cross references by the form they take; those on lines of their own end with their breaks."""

BOX = '<div class="baca-inline"><div class="baca-title">Baca Juga:</div><ul>{links}</ul></div>'

NOISE = {
    "youtube": '<div class="v-youtube"><iframe class="lazyload" data-src="https://www.youtube.com/embed/contohVideo1"'
    ' loading="lazy" width="560" height="314" allowfullscreen="allowfullscreen"></iframe></div><br><br>',
    "sindovideo": '<div class="v-sindonews"><iframe src="https://video.sindonews.com/embed/4321"></iframe>'
    "<p>Tonton videonya</p></div>",
    "twitter": '<div class="social-embed"><blockquote class="twitter-tweet"><p>Cuitan yang bukan isi berita</p>'
    '&mdash; Akun (@contoh) <a href="https://twitter.com/contoh/status/1">24 Juli</a></blockquote>'
    '<script async src="https://platform.twitter.com/widgets.js"></script></div>',
    "gpt": '<div id="div-gpt-ad-1450000-0"><script>googletag.cmd.push(function(){});</script>Iklan</div>',
    "me-gpt": '<div id="me-div-gpt-ad-99-1">Iklan sela</div>',
    "ads300": '<div class="ads300"><a href="https://iklan.example/">Iklan</a></div>',
    "adsload": '<div class="adsload">Memuat iklan ...</div>',
    "parallax": '<div class="parallax-ad"><div class="warp-ads-paralax"><div class="content-paralax">'
    "Gulir untuk lanjut membaca</div></div></div>",
    "warp": '<div class="warp-ads-paralax">Gulir ke bawah</div>',
    "paralax": '<div class="content-paralax">SCROLL TO CONTINUE</div>',
    "app": '<div class="download-sindoapps">Unduh aplikasi SINDOnews</div>',
    "status": '<div class="page-status">Halaman</div>',
    "bacanews": '<div class="bacanews-box"><span>Berita lain hari ini</span></div>',
    "outlink": '<div class="box-outlink"><a href="https://mitra.example/">Dari mitra kami</a></div>',
    "reporter": '<div class="reporter"><p>Laporan tim redaksi</p></div>',
    "picture": '<div class="image-content"><img src="https://pict.sindonews.com/dyn/620/contoh.jpg" alt="">'
    "<p>Foto/Ilustrasi/Contoh</p></div>",
    "script": "<script>document.write('bukan isi berita');</script><style>.x{color:red}</style>",
    "comment": "<!-- akhir paragraf <br><br> bukan isi -->",
}


def _mojibake(text: str) -> str:
    """UTF-8 read as Windows-1252 once: what stands in the site's database for some quotes."""
    return "".join(bytes([b]).decode("cp1252", "replace").replace("\ufffd", chr(b)) for b in text.encode("utf-8"))


SPOILT = {
    "moji": lambda text: escape(_mojibake(text), quote=False),
    "twice": lambda text: escape(escape(text)),
    "entity": lambda text: escape(text).replace("“", "&ldquo;").replace("”", "&rdquo;").replace("–", "&ndash;"),
    "zero": lambda text: text.replace(" ", " \u200b", 3).replace(",", "\ufeff,").replace("a", "a\u00ad", 2),
    "nbsp": lambda text: text.replace(" ", "&nbsp;", 4).replace(". ", ".\u00a0\u2009"),
    "wrapped": lambda text: re.sub(r"(\S+ \S+ \S+ \S+ \S+) ", "\\1\n          ", text),
}
"""Ways in which a paragraph is served spoilt, each from the clean text."""


def fill(template: str, **values: str) -> str:
    return TEMPLATES[template].substitute(values)


def date_text(story: Story) -> str:
    """The displayed date: `Jum'at, 24 Juli 2026 - 13:39 WIB`."""
    if story.date in ("hidden", "none"):
        return ""
    at = story.time
    day = f"{at.day:>2}" if story.date == "spaced" else f"{at.day:02}"
    return f"{DAYS[at.weekday()]}, {day} {MONTHS[at.month - 1]} {at.year} - {at:%H:%M} WIB"


def image(story: Story, size: str = "dyn/850") -> str:
    folder = f"https://pict.sindonews.com/{size}/pena/news/{story.time:%Y/%m/%d}/{story.sub}/{story.id}"
    return f"{folder}/{slug(story.title)}.jpg"


def reference_url(title: str) -> str:
    """Where a cross reference leads: to the story of that title, or to an article that is not on this small site."""
    known = next((story.url for story in STORIES if story.title == title), None)
    number = zlib.crc32(title.encode())
    host, sub = (("international", 43), ("nasional", 14), ("ekbis", 178))[number % 3]
    return (
        known
        or f"https://{host}.sindonews.com/read/{number % 900000}/{sub}/{slug(title)}-{1400000000 + number % 10**8}"
    )


def _reference(form: str, title: str) -> str:
    if form == "box":
        links = (LINK.format(url=reference_url(one), title=escape(one)) for one in title.split(" || "))
        return BOX.format(links="".join(f"<li>{link}</li>" for link in links))
    return REFERENCES[form].format(url=reference_url(title), title=escape(title, quote=False))


def _inline(text: str) -> str:
    text = escape(text, quote=False)
    text = re.sub(r" ?\[\[(\w+)\|(.+?)\]\] ?", lambda m: _reference(m[1], m[2]), text)
    text = re.sub(r"\[(.+?)\]", r'<a class="int-link" href="https://www.sindonews.com/topic/77/tema">\1</a>', text)
    return re.sub(r"\*(.+?)\*", r"<em>\1</em>", text)


def _row(text: str) -> str:
    return "<tr>" + "".join(f"<td>{cell.strip()}</td>" for cell in text.split(" | ")) + "</tr>"


GROUPS = {
    "quote": lambda texts: "<blockquote>" + "<br><br>".join(map(_inline, texts)) + "</blockquote>",
    "entry": lambda texts: "<ul>" + "".join(f"<li>{_inline(text)}</li>" for text in texts) + "</ul>",
    "row": lambda texts: "<table><tbody>" + "".join(map(_row, texts)) + "</tbody></table>",
    "heading": lambda texts: "".join(f"<strong>{escape(text, quote=False)}</strong><br>" for text in texts),
}
"""Blocks of which neighbours are served as one element."""


def _single(block: Block, gap: str) -> str:
    if block.kind == "noise":
        return NOISE[block.style]
    if block.kind == "reference":
        return _reference(block.style, block.text)
    if block.kind == "spoilt":
        return SPOILT[block.style](block.text) + gap
    place = f"<strong>{block.style}</strong> - " if block.style else ""
    return place + _inline(block.text) + gap


def text_html(blocks: list[Block], layout: str) -> str:
    """The blocks in the markup of a layout, without initials."""
    parts: list[str] = []
    for kind, run in groupby(blocks, key=lambda block: block.kind):
        neighbours = list(run)
        if kind in GROUPS:
            parts.append(GROUPS[kind]([block.text for block in neighbours]))
        else:
            parts += [_single(block, BREAKS[layout]) for block in neighbours]
    return "".join(parts).removesuffix(BREAKS[layout])
