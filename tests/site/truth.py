"""What is true about each story, from its data and never from an extraction: what a crawl must give."""

import re
from typing import Any

from newsspider.sites.sindonews.urls import SUBSECTIONS, section
from tests.site.articles import second_copy
from tests.site.markup import reference_url
from tests.site.stories import STEP, TEXT, Block, Story

INLINE = re.compile(r" ?\[\[(\w+)\|(.+?)\]\] ?")


def text(block: Block) -> str:
    """The text of a block as a reader sees it, without the cross references in it."""
    if block.kind in ("spoilt", "heading"):
        return block.text
    plain = re.sub(r"[\[\]*]", "", INLINE.sub(" ", block.text))
    return " ".join(plain.split())


def related(blocks: list[Block]) -> list[dict[str, str | None]]:
    """The cross references in their order, each once."""
    found: dict[str, str | None] = {}
    for block in blocks:
        inline = INLINE.findall(block.text) if block.kind == "paragraph" else []
        own = [(block.style, title) for title in block.text.split(" || ")] if block.kind == "reference" else []
        for form, title in inline + own:
            found.setdefault(title, None if form == "plain" else reference_url(title))
    return [{"title": title, "url": url} for title, url in found.items()]


def _had(story: Story) -> list[Block]:
    """The blocks that can be had: not those of a page that is a 404, nor what follows it."""
    if not story.lost:
        return story.blocks
    return [block for page in story.pages[: int(story.lost) // STEP] for block in page]


def _published(story: Story) -> dict[str, str]:
    if story.date == "none":
        return {"published": story.created.isoformat(), "published_from": "url"}
    return {"published": story.time.isoformat(), "published_from": "json-ld" if story.date == "hidden" else "page"}


def article(story: Story) -> dict[str, Any]:
    """Fields of `Article`, as a plain crawl gives them; those that are not here depend on the way taken."""
    blocks = _had(story)
    return {
        "url": story.url,
        "article_id": story.id,
        "title": story.title,
        **_published(story),
        "section": section(story.host),
        "subsection": SUBSECTIONS.get(int(story.sub)),
        "dateline": story.place or None,
        "authors": [story.author],
        "editor": story.sign or None if not story.lost else None,
        "paragraphs": [text(block) for block in blocks if block.kind in TEXT],
        "subheadings": [text(block) for block in blocks if block.kind == "heading"],
        "related": related(blocks),
        "tags": [tag for tag in story.tags.split(", ") if tag] if story.layout != "2015" else [],
        "complete": not story.lost,
        "repeated": sum(block.kind in TEXT for block in second_copy(story)),
        "layout": story.layout,
    }
