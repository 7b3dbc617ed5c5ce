"""The pages of one article: page 1, /5, /10 … and `?showpage=all`, each as the site answers."""

from html import escape

from tests.site import Page
from tests.site.head import breadcrumb, label, meta, news_article, section_url, tags
from tests.site.markup import BREAKS, date_text, fill, image, text_html
from tests.site.pagers import article_pager, offset_url
from tests.site.stories import STORIES, TEXT, Block, Story

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
            meta="" if number is None else meta(story),
            jsonld=breadcrumb(story) + (news_article(story) if number == 0 and story.layout != "2015" else ""),
            section=section_url(story),
            label=label(story),
            author=escape(story.author),
            date=date_text(story),
            figure=figure,
            body=body,
            tags=tags(story),
            pager=article_pager(story, number),
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
        url = offset_url(story, number)
        body = _body(story, blocks, signed=number + 1 == len(story.pages))
        pages[url] = article_page(story, body, number)
    return pages | {f"{story.url}/{lost}": refusal(404) for lost in story.lost.split()}
