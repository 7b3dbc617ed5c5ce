"""Pipelines: an item in, an item out, or dropped with its reason."""

from dataclasses import replace

import pytest
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.utils.test import get_crawler

from newsspider.items import Article
from newsspider.pipelines.once import Once
from newsspider.pipelines.repeats import Repeats
from newsspider.pipelines.required import Required
from tests.site.stories import STORIES
from tests.site.truth import text

SEED = next(story for story in STORIES if "Tokayev" in story.title)
PARAGRAPHS = [text(block) for block in SEED.blocks if block.kind == "paragraph"]


def article(**fields: object) -> Article:
    given = {"url": SEED.url, "article_id": SEED.id, "title": SEED.title, "paragraphs": PARAGRAPHS}
    return Article(**(given | fields))  # type: ignore[arg-type]


@pytest.fixture
def crawler() -> Crawler:
    return get_crawler()


def test_an_article_with_title_and_text_passes_unchanged(crawler: Crawler) -> None:
    item = article()
    for pipeline in (Required, Once, Repeats):
        assert pipeline.from_crawler(crawler).process_item(item) is item
    assert item == article()
    assert crawler.stats.get_stats() == {}


@pytest.mark.parametrize("title", [None, "", " \n"])
def test_an_article_without_a_title_is_dropped_and_counted(crawler: Crawler, title: str | None) -> None:
    with pytest.raises(DropItem, match="no title"):
        Required.from_crawler(crawler).process_item(article(title=title))
    assert crawler.stats.get_stats() == {"dropped/no title": 1}


@pytest.mark.parametrize("paragraphs", [[], [""], [" ", "\n"]])
def test_an_article_without_text_is_dropped_and_counted(crawler: Crawler, paragraphs: list[str]) -> None:
    with pytest.raises(DropItem, match="no text"):
        Required.from_crawler(crawler).process_item(article(paragraphs=paragraphs))
    assert crawler.stats.get_stats() == {"dropped/no text": 1}


def test_an_article_leaves_a_run_once(crawler: Crawler) -> None:
    once = Once.from_crawler(crawler)
    other = article(url=SEED.url.replace(SEED.id, "1"))
    assert once.process_item(article()) == article()
    assert once.process_item(other) is other
    for _ in range(2):
        with pytest.raises(DropItem, match="already seen"):
            once.process_item(article(title="Judul lain"))
    assert crawler.stats.get_stats() == {"dropped/already seen": 2}


def test_each_run_begins_with_nothing_seen(crawler: Crawler) -> None:
    for _ in range(2):
        assert Once.from_crawler(crawler).process_item(article()) == article()


def test_the_seed_loses_its_nine_repeats(crawler: Crawler) -> None:
    assert len(PARAGRAPHS) == 10
    item = Repeats.from_crawler(crawler).process_item(article(paragraphs=PARAGRAPHS + PARAGRAPHS[1:]))
    assert item == article(repeated=9)
    assert crawler.stats.get_stats() == {"repeats/removed": 9}


def test_repeats_are_counted_over_all_articles_and_removed_once(crawler: Crawler) -> None:
    repeats = Repeats.from_crawler(crawler)
    item = repeats.process_item(article(paragraphs=PARAGRAPHS * 2))
    assert repeats.process_item(replace(item)) == item
    repeats.process_item(article(paragraphs=PARAGRAPHS + PARAGRAPHS[:4]))
    assert item.repeated == 10
    assert crawler.stats.get_value("repeats/removed") == 14


HEADED = [PARAGRAPHS[0], "Situasi Terkini", *PARAGRAPHS[1:4], "Tanggapan", *PARAGRAPHS[4:]]


@pytest.mark.parametrize(
    ("subheadings", "left"),
    [
        (["Situasi Terkini", "Tanggapan"] * 2, ["Situasi Terkini", "Tanggapan"]),
        (["Situasi Terkini", "Tanggapan"], ["Situasi Terkini", "Tanggapan"]),
        (["Situasi Terkini", "Tanggapan", "SITUASI TERKINI"], ["Situasi Terkini", "Tanggapan"]),
        (["Situasi  Terkini", "Tanggapan"], ["Situasi  Terkini", "Tanggapan"]),
    ],
    ids=["of both copies", "each once", "spelt otherwise in the copy", "not as in the text"],
)
def test_sub_headings_keep_step_with_the_text(crawler: Crawler, subheadings: list[str], left: list[str]) -> None:
    copy = ["SITUASI TERKINI" if "SITUASI TERKINI" in subheadings and p == "Situasi Terkini" else p for p in HEADED]
    item = Repeats.from_crawler(crawler).process_item(article(paragraphs=HEADED + copy, subheadings=subheadings))
    assert item == article(paragraphs=HEADED, subheadings=left, repeated=12)


def test_a_sub_heading_that_stands_twice_in_the_text_stays_twice(crawler: Crawler) -> None:
    body = [*HEADED, "Tanggapan", "Belum ada keterangan."]
    item = article(paragraphs=body + body, subheadings=["Situasi Terkini", "Tanggapan", "Tanggapan"] * 2)
    assert Repeats.from_crawler(crawler).process_item(item).subheadings == ["Situasi Terkini", "Tanggapan", "Tanggapan"]


def test_the_title_before_the_second_copy_goes_too(crawler: Crawler) -> None:
    item = article(paragraphs=[*PARAGRAPHS, SEED.title, *PARAGRAPHS], subheadings=[SEED.title])
    assert Repeats.from_crawler(crawler).process_item(item) == article(repeated=11)
