"""`scrapy capture` as a process, and the pages that a crawl keeps for a look."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem, NotConfigured
from scrapy.http import HtmlResponse, TextResponse
from scrapy.settings import Settings
from scrapy.spiders import Spider
from scrapy.statscollectors import StatsCollector

from newsspider import cases
from newsspider.cases.addon import CasesAddon
from newsspider.cases.kept import Kept
from tests.process import FAST, scrapy
from tests.site import Page
from tests.site.faults import Fault
from tests.site.server import Site

URL = "https://international.sindonews.com/read/1/41/warung-di-tepi-jalan-1641660000"
BODY = ("<html><title>Warung “Dua” Café</title>" + "<p>Paragraf contoh.</p>" * 100 + "</html>").encode()
ROBOTS = Page(b"User-agent: *\nDisallow: /search\n", 200, {"Content-Type": "text/plain"})


@pytest.fixture
def site() -> Iterator[Site]:
    html = {"Content-Type": "text/html; charset=ISO-8859-1"}  # which it is not, like on the site
    pages = {
        URL: Page(BODY, 200, html),
        "https://international.sindonews.com/robots.txt": ROBOTS,
        "https://international.sindonews.com/search": Page(BODY, 200, html),
        "https://international.sindonews.com/empty": Page(b"", 200, html),
        "https://international.sindonews.com/image": Page(b"\x89PNG\1", 200, {"Content-Type": "image/png"}),
    }
    with Site(pages) as site:
        yield site


def capture(*args: str, site: Site, cwd: Path):
    return scrapy("capture", *FAST, "-s", "RETRY_TIMES=0", *args, cwd=cwd, env=site.env | {"PYTHONWARNINGS": ""})


def test_a_captured_page_is_a_case_with_its_bytes_as_served(tmp_path: Path, site: Site):
    done = capture("article", "no-date", URL, site=site, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"saved tests/pages/sindonews/article/no-date: {URL}, {len(BODY)} bytes;"
        " now fill in what is expected: pytest --rewrite -k no-date\n"
    )
    path = tmp_path / "tests/pages/sindonews/article/no-date"
    assert sorted(file.name for file in path.iterdir()) == ["meta.json", "page.html"]
    assert (path / "page.html").read_bytes() == BODY
    meta = json.loads((path / "meta.json").read_text())
    assert meta == {
        "url": URL,
        "status": 200,
        "headers": {"Content-Type": "text/html; charset=ISO-8859-1"},
        "encoding": "utf-8",
    }
    page = cases.load(path)
    assert (page.url, page.status, page.css("title::text").get()) == (URL, 200, "Warung “Dua” Café")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["tests"]


def test_a_case_without_its_encoding_is_read_by_its_headers(tmp_path: Path):
    page = HtmlResponse(URL, headers={"Content-Type": "text/html; charset=cp1252"}, body="“Dua”".encode("cp1252"))
    path = cases.save(tmp_path, "article", "x", page)
    meta = json.loads((path / "meta.json").read_text())
    del meta["encoding"]
    (path / "meta.json").write_text(json.dumps(meta))
    assert cases.load(path).text == page.text == "“Dua”"


def test_it_asks_politely_for_one_page(tmp_path: Path, site: Site):
    capture("article", "no-date", URL, site=site, cwd=tmp_path)
    assert site.urls() == ["https://international.sindonews.com/robots.txt", URL]


@pytest.mark.parametrize(
    ("path", "fault", "reason"),
    [
        ("search", None, "Forbidden by robots.txt"),
        ("absent", None, "404 Not Found"),
        ("image", None, "it is no page but 5 bytes of image/png"),
        ("image", Fault("/image", "500"), "500 Internal Server Error"),
        ("image", Fault("/image", "redirect", value="https://example.com/"), ""),
    ],
)
def test_a_page_that_cannot_be_had_is_one_line(tmp_path: Path, site: Site, path: str, fault: Fault | None, reason: str):
    if fault:
        site.faults.append(fault)
    url = f"https://international.sindonews.com/{path}"
    done = capture("index", "x", url, site=site, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith(f"scrapy capture: {url} could not be had: {reason}")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert not [asked for asked in site.urls() if "example.com" in asked]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["article", "x"], "give a kind, a name and a URL"),
        (["story", "x", URL], "unknown kind 'story'; allowed are article, index"),
        (["article", "../x", URL], "'../x' is no name for a case"),
        (["article", "No date", URL], "'No date' is no name for a case"),
        (["article", "x", "https://example.com/"], "'https://example.com/' is of no site that is known here"),
        (["article", "x", "https://notsindonews.com/"], "is of no site that is known here: sindonews.com"),
        (["article", "x", "file:///etc/passwd"], "is of no site that is known here"),
        (["article", "x", "http://[::1/"], "is of no site that is known here"),
        (["article", "x", URL, "--forse"], "give a kind, a name and a URL"),
        (["article", "x", URL, "-s", "A"], "Invalid -s value"),
    ],
)
def test_wrong_arguments_are_one_line_and_exit_2(tmp_path: Path, site: Site, args: list[str], said: str):
    done = capture(*args, site=site, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("scrapy capture: ")
    assert said in line
    assert site.log == []


def test_a_case_is_replaced_only_when_that_is_meant(tmp_path: Path, site: Site):
    path = tmp_path / "tests/pages/sindonews/article/x"
    path.mkdir(parents=True)
    done = capture("article", "x", URL, site=site, cwd=tmp_path)
    assert done.returncode == 2
    assert "tests/pages/sindonews/article/x exists; take another name, or --force" in done.stderr
    assert site.log == []
    assert list(path.iterdir()) == []
    assert capture("article", "x", URL, "--force", site=site, cwd=tmp_path).returncode == 0
    assert cases.load(path).body == BODY


def test_a_page_comes_from_a_recording_too(tmp_path: Path, site: Site):
    capture("article", "x", URL, "-s", "WARC_DIR=warc", site=site, cwd=tmp_path)
    asked = len(site.log)
    replay = ("-s", "WARC_REPLAY=warc")
    done = capture("article", "y", URL, *replay, site=site, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert cases.load(tmp_path / "tests/pages/sindonews/article/y").body == BODY
    missed = capture("article", "z", URL + "0", *replay, site=site, cwd=tmp_path)
    assert missed.returncode == 1
    assert missed.stderr == (f"scrapy capture: {URL}0 could not be had: it is not in warc\n")
    wrong = capture("article", "z", URL, "-s", "WARC_REPLAY=nowhere", site=site, cwd=tmp_path)
    assert wrong.returncode == 1
    assert wrong.stderr.endswith(
        "scrapy capture: could not start: WARC_REPLAY nowhere does not exist;"
        " give a .warc or .warc.gz file, or a folder of them\n"
    )
    assert len(site.log) == asked


def test_pages_that_cannot_be_written_are_said(tmp_path: Path, site: Site):
    (tmp_path / "tests").write_text("")
    done = capture("article", "x", URL, site=site, cwd=tmp_path)
    assert done.returncode == 1
    assert "tests/pages/sindonews/article/x cannot be written: Not a directory" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("kind", "name"), [("article", "../../x"), ("article", ""), ("article", "/x"), ("..", "x")])
def test_nothing_is_saved_outside_its_folder(tmp_path: Path, kind: str, name: str):
    with pytest.raises(ValueError, match=r"no name for a case|unknown kind"):
        cases.save(tmp_path / "inside", kind, name, TextResponse(URL, body=b"x"))
    assert list(tmp_path.iterdir()) == []


class Kitchen(Spider):
    """Named so that the folder's name is seen to be the spider's."""

    name = "kitchen"


@pytest.fixture
def crawler(tmp_path: Path) -> Crawler:
    crawler = Crawler(Kitchen, {"KEPT_DIR": str(tmp_path / "kept"), "KEPT_MAX": 2})
    crawler.spider = Kitchen()
    crawler.stats = StatsCollector(crawler)
    return crawler


def drop(kept: Kept, number: int, reason: str = "no title") -> None:
    page = HtmlResponse(f"{URL}{number}?showpage=all", body=BODY, headers={"Content-Type": "text/html"})
    kept.dropped(exception=DropItem(reason), response=page, item=None, spider=None)


def test_the_page_of_an_article_that_gave_no_item_is_kept_as_a_case(crawler: Crawler, tmp_path: Path):
    kept = Kept.from_crawler(crawler)
    drop(kept, 1, "no text")
    drop(kept, 1, "once more")
    (path,) = (tmp_path / "kept/kitchen/article").iterdir()
    assert path.name.startswith("warung-di-tepi-jalan-16416600001-")
    assert cases.load(path).body == BODY
    assert json.loads((path / "meta.json").read_text())["reason"] == "no text"
    assert crawler.stats.get_stats() == {"kept/pages": 1}


def test_only_so_many_pages_are_kept_and_the_others_counted(crawler: Crawler, tmp_path: Path):
    kept = Kept.from_crawler(crawler)
    for number in range(5):
        drop(kept, number)
    assert len(list((tmp_path / "kept/kitchen/article").iterdir())) == 2
    assert crawler.stats.get_stats() == {"kept/pages": 2, "kept/over": 3}


def test_a_folder_that_cannot_be_written_is_a_warning(
    crawler: Crawler, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "kept").write_text("")
    with caplog.at_level(logging.WARNING):
        drop(Kept.from_crawler(crawler), 1)
    assert "could not be kept for a look" in caplog.text
    assert crawler.stats.get_stats() == {"kept/failed": 1}


def test_pages_are_kept_by_a_crawl_where_the_setting_says_so(tmp_path: Path, site: Site):
    site.pages[URL + "?showpage=all"] = Page(b"<html><body><p>Bukan artikel.</p></body></html>")
    site.pages[URL] = site.pages[URL + "?showpage=all"]
    done = scrapy("crawl", "sindonews", *FAST, "-a", f"url={URL}", "-s", "KEPT_DIR=kept", cwd=tmp_path, env=site.env)
    assert "Traceback" not in done.stderr
    (path,) = (tmp_path / "kept/sindonews/article").iterdir()
    assert json.loads((path / "meta.json").read_text())["reason"] in ("no title", "no text")


def test_without_its_setting_the_room_changes_nothing():
    with pytest.raises(NotConfigured):
        CasesAddon().update_settings(Settings())
