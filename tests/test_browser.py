"""Pages that only JavaScript completes, by a real browser: what comes out, and what was asked for on the way."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from newsspider import __version__
from newsspider.feeds import read_csv
from newsspider.items import Article
from newsspider.warc.reader import CONVERSION
from newsspider.warc.records import WarcFile
from tests.browsers import needs_browser, rendering
from tests.ledgers import OUT, asked, crawl, delivered, sql
from tests.process import FAST, scrapy
from tests.site import Page, Pages, many
from tests.site.faults import Fault
from tests.site.scripted import LEADS_AWAY, growing, hostile, scripted, shell
from tests.site.server import Site
from tests.site.stories import Story

pytestmark = needs_browser

WAYS = ("fetched", "late", "consent", "heavy", "never")
FOUND = many.stories(len(WAYS) + 5)
BY_WAY = dict(zip(WAYS, FOUND, strict=False))
HOSTILE, GALLERY, BLOCKED, WHOLE, FORBIDDEN = FOUND[len(WAYS) :]
HOSTS = {"www.sindonews.com", "international.sindonews.com"}


@dataclass
class Outcome:
    """Of the one crawl that most of these tests look at."""

    site: Site
    folder: Path
    stderr: str
    stats: dict[str, float]
    leaked: list[str]
    """What arrived at an address on loopback that only a page knows."""

    @property
    def items(self) -> dict[str, dict[str, Any]]:
        return items(self.folder)

    def asked(self, story: Story) -> list[str]:
        return [url for url in self.site.urls() if urlsplit(url).path == urlsplit(story.url).path]


def items(folder: Path) -> dict[str, dict[str, Any]]:
    """URL -> article."""
    lines = (folder / "out.jsonl").read_text("utf-8").splitlines()
    return {item["url"]: item for item in map(json.loads, lines)}


def pages(port: int) -> Pages:
    found = many.site(FOUND) | LEADS_AWAY
    for way, story in BY_WAY.items():
        found |= scripted(found, story, way)
    found |= scripted(found, HOSTILE, hostile(port))
    found |= scripted(found, FORBIDDEN, "fetch('/admin/isi').then(r => r.text()).then(show);")
    found["https://international.sindonews.com/admin/isi"] = Page(b"<h1>Rahasia</h1>")
    gallery = Page(b"<html><body><h1>Galeri</h1><img src=/a.jpg></body></html>")
    return found | dict.fromkeys((GALLERY.url, f"{GALLERY.url}?showpage=all"), gallery)


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[int, list[str]]]:
    """A port on loopback, TCP and UDP, and what arrived there."""
    arrived: list[str] = []
    with closing(socket.socket()) as tcp, closing(socket.socket(type=socket.SOCK_DGRAM)) as udp:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        udp.bind(tcp.getsockname())

        def accept() -> None:
            while True:
                try:
                    connection, _ = tcp.accept()
                except OSError:
                    return
                arrived.append(f"tcp {connection.recv(100)!r}")
                connection.close()

        def receive() -> None:
            while True:
                try:
                    arrived.append(f"udp {udp.recv(100)!r}")
                except OSError:
                    return

        for each in (accept, receive):
            threading.Thread(target=each, daemon=True).start()
        yield tcp.getsockname()[1], arrived


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory, listener: tuple[int, list[str]]) -> Iterator[Outcome]:
    folder, (port, arrived) = tmp_path_factory.mktemp("crawl"), listener
    with Site(pages(port), faults=[Fault(BLOCKED.id, "403")]) as site:
        done, stats = rendering(site, folder, "-s", f"WARC_DIR={folder / 'warc'}")
        yield Outcome(site, folder, done.stderr, stats, arrived)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The same articles where they need no script."""
    folder = tmp_path_factory.mktemp("plain")
    with Site(many.site(FOUND)) as site:
        assert crawl(site, folder).returncode == 0
    return items(folder)


@pytest.mark.parametrize("way", [way for way in WAYS if way != "never"])
def test_a_text_that_comes_by_script_is_the_same_article(
    way: str, crawled: Outcome, plain: dict[str, dict[str, Any]]
) -> None:
    found, expected = (each[BY_WAY[way].url] for each in (crawled.items, plain))
    assert (found["rendered"], expected["rendered"]) == (True, False)
    assert {**found, "rendered": False, "crawled": ""} == {**expected, "crawled": ""}


