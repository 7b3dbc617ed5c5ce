"""The pages of one article: page 1, /5, /10 … and `?showpage=all`, each as the site answers."""

import json
from html import escape

from newsspider.sites.sindonews.urls import SUBSECTIONS
from tests.site import Page
from tests.site.markup import BREAKS, date_text, fill, image, text_html
from tests.site.stories import STEP, STORIES, TEXT, Block, Story

AFTER = {"2021": '<br><strong>Lihat Juga :</strong><div class="v-sindonews"><iframe src="/embed/77"></iframe></div>'}
"""What the layouts put behind the initials."""


def html_page(text: str) -> Page:
    return Page(text.encode("utf-8"))


def moved(url: str) -> Page:
    return Page(b"", 301, {"Content-Type": "text/html; charset=utf-8", "Location": url})


def refusal(status: int) -> Page:
    return Page(f"<html><body><h1>{status}</h1><p>Halaman tidak ditemukan</p></body></html>".encode(), status)


def second_copy(story: Story) -> list[Block]:
    """The blocks of the body that a page carries again."""
    text = [n for n, block in enumerate(story.blocks) if block.kind in TEXT]
    match story.copy:
        case "whole":
            return story.blocks
        case "cut":
            return story.blocks[: text[len(text) // 2]]
        case "headless":
            return story.blocks[text[1] :]
        case "loose":
            return [_loose(story.blocks[n]) for n in text]
    return []


def _loose(block: Block) -> Block:
    return block._replace(text=block.text.replace(", ", ",  ").replace("“", '"').replace("”", '"'))


def _signature(story: Story) -> str:
    if not story.sign:
        return ""
    if story.layout in ("2015", "2018"):
        return f"{BREAKS[story.layout] if story.signed == 'line' else ' '}({story.sign})"
    return f'<div class="editor">({story.sign})</div>' + AFTER.get(story.layout, "")


def _body(story: Story, blocks: list[Block], *, signed: bool) -> str:
    html = text_html(blocks, story.layout) + (_signature(story) if signed else "")
    return f'<div class="vidy-embed">{html}</div>' if story.layout == "2018" and "2019" in story.at else html


def _whole_body(story: Story) -> str:
    again = second_copy(story)
    first = text_html(story.blocks, story.layout) + BREAKS[story.layout] if again else ""
    return first + _body(story, again or story.blocks, signed=True)


def _offset_url(story: Story, number: int) -> str:
    return f"{story.url}/{STEP * number}" if number else story.url


def _pager(story: Story, number: int | None) -> str:
    if number is None:
        items = f'<li><a class="active" href="#">{len(story.pages)}</a></li>'
        return f'<div class="paging-artikel mt16 mb16"><div class="title-paging">Halaman :</div><ul>{items}</ul></div>'
    items = "".join(
        f'<li><a class="active" href="#">{n + 1}</a></li>'
        if n == number
        else f'<li><a href="{_offset_url(story, n)}" data-ci-pagination-page="{n + 1}">{n + 1}</a></li>'
        for n in range(len(story.pages))
    )
    return (
        f'<div class="paging-artikel mt16 mb16"><div class="title-paging">Halaman :</div><ul>{items}</ul>'
        f'<div class="paging-all"><a href="{story.url}?showpage=all">Baca Selengkapnya</a></div></div>'
    )


def _json_ld(data: dict[str, object]) -> str:
    text = json.dumps({"@context": "https://schema.org", **data}, indent=1)
    return f'<script type="application/ld+json">\n{text}\n</script>'


def _breadcrumb(story: Story) -> str:
    steps = ((f"https://{story.host}.sindonews.com/", "home"), (section_url(story), label(story)))
    items = [
        {"@type": "ListItem", "position": n, "item": {"@id": url, "name": name}}
        for n, (url, name) in enumerate(steps, 1)
    ]
    return _json_ld({"@type": "BreadcrumbList", "itemListElement": items})


def _news_article(story: Story) -> str:
    facts: dict[str, object] = {
        "@type": "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": story.url},
        "headline": story.title,
        "image": {"@type": "ImageObject", "url": image(story)},
        "author": {"@type": "Person", "name": story.author},
        "publisher": {"@type": "Organization", "name": "SINDOnews.com"},
    }
    if story.date != "none":
        facts |= {"datePublished": story.time.isoformat(), "dateModified": story.modified.isoformat()}
    return _json_ld(facts)


def _meta(story: Story) -> str:
    values = {"og:description": story.summary, "og:image": image(story)}
    names = {"description": story.summary, "keywords": story.tags}
    rows = [f'<meta property="{key}" content="{escape(value)}" />' for key, value in values.items()]
    return "\n".join(rows + [f'<meta name="{key}" content="{escape(value)}" />' for key, value in names.items()])


def section_url(story: Story) -> str:
    return f"https://{story.host}.sindonews.com/more/{story.sub}"


def label(story: Story) -> str:
    """The name of the story's sub-section, or of its channel."""
    return SUBSECTIONS.get(int(story.sub), story.host.capitalize())


def _tags(story: Story) -> str:
    names = [tag for tag in story.tags.split(", ") if tag]
    return "".join(f'<li><a href="https://www.sindonews.com/topic/55/tema">{escape(tag)}</a></li>' for tag in names)


def _sidebar() -> str:
    return "".join(f'<div class="item"><a href="{s.url}">{escape(s.title)}</a></div>' for s in STORIES[:3])


def article_page(story: Story, body: str, number: int | None) -> Page:
    """One page of an article in its layout; without a number the whole-article variant, which tells less."""
    shown = {"title": escape(story.title), "image": image(story), "caption": escape(story.caption)}
    figure = "" if number is None and story.layout == "2024" else fill(f"figure-{story.layout}", **shown)
    return html_page(
        fill(
            f"article-{story.layout}",
            **shown,
            canonical=story.url,
            meta="" if number is None else _meta(story),
            jsonld=_breadcrumb(story) + (_news_article(story) if number == 0 and story.layout != "2015" else ""),
            section=section_url(story),
            label=label(story),
            author=escape(story.author),
            date=date_text(story),
            figure=figure,
            body=body,
            tags=_tags(story),
            pager=_pager(story, number),
            sidebar=_sidebar(),
        )
    )


def _whole(story: Story) -> Page:
    match story.whole:
        case "missing":
            return refusal(404)
        case "bare":
            return moved(story.url)
        case "empty":
            return article_page(story, "", None)
    return article_page(story, _whole_body(story), None)


def article_pages(story: Story) -> dict[str, Page]:
    """Every URL of one article -> its answer."""
    if story.status != "200":
        gone = refusal(int(story.status))
        return {story.url: gone, f"{story.url}?showpage=all": gone}
    pages = {f"{story.url}?showpage=all": _whole(story), story.url.replace("/read/", "/newsread/"): moved(story.url)}
    if story.layout == "2015" or story.listed == "http":
        pages[story.url.replace("https:", "http:")] = moved(story.url)
    for number, blocks in enumerate(story.pages):
        url = _offset_url(story, number)
        body = _body(story, blocks, signed=number + 1 == len(story.pages))
        pages[url] = (
            refusal(404) if story.lost and url.endswith(f"/{story.lost}") else article_page(story, body, number)
        )
    return pages
