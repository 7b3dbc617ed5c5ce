"""Kept pages give today's articles: whatever the files are called, wherever they lie, whoever reads them."""

import gzip
import json
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings

from newsspider.items import Article
from newsspider.reextract.captures import Captures
from newsspider.reextract.pieces import Piece, cut
from newsspider.reextract.places import Place, places
from newsspider.reextract.run import Run
from newsspider.reextract.site import orders
from newsspider.reextract.watch import Bar
from newsspider.reextract.workers import Here
from newsspider.spiders.sindonews import SindonewsSpider
from newsspider.warc.writer import Writer
from tests.process import scrapy
from tests.site.build_sample import SAMPLE
from tests.site.content import expected
from tests.site.stories import STORIES
from tests.warcs import HTML, Kept, pages, write

SERVED = [
    story for story in STORIES if (story.status, story.whole, story.lost, story.copy) == ("200", "served", "", "")
]
SERVED = [story for story in SERVED if len(story.pages) > 1]
STORY = SERVED[0]
EARLIER, LATER = "2026-07-20T01:00:00Z", "2026-07-27T01:00:00Z"


def reextract(*args: str, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """`scrapy reextract`, by one process unless more are asked for."""
    one = () if {"--workers", "--scheduler"} & set(args) else ("--workers", "1")
    done = scrapy("reextract", *args, *one, cwd=cwd, env=env)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def again(*paths: Path, size: int | None = None, **arguments: str) -> tuple[list[Article], Run]:
    """The articles, in this process; and what the run counted."""
    settings = Settings()
    settings.setmodule("newsspider.settings")
    found, failed = places(map(str, paths))
    given = orders(SindonewsSpider, arguments or {"channel": "all"}, settings)
    run = Run(given, found, Here(), Bar(), failed)
    return [article for articles in run.batches() for article in articles], run


def one(path: Path, *answers: Kept) -> Article:
    """The one article of these answers."""
    (article,), _ = again(write(path / "one.warc.gz", answers))
    return article


# Whole


def test_the_sample_gives_what_its_stories_say(tmp_path: Path) -> None:
    done = reextract("--warc", str(SAMPLE), "-O", "out.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = {article["url"]: article for article in lines(tmp_path / "out.jsonl")}
    truth = expected()
    assert found.keys() == truth.keys()
    for url, fields in truth.items():
        assert {name: found[url][name] for name in fields} == fields
    assert "51 articles" in done.stderr
    assert done.stderr.count("\n") == 1


def test_it_gives_what_a_crawl_of_the_same_pages_gives(tmp_path: Path) -> None:
    urls = ",".join(sorted(expected()))
    crawl = ("crawl", "sindonews", "-s", f"WARC_REPLAY={SAMPLE}", "-a", f"url={urls}", "-a", "details=full")
    scrapy(*crawl, "-O", "crawled.jsonl", cwd=tmp_path)
    reextract("--warc", str(SAMPLE), "-O", "again.jsonl", cwd=tmp_path)
    crawled = {article["url"]: article for article in lines(tmp_path / "crawled.jsonl")}
    assert {article["url"]: article for article in lines(tmp_path / "again.jsonl")} == crawled


def test_the_newest_capture_stands_first_and_of_one_time_the_urls_tell(tmp_path: Path) -> None:
    old, new, other = SERVED[:3]
    answers = [pages(old, EARLIER)["whole"], pages(new, LATER)["whole"], pages(other, EARLIER)["whole"]]
    write(tmp_path / "b.warc.gz", answers[:2])
    write(tmp_path / "a.warc.gz", answers[2:])
    found, _ = again(tmp_path)
    assert [article.url for article in found] == [new.url, *sorted([old.url, other.url])]
    assert again(tmp_path / "b.warc.gz", tmp_path / "a.warc.gz", tmp_path)[0] == found


# Which capture


def test_the_newest_capture_of_a_url_wins_wherever_it_stands(tmp_path: Path) -> None:
    newer = replace(STORY, title="Judul yang baru", host=STORY.host)
    new = replace(pages(STORY, LATER)["whole"], body=pages(newer)["whole"].body)
    old = pages(STORY, EARLIER)["whole"]
    for answers in ([new, old], [old, new]):
        assert one(tmp_path, *answers).title == "Judul yang baru"


@pytest.mark.parametrize(
    "useless",
    [
        {"status": 404},
        {"status": 304, "body": b""},
        {"body": b""},
        {"body": b"<html><body><h1>Halaman tidak ditemukan</h1></body></html>"},
        {"fields": {"WARC-Truncated": "length"}},
        {"headers": {"Content-Type": HTML, "Content-Encoding": "gzip"}, "body": gzip.compress(b"<html>" * 999)[:-9]},
        {"headers": {"Content-Type": HTML}, "body": b"<html><body><h1>Judul</h1><p>Terpotong di t"},
        {"headers": {"Content-Type": HTML}, "body": b"\x89PNG\r\n\x1a\n"},
    ],
)
def test_a_newer_capture_that_gives_nothing_hides_no_older_one(tmp_path: Path, useless: dict[str, Any]) -> None:
    good = pages(STORY, EARLIER)["whole"]
    article = one(tmp_path, good, replace(pages(STORY, LATER)["whole"], **useless))
    assert article.title == STORY.title
    assert article.crawled == "2026-07-20T01:00:00+00:00"


def test_page_1_gives_what_the_whole_article_does_not_say(tmp_path: Path) -> None:
    story = next(s for s in SERVED if s.layout == "2024")
    whole, first = pages(story)["whole"], pages(story)["0"]
    alone, joined = one(tmp_path, whole), one(tmp_path, first, whole)
    assert alone.modified is None
    assert joined.modified == story.modified.isoformat()
    assert joined.paragraphs == alone.paragraphs


def test_without_the_whole_article_its_pages_are_joined(tmp_path: Path) -> None:
    kept_pages = pages(STORY)
    whole = one(tmp_path, kept_pages.pop("whole"))
    joined = one(tmp_path, *reversed(kept_pages.values()))
    assert joined.paragraphs == whole.paragraphs
    assert joined.complete
    part = one(tmp_path, kept_pages["0"])
    assert part.paragraphs == whole.paragraphs[: len(part.paragraphs)]
    assert not part.complete


def test_an_article_under_two_addresses_comes_once(tmp_path: Path) -> None:
    moved = pages(STORY, EARLIER)["whole"]
    moved.url = moved.url.replace("/read/", "/newsread/").replace("https:", "http:")
    assert one(tmp_path, moved, pages(STORY, LATER)["whole"]).url == STORY.url


# Torn and foreign


def test_what_a_browser_rendered_is_a_capture_and_says_so(tmp_path: Path) -> None:
    whole = pages(STORY)["whole"]
    writer = Writer(tmp_path / "rendered.warc.gz", {"software": "newsspider"})
    writer.conversion(whole.url, HTML, whole.body)
    writer.close()
    write(tmp_path / "plain.warc.gz", [replace(whole, body=b"<html><body></body></html>")])
    (article,), _ = again(tmp_path)
    assert (article.rendered, article.title) == (True, one(tmp_path, whole).title)


def test_a_torn_record_is_said_with_its_file_and_place_and_the_rest_is_read(tmp_path: Path) -> None:
    stories = SERVED[:6]
    path = write(tmp_path / "x.warc.gz", [pages(story)["whole"] for story in stories])
    data = path.read_bytes()
    offset = data.index(b"\x1f\x8b\x08", len(data) // 2)
    path.write_bytes(data[:offset] + b"\x1f\x8b\x08" + bytes(40) + data[offset:-20])
    done = reextract("--warc", "x.warc.gz", "-O", "out.jsonl", cwd=tmp_path)
    assert done.returncode == 0
    assert f"{path}: the record at byte {offset} is left out: torn: " in done.stderr
    assert "2 torn" in done.stderr
    assert len(lines(tmp_path / "out.jsonl")) == 5


def test_a_record_of_another_kind_is_said_and_left_out(tmp_path: Path) -> None:
    whole = pages(STORY)["whole"]
    odd = [replace(whole, kind="resource"), replace(whole, time="kemarin"), whole]
    write(tmp_path / "x.warc.gz", odd)
    done = reextract("--warc", "x.warc.gz", "-O", "out.jsonl", cwd=tmp_path)
    assert done.stderr.count("is left out: foreign: ") == 2
    assert len(lines(tmp_path / "out.jsonl")) == 1


@pytest.mark.parametrize("data", [b"", b"bukan WARC", bytes(5000), gzip.compress(b"bukan WARC")])
def test_a_file_that_is_no_warc_gives_nothing_and_the_feed_stays(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.warc.gz").write_bytes(data)
    (tmp_path / "out.jsonl").write_text("kemarin\n")
    done = reextract("--warc", "x.warc.gz", "-O", "out.jsonl", cwd=tmp_path)
    assert done.returncode == 3
    assert "no article came out" in done.stderr
    assert (tmp_path / "out.jsonl").read_text() == "kemarin\n"


# In pieces


def found_by(pieces: list[Piece], place: Place) -> tuple[list[Any], Any]:
    """What is found in these pieces, and what is counted."""
    run = Run(b"", [place], Here(), Bar())
    captures = Captures([place])
    settings = Settings()
    settings.setmodule("newsspider.settings")
    run.orders = orders(SindonewsSpider, {"channel": "all"}, settings)
    run.look(captures, pieces)
    rows = sorted(captures._table.execute("SELECT * FROM captures"))
    return rows, (run.counts, run.failed)


def in_pieces(place: Place, number: int) -> list[Piece]:
    borders = [place.size * n // number for n in range(number + 1)]
    return [Piece(0, place, begin, end) for begin, end in pairwise(borders)]


def hostile(folder: Path, name: str) -> Path:
    """Between good records pages that hold whole WARC records, and holes."""
    inner = write(folder / "inner.warc", [pages(STORY)["whole"]]).read_bytes()
    packed = write(folder / "inner.warc.gz", [pages(STORY)["whole"]]).read_bytes()
    stored = {"Content-Type": HTML, "Content-Encoding": "x"}
    answers = []
    for number, story in enumerate(SERVED[:12]):
        answers += [
            pages(story)["whole"],
            Kept(f"https://other.example/{number}", (inner, packed)[number % 2], headers=stored),
        ]
    path = write(folder / name, answers)
    data = path.read_bytes()
    third = len(data) // 3
    path.write_bytes(data[:third] + data[third + 700 : 2 * third] + b"WARC/1.1\r\nx" + data[2 * third :])
    return path


@pytest.mark.parametrize("name", ["x.warc", "x.warc.gz"])
def test_pieces_of_any_size_give_what_the_whole_file_gives(tmp_path: Path, name: str) -> None:
    (place,), _ = places([str(hostile(tmp_path, name))])
    whole = found_by(in_pieces(place, 1), place)
    assert len(whole[0]) >= 9
    assert whole[1][0]["torn"] >= 1
    for number in (2, 3, 5, 8, 13, 40, 200):
        assert found_by(in_pieces(place, number), place) == whole


def test_a_file_of_one_gigabyte_is_shared_by_all_workers() -> None:
    place = Place("x.warc.gz", 1 << 30)
    for workers in (1, 2, 16, 64):
        pieces = cut([place], workers)
        assert len(pieces) >= 4 * workers
        assert [piece.begin for piece in pieces[1:]] == [piece.end for piece in pieces[:-1]]
        assert max(piece.end - piece.begin for piece in pieces) <= 70 << 20
