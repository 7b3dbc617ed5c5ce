"""SINDOnews's article pages: what a page can do to the reader, and how pages become one article."""

import time

import pytest
from scrapy.http import HtmlResponse, TextResponse
from scrapy.statscollectors import StatsCollector
from scrapy.utils.test import get_crawler

from newsspider.items import Article, Related
from newsspider.sites.sindonews.article import Page, add_details, join, read

URL = "https://international.sindonews.com/read/1600001/41/warga-tanam-bakau-1784870000"
DATE = '<div class="detail-date-artikel">Selasa, 10 Juni 2025 - 13:14 WIB</div>'


def response(html: str | bytes, url: str = URL) -> HtmlResponse:
    body = html.encode() if isinstance(html, str) else html
    return HtmlResponse(url, body=body, headers={"Content-Type": "text/html; charset=utf-8"})


def article_html(body: str = "Satu.<br><br>Dua.", head: str = "", after: str = "") -> str:
    text = f'<h1 class="detail-title">Judul</h1>{DATE}<div id="detail-desc" class="detail-desc">{body}</div>'
    return f"<html><head>{head}</head><body><article>{text}{after}</article></body></html>"


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "[" * 100_000,
        '{"@graph": {"@type": "NewsArticle"}}',
        '{"@type": "NewsArticle", "author": 5, "image": {"url": ["x"]}, "datePublished": {"a": 1}, "headline": null}',
        '{"@type": "NewsArticle", "description": "dua\nbaris", "dateModified": "kemarin"}',
        '["NewsArticle", null, 7]',
        '{"@type": "NewsArticle", "image": "http://[rusak", "description": "\\ud83d"}',
    ],
)
def test_bad_json_ld_is_left_out_and_the_article_read(data: str) -> None:
    article = read(response(article_html(head=f'<script type="application/ld+json">{data}</script>'))).article
    assert (article.title, article.paragraphs) == ("Judul", ["Satu.", "Dua."])
    "".join([article.description or "", article.image_url or ""]).encode()


@pytest.mark.parametrize("html", ["", " ", "\0", "<", "<html>", "teks", "<!-- -->", "{}", "<?xml version='1.0'?><a/>"])
def test_a_page_that_is_no_article_has_no_headline_and_no_text(html: str) -> None:
    article = read(response(html)).article
    assert (article.url, article.title, article.paragraphs) == (URL, None, [])


def test_a_page_elsewhere_and_an_answer_that_is_no_html_are_no_articles() -> None:
    elsewhere = read(response(article_html(), "https://www.sindonews.com/indeks"))
    data = read(TextResponse(URL, body=b'{"a": 1}', headers={"Content-Type": "application/json"}))
    assert elsewhere.article.paragraphs == data.article.paragraphs == []


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://international.sindonews.com/read/1600001/41/warga-tanam-bakau", None),
        ("https://international.sindonews.com/read/1600001/41/judul-baru-1784870000", None),
        ("https://international.sindonews.com/read/1600001/41/artikel-lama-1444083780", URL),
        ("https://international.sindonews.com/read/7/41/warga-tanam-bakau-1784870000", URL),
        ("https://contoh.id/", URL),
    ],
)
def test_the_canonical_link_counts_if_it_is_of_the_same_article(link: str, expected: str | None) -> None:
    page = read(response(article_html(head=f'<link rel="canonical" href="{link}">')))
    assert page.article.url == (expected or link)


@pytest.mark.parametrize(
    ("here", "links", "following"),
    [
        ("", ["#", "/5", "/10"], "/5"),
        ("/5", ["", "/5", "/10"], "/10"),
        ("/10", ["", "/5", "#"], None),
        ("?showpage=all", ["/5"], None),
        ("", ["?showpage=all", "/5?showpage=all"], None),
        ("", ["/../../../read/7/41/lain-1784870001/5", "http://[rusak"], None),
    ],
)
def test_the_next_page_is_the_nearest_later_one_of_the_same_article(
    here: str, links: list[str], following: str | None
) -> None:
    entries = "".join(f'<li><a href="{link if link[:1] in "#h" and link else URL + link}">x</a></li>' for link in links)
    page = read(response(article_html(after=f'<div class="paging-artikel"><ul>{entries}</ul></div>'), URL + here))
    assert page.next_url == (URL + following if following else None)


def test_the_body_of_2018_is_known_by_its_attribute_on_any_element() -> None:
    body = '<section itemprop="articleBody">Satu.<br><br>Dua.</section>'
    article = read(response(f'<div class="article"><h1>Judul</h1><time>x</time>{body}</div>')).article
    assert (article.layout, article.paragraphs) == ("2018", ["Satu.", "Dua."])


CARDS = '<div class="card"><a href="/topic/1">Tema</a></div>' * 100
LD_JSON = '<script type="application/ld+json">{"@type": "NewsArticle", "description": "Ringkas"}</script>'


def test_what_stands_behind_the_article_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("newsspider.sites.sindonews.article.parsed")
    article = read(response(article_html().replace("</body>", f"{CARDS}</body>"))).article
    assert (article.title, article.paragraphs) == ("Judul", ["Satu.", "Dua."])