def test_a_page_that_is_whole_as_it_is_meets_no_browser(crawled: Outcome) -> None:
    assert crawled.items[WHOLE.url]["rendered"] is False
    assert len(crawled.asked(WHOLE)) == 1


def test_a_page_that_stays_empty_is_failed_with_that_reason_and_kept_for_a_look(crawled: Outcome) -> None:
    never = BY_WAY["never"]
    (row,) = sql(crawled.folder, "SELECT state, reason, tries, next_try FROM pages WHERE url = ?", never.url)
    assert row[:3] == ("failed", "no title", 1)
    assert row[3] is not None
    assert len(crawled.asked(never)) == 4  # the whole article and page 1, each plain and rendered
    kept = [json.loads(meta.read_text()) for meta in (crawled.folder / "kept").rglob("meta.json")]
    assert never.url in [meta["url"] for meta in kept]


def test_neither_a_page_without_scripts_nor_a_refusal_is_rendered(crawled: Outcome) -> None:
    assert len(crawled.asked(GALLERY)) == 2
    assert all("api" not in url for url in crawled.asked(BLOCKED))
    assert crawled.stats["browser/asked"] == len(WAYS) + 2


def test_images_media_fonts_frames_and_advertisements_are_not_loaded(crawled: Outcome) -> None:
    paths = {urlsplit(url).path for url in crawled.site.urls()}
    assert "/assets/app.js" in paths
    assert not paths & {"/assets/foto.jpg", "/assets/film.mp4", "/assets/huruf.woff2", "/bingkai", "/ads/iklan.js"}


def test_a_script_is_loaded_once_for_all_pages(crawled: Outcome) -> None:
    assert sum(url.endswith("/app.js") for url in crawled.site.urls()) <= 2  # two pages at once may both ask first


def test_robots_txt_holds_for_what_scripts_ask_for(crawled: Outcome) -> None:
    assert not [url for url in crawled.site.urls() if "/admin/" in url]
    assert FORBIDDEN.url not in crawled.items


def test_the_user_agent_is_the_crawls_and_nothing_else_of_the_browser_is_sent(crawled: Outcome) -> None:
    assert {entry.user_agent for entry in crawled.site.log} == {f"newsspider/{__version__}"}
    sent = {name for entry in crawled.site.log for name in entry.headers}
    assert not [name for name in sent if name.startswith("sec-") or name in ("cookie", "referer")]


def test_a_hostile_page_gets_nowhere_and_leaves_nothing(crawled: Outcome) -> None:
    assert crawled.items[HOSTILE.url]["rendered"] is True
    assert {urlsplit(url).hostname for url in crawled.site.urls()} <= HOSTS
    assert {tunnel.partition(":")[0] for tunnel in crawled.site.tunnels} <= HOSTS
    assert crawled.leaked == []
    assert crawled.stats["redirect/refused"] >= 1
    assert not [path for path in crawled.folder.rglob("*") if "berkas" in path.name]


def test_the_listener_hears_what_does_leave(listener: tuple[int, list[str]]) -> None:
    port, arrived = listener
    before = len(arrived)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.send(b"GET /")
        connection.recv(10)
    assert len(arrived) == before + 1
    arrived.pop()


