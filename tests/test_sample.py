"""Claims about the bundled sample itself."""

import subprocess
import sys
from collections import Counter
from datetime import timedelta
from itertools import groupby
from pathlib import Path

import pytest
from parsel import Selector
from warcio.archiveiterator import ArchiveIterator

from newsspider.sites.sindonews.urls import SUBSECTIONS, article_url
from tests.site import Page
from tests.site.build_sample import SAMPLE, build
from tests.site.content import expected, listed, pages
from tests.site.lists import STEPS
from tests.site.markup import NOISE, REFERENCES, SPOILT
from tests.site.stories import STORIES, TEXT
from tests.site.truth import INLINE

MEGABYTE = 1_000_000


def exchanges(path: Path) -> list[tuple[str, str, Page]]:
    """Kind, URL and answer of every record; a request's answer is an empty Page."""
    found = []
    with path.open("rb") as file:
        for record in ArchiveIterator(file):
            if record.rec_type == "warcinfo":
                continue
            head, body = record.http_headers, record.content_stream().read()
            status = int(head.get_statuscode()) if record.rec_type == "response" else 200
            headers = {name: value for name, value in head.headers if name in ("Content-Type", "Location")}
            found.append((record.rec_type, record.rec_headers["WARC-Target-URI"], Page(body, status, headers)))
    return found


def links(url: str) -> list[str]:
    return Selector(pages()[url].body.decode()).css("a::attr(href)").getall()


def test_there_are_at_least_forty_articles_and_ten_in_each_layout():
    layouts = Counter(article["layout"] for article in expected().values())
    assert sum(layouts.values()) >= 40
    assert set(layouts) == {"2015", "2018", "2021", "2024"}
    assert min(layouts.values()) >= 10


def test_every_subsection_has_an_article():
    assert {article["subsection"] for article in expected().values()} >= set(SUBSECTIONS.values())


def test_the_file_is_at_most_one_megabyte():
    assert SAMPLE.stat().st_size <= MEGABYTE


def test_the_file_holds_every_page_with_its_request_and_nothing_else():
    found = exchanges(SAMPLE)
    assert [url for kind, url, _ in found if kind == "request"] == list(pages())
    assert {url: page for kind, url, page in found if kind == "response"} == pages()


def test_building_it_again_gives_the_same_records(tmp_path: Path):
    assert exchanges(build(tmp_path / "again.warc.gz")) == exchanges(SAMPLE)


def test_two_builds_are_the_same_bytes(tmp_path: Path):
    assert build(tmp_path / "one.warc.gz").read_bytes() == build(tmp_path / "two.warc.gz").read_bytes()


def test_warcio_finds_every_digest_right():
    check = [sys.executable, "-m", "warcio.cli", "check", str(SAMPLE)]
    assert subprocess.run(check, timeout=60, check=False).returncode == 0


def test_every_listed_article_exists_or_is_deleted_on_purpose():
    lists = [url for url in pages() if "/indeks/" in url or "/more/" in url]
    named = {article.canonical for url in lists for link in links(url) if (article := article_url(link))}
    assert {pages()[url].status for url in named} == {200, 404, 410}
    assert named == {story.url for story in STORIES}


@pytest.mark.parametrize("day", STEPS)
def test_the_pages_of_a_day_list_its_articles_in_order(day):
    urls = [f"https://www.sindonews.com/indeks/9/{offset}?t={day}" for offset in range(40)]
    found = [article_url(link) for url in urls if url in pages() for link in links(url)]
    own = [article.canonical for article in found if article and article.host == "international"]
    assert [url for url, _ in groupby(own)] == listed(day)


def test_some_day_is_empty_and_some_days_have_three_pages():
    days = {day: len(listed(day)) for day in STEPS}
    assert 0 in days.values()
    assert any(count > 2 * STEPS[day] for day, count in days.items())


def body(url: str) -> str:
    html = Selector(pages()[url].body.decode())
    return " ".join(" ".join(html.css("div.content, div#content, div#detail-desc").css("::text").getall()).split())


def test_page_1_is_a_strict_prefix_of_the_whole_article():
    served = [url for url in expected() if pages()[f"{url}?showpage=all"].status == 200 and body(f"{url}?showpage=all")]
    prefixes = [body(f"{url}?showpage=all").startswith(body(url)) and f"{url}/5" in pages() for url in served]
    assert sum(prefixes) >= 35
    assert len(prefixes) - sum(prefixes) <= 3  # the few that end on page 1


def test_long_articles_go_on_at_10():
    assert sum(f"{story.url}/10" in pages() for story in STORIES) >= 15


def test_one_id_names_an_article_in_each_of_two_eras():
    first, second = (story for story in STORIES if story.id == "1386302")
    assert abs(first.time - second.time) > timedelta(days=1000)


@pytest.mark.parametrize("table", [NOISE, SPOILT, REFERENCES], ids=["noise", "spoilt", "references"])
def test_every_trap_of_a_body_is_used(table):
    used = {block.style for story in STORIES for block in story.blocks}
    used |= {form for story in STORIES for block in story.blocks for form, _ in INLINE.findall(block.text)}
    assert set(table) <= used


def test_every_trap_of_an_article_is_used():
    assert {story.whole for story in STORIES} == {"served", "missing", "empty", "bare"}
    assert {story.copy for story in STORIES} == {"", "whole", "cut", "headless", "loose"}
    assert {story.date for story in STORIES} == {"shown", "spaced", "hidden", "none"}
    assert {story.listed for story in STORIES} == {"plain", "http", "mobile", "tracked", "paged", "whole"}
    assert [article["complete"] for article in expected().values()].count(False) == 1


def test_no_markup_and_no_furniture_is_in_what_is_expected():
    texts = [text for article in expected().values() for text in article["paragraphs"]]
    assert not [text for text in texts if set("<>[]*{}") & set(text) or "baca juga" in text.lower()]
    assert all(text == " ".join(text.split()) for text in texts)


def test_a_paragraph_is_served_spoilt_but_expected_clean():
    story = next(s for s in STORIES if any(block.style == "moji" for block in s.blocks))
    assert "â€" in pages()[story.url].body.decode()
    assert not any("â€" in text for text in expected()[story.url]["paragraphs"])


def test_the_seed_article_has_ten_paragraphs_and_nine_repeats():
    (seed,) = (article for article in expected().values() if article["dateline"] == "MOSKOW")
    assert (len(seed["paragraphs"]), seed["repeated"], len(seed["related"])) == (10, 9, 2)
    assert seed["published"] == "2022-01-09T00:30:00+07:00"


def test_every_article_opens_with_a_plain_paragraph_that_carries_its_dateline():
    for story in (story for story in STORIES if story.url in expected()):
        opening = next(block for block in story.blocks if block.kind in TEXT)
        assert (opening.kind, opening.style) == ("paragraph", story.place)


def test_an_article_without_text_is_listed_and_not_expected():
    empty = [story for story in STORIES if story.status == "200" and not story.blocks]
    assert empty
    assert not {story.url for story in empty} & set(expected())


def test_articles_are_of_a_news_articles_length():
    sizes = [sum(block.kind in TEXT for block in story.blocks) for story in STORIES if story.url in expected()]
    assert sum(size >= 6 for size in sizes) >= 40