@pytest.mark.parametrize(
    ("behind", "field", "value"),
    [
        (LD_JSON, "description", "Ringkas"),
        ('<META NAME="description" CONTENT="Ringkas">', "description", "Ringkas"),
        (
            '<link rel="canonical" href="https://international.sindonews.com/read/1600001/41/b">',
            "url",
            f"{URL.rpartition('/')[0]}/b",
        ),
        ('<div class="article-tags"><a>satu</a></div>', "tags", ["satu"]),
        ('<div class="article-\0tags"><a>satu</a></div>', "tags", ["satu"]),
        ('<div id="detail-desc">Tiga.</div>', "paragraphs", ["Satu.", "Dua.", "Tiga."]),
        ('<article><h1 class="detail-title">Lain</h1><div id="detail-desc">Isi.</div></article>', "layout", "2024"),
        (f"<script>{CARDS}</script>{LD_JSON}", "description", "Ringkas"),
    ],
)
def test_what_is_read_is_read_however_far_behind_the_article_it_stands(behind: str, field: str, value: object) -> None:
    text = '<div class="detail-title"><h1>Judul</h1></div><div id="detail-desc">Satu.<br><br>Dua.</div>'
    article = read(response(f"<html><body><div>{text}</div>{CARDS}{behind}{CARDS}</body></html>")).article
    assert getattr(article, field) == value


def test_a_text_behind_the_end_of_the_document_is_read() -> None:
    head = '<article><h1 class="detail-title">Judul</h1></article></body></html>'
    article = read(response(f'{head}<div id="detail-desc">Satu.<br><br>Dua.</div>')).article
    assert (article.title, article.paragraphs) == ("Judul", ["Satu.", "Dua."])


@pytest.mark.parametrize("closed", ["</div></article>", "</article>", "</div>", ""])
def test_a_text_of_any_length_is_read_to_its_end(closed: str) -> None:
    head = '<article><h1 class="detail-title">Judul</h1><div id="detail-desc">'
    text = [f"Alinea {number}." for number in range(1000)]
    article = read(response(head + "".join(f"<p>{each}</p>" for each in text) + closed)).article
    assert article.paragraphs == text


def test_each_rule_of_each_field_is_counted() -> None:
    stats: StatsCollector = get_crawler().stats
    read(response(article_html()), stats)
    assert stats.get_value("parser/title/2024/1") == 1
    assert stats.get_value("parser/paragraphs/2024/1") == 1
    assert stats.get_value("parser/tags/2024/1") == 0


def page(*paragraphs: str, **fields: object) -> Page:
    return Page(Article(url=URL, article_id="1600001", paragraphs=list(paragraphs), **fields), None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ([["a", "b"], ["c", "d"]], "abcd"),
        ([["a", "b", "c"], ["b", "c", "d"]], "abcd"),
        ([["a", "b"], ["a", "b", "c"]], "abc"),
        ([["a", "b", "c"], ["a", "c", "d"]], "abcd"),
        ([["a", "b", "b"], ["b", "b", "c"]], "abbc"),
        ([["a", "b"], [], ["c"]], "abc"),
        ([[], ["a"]], "a"),
        ([["a", "b"], ["ROMA - a", "b", "c"]], "abc"),
    ],
)
def test_pages_are_joined_without_what_they_repeat(pages: list[list[str]], expected: str) -> None:
    assert join([page(*paragraphs, dateline="ROMA") for paragraphs in pages]).paragraphs == list(expected)


def test_later_pages_fill_what_the_first_lacks() -> None:
    one, two = Related(title="A", url="https://a.id/"), Related(title="B", url=None)
    first = page("a", title="Judul", related=[one], tags=["x"], subheadings=["a"])
    later = page("a", "b", title="Lain", editor="sya", related=[one, two], tags=["x", "y"], subheadings=["a", "b"])
    whole = join([first, later])
    assert (whole.title, whole.editor, whole.tags, whole.related) == ("Judul", "sya", ["x", "y"], [one, two])
    assert whole.subheadings == ["a", "b"]
    assert first.article.paragraphs == ["a"]


def test_a_date_on_a_page_is_better_than_that_in_the_url() -> None:
    article = page(published="2026-07-24T12:13:20+07:00", published_from="url").article
    other = page(published="2026-07-24T13:39:00+07:00", published_from="json-ld", modified="2026-07-24T14:10:00+07:00")
    add_details(article, other.article)
    assert (article.published, article.published_from) == ("2026-07-24T13:39:00+07:00", "json-ld")
    assert article.modified == "2026-07-24T14:10:00+07:00"


def test_pages_of_a_hundred_thousand_paragraphs_are_joined_in_linear_time() -> None:
    start = time.process_time()
    whole = join([page(*"a" * 100_000), page(*"a" * 99_999, "b"), page(*"ab" * 50_000)])
    assert time.process_time() - start < 5
    assert whole.paragraphs[0] == "a"


def test_a_page_of_ten_thousand_levels_is_read() -> None:
    deep = read(response(article_html("Satu." + "<div>" * 10_000 + "Dua." + "</div>" * 10_000))).article
    assert deep.paragraphs[0] == "Satu."
