"""The stories of the sample: stories/<layout>.txt, one block a line, read into data.

A story is `# Title`, then `key: value` lines, an empty line, then its blocks, each on one line:

    ## sub-heading     > block quote     - list entry     | table | row
    @form Title        a cross reference as `markup.REFERENCES` spells it; `@box One || Two` has two
    !name              what is no text: an advertisement, a video frame (`markup.NOISE`)
    ~way text          a paragraph that is served spoilt (`markup.SPOILT`); its text is what is written here
    anything else      a paragraph; [word] is a link, *word* stressed, [[form|Title]] a cross reference inside it
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

WIB = timezone(timedelta(hours=7))
HERE = Path(__file__).parent
MARKS = {"## ": "heading", "> ": "quote", "- ": "entry", "| ": "row", "@": "reference", "!": "noise", "~": "spoilt"}
STYLED = ("reference", "noise", "spoilt")
TEXT = ("paragraph", "heading", "quote", "entry", "row", "spoilt")
PAGE, STEP = 3, 5
"""So many blocks of text stand on one page of an article, and so far its number in the URL goes up."""


class Block(NamedTuple):
    """One element of a body; the style of a paragraph is the place that it opens with."""

    kind: str
    text: str
    style: str = ""


@dataclass(frozen=True, kw_only=True)
class Story:
    """One article as its author knows it. The traps, all optional, are the fields from `whole` on."""

    layout: str
    title: str
    id: str
    at: str
    sub: str
    place: str = ""
    sign: str = ""
    author: str = "Redaksi Contoh"
    tags: str = ""
    caption: str = ""
    host: str = "international"
    whole: str = "served"
    """The whole-article variant: served, missing (404), empty, or bare (redirects to page 1)."""
    lost: str = ""
    """The offset of a page inside the article that is a 404."""
    copy: str = ""
    """The second body on one page: whole, cut (its first half), headless (without its opening), loose (spaced anew)."""
    date: str = "shown"
    """The displayed date: shown, spaced (two spaces), hidden (JSON-LD only), none (neither)."""
    signed: str = "line"
    """Where bare initials stand: on a line of their own, or inline, behind the last sentence."""
    epoch: str = "yes"
    status: str = "200"
    listed: str = "plain"
    """How the lists link to it: plain, http, mobile (/newsread/), tracked (utm), paged (/10)."""
    blocks: list[Block] = field(default_factory=list)

    @property
    def time(self) -> datetime:
        """The displayed time."""
        return datetime.strptime(self.at, "%Y-%m-%d %H:%M").replace(tzinfo=WIB)

    @property
    def created(self) -> datetime:
        """When the item was created, which its URL tells: 38 to 59 minutes earlier."""
        return self.time - timedelta(minutes=38 + int(self.id) % 22, seconds=int(self.id) % 60)

    @property
    def modified(self) -> datetime:
        """When it was changed last."""
        return self.time + timedelta(minutes=10)

    @property
    def summary(self) -> str:
        """The summary in the page's meta tags."""
        return f"{self.title}: ringkasan singkat untuk pembaca."

    @property
    def url(self) -> str:
        """The canonical URL."""
        epoch = f"-{self.created.timestamp():.0f}" if self.epoch == "yes" else ""
        return f"https://{self.host}.sindonews.com/read/{self.id}/{self.sub}/{slug(self.title)}{epoch}"

    @property
    def pages(self) -> list[list[Block]]:
        """The blocks of each page of the article, `PAGE` blocks of text a page."""
        pages: list[list[Block]] = [[]]
        count = 0
        for block in self.blocks:
            if block.kind in TEXT:
                count += 1
                if count > PAGE * len(pages):
                    pages.append([])
            pages[-1].append(block)
        return pages


def slug(title: str) -> str:
    """The title as it stands in a URL."""
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"['’“”\".]", "", title.lower())).strip("-")


def _block(line: str) -> Block:
    for mark, kind in MARKS.items():
        if line.startswith(mark):
            style, _, text = line[len(mark) :].partition(" ") if kind in STYLED else ("", "", line[len(mark) :])
            return Block(kind, text, style)
    return Block("paragraph", line)


def _placed(blocks: list[Block], place: str) -> list[Block]:
    first = next((n for n, block in enumerate(blocks) if block.kind == "paragraph"), None)
    return [block._replace(style=place) if n == first else block for n, block in enumerate(blocks)]


def _read(path: Path) -> Iterator[Story]:
    for text in re.split(r"^# ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        head, _, body = text.partition("\n\n")
        title, *lines = head.splitlines()
        facts: dict[str, str] = dict(line.split(": ", 1) for line in lines)
        blocks = _placed([_block(line) for line in body.splitlines() if line.strip()], facts.get("place", ""))
        yield Story(**{"layout": path.stem, "title": title, "blocks": blocks} | facts)


STORIES = sorted((s for p in sorted((HERE / "stories").glob("*.txt")) for s in _read(p)), key=lambda s: s.at)[::-1]
"""Every story of the site, the newest first."""