def test_a_rendered_page_is_recorded_and_replayed_without_a_browser(crawled: Outcome, tmp_path: Path) -> None:
    records = [record for warc in (crawled.folder / "warc").iterdir() for record in WarcFile(warc)]
    kinds = [record.fields["warc-type"] for record in records]
    assert kinds.count(CONVERSION) == crawled.stats["browser/pages"]
    done = scrapy(
        *("crawl", "sindonews", *FAST, *OUT, "-s", f"WARC_REPLAY={crawled.folder / 'warc'}"),
        *("-s", "BROWSER_WHEN=empty", "-s", "LOG_LEVEL=ERROR"),
        cwd=tmp_path,
        env={"PATH": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    again = items(tmp_path)
    assert again.keys() == crawled.items.keys()
    for url, item in crawled.items.items():
        assert again[url] | {"crawled": ""} == item | {"crawled": ""}


# Lists


@pytest.mark.parametrize("by", ["button", "scroll"])
def test_a_list_that_grows_is_walked_to_its_end(by: str, tmp_path: Path) -> None:
    found = many.stories(14)
    with Site(many.site(found) | growing(found, by=by)) as site:
        done, stats = rendering(site, tmp_path, "-a", "source=scroll", "-s", "BROWSER_WHEN=never")
    assert done.returncode == 0, done.stderr
    assert delivered(tmp_path / "out.jsonl") == dict.fromkeys(many.urls(found), 1)
    assert stats["index/listed"] == 14
    assert stats["browser/clicks"] >= 2


@pytest.mark.parametrize(("bound", "steps"), [("BROWSER_CLICKS=1", 2), ("BROWSER_WALK_TIMEOUT=0.1", 1)])
def test_a_walk_is_bounded_and_says_that_it_was(bound: str, steps: int, tmp_path: Path) -> None:
    found = many.stories(14)
    with Site(many.site(found) | growing(found, by="button")) as site:
        done, stats = rendering(site, tmp_path, "-a", "source=scroll", "-s", bound, "-s", "LEDGER_URL=")
        assert sum("/api/list/" in url for url in site.urls()) <= steps
    assert f"goes on, perhaps: {bound.replace('=', ' is ')}" in done.stderr
    assert stats["index/listed"] <= 5 * steps
    assert stats["browser/seconds"] < 10


# Settings


def test_always_renders_every_article_and_without_a_ledger_it_is_the_same(tmp_path: Path) -> None:
    found = many.stories(4)
    with Site(many.site(found)) as site:
        always = ("-s", "BROWSER_WHEN=always", "-s", "LEDGER_URL=", "-s", "BROWSER_RECYCLE=1")
        done, stats = rendering(site, tmp_path, *always)
        articles = [url for url in asked(site) if "/read/" in url]
    assert done.returncode == 0, done.stderr
    assert sorted(articles) == sorted(f"{url}?showpage=all" for url in many.urls(found))
    assert items(tmp_path).keys() == many.urls(found)
    assert all(item["rendered"] for item in items(tmp_path).values())
    assert stats["browser/recycled"] >= 2


def test_the_delay_is_that_of_the_plain_crawl(tmp_path: Path) -> None:
    found = many.stories(2)
    plain = many.site(found)
    with Site(plain | scripted(plain, found[0], "fetched") | scripted(plain, found[1], "late")) as site:
        done, _ = rendering(site, tmp_path, "-s", "DOWNLOAD_DELAY=0.3")
        times = [entry.time for entry in site.log if not entry.url.endswith("robots.txt")]
    assert done.returncode == 0, done.stderr
    assert min(later - earlier for earlier, later in pairwise(times)) > 0.2
    assert len(delivered(tmp_path / "out.jsonl")) == 2


def test_a_part_that_cannot_be_had_is_no_empty_page_and_a_shells_etag_is_not_the_articles(tmp_path: Path) -> None:
    found = many.stories(1)
    plain = many.site(found)
    tagged = Page(shell("load();").body, 200, {"Content-Type": "text/html; charset=utf-8", "ETag": '"1"'})
    pages = plain | scripted(plain, found[0], "fetched")
    pages |= dict.fromkeys((found[0].url, f"{found[0].url}?showpage=all"), tagged)
    with Site(pages, faults=[Fault("/api/read/", "503", times=1)]) as site:
        done, stats = rendering(site, tmp_path, "-s", "BROWSER_WAIT=1")
    assert done.returncode == 0, done.stderr
    assert delivered(tmp_path / "out.jsonl") == {found[0].url: 1}
    assert stats["retry/count"] >= 1
    assert sql(tmp_path, "SELECT etag, modified FROM pages") == [(None, None)]


def test_an_older_csv_is_appended_to_in_its_own_columns(tmp_path: Path) -> None:
    older = [field.name for field in fields(Article) if field.name != "rendered"]
    assert [field.name for field in fields(Article)][-1] == "rendered"
    (tmp_path / "out.csv").write_text(",".join(older) + "\n")
    found = many.stories(3)
    with Site(many.site(found)) as site:
        done = crawl(site, tmp_path, feeds=("-o", "out.csv"))
    assert done.returncode == 0, done.stderr
    rows = list(read_csv(tmp_path / "out.csv"))
    assert {row["url"] for row in rows} == many.urls(found)
    assert all(list(row) == older and row["revision"] == 1 for row in rows)
