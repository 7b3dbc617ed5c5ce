"""`scrapy probe` as a process against the site's server."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from newsspider import __version__, cases
from tests.process import FAST, environment, scrapy
from tests.site import Page, many
from tests.site.faults import Fault
from tests.site.server import Site

FOUND = many.daily(date(2026, 7, 20), days=2, each=15)
FIVE = FOUND[:5]
NEWEST = "https://international.sindonews.com/more/9"
ROBOTS = "https://international.sindonews.com/robots.txt"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(many.site(FOUND)) as site:
        yield site


def probe(site: Site, folder: Path, *args: str, fast: tuple[str, ...] = FAST) -> subprocess.CompletedProcess[str]:
    once = ("-s", "RETRY_TIMES=0", "-s", "CONTACT=tim@universitas.example")
    done = scrapy("probe", *fast, *once, *args, cwd=folder, env=site.env | {"COLUMNS": "200"})
    assert "Traceback" not in done.stderr, done.stderr
    return done


def probed(site: Site, folder: Path, *args: str) -> dict[str, Any]:
    done = probe(site, folder, "--json", *args)
    (record,) = map(json.loads, done.stdout.splitlines())
    assert record["exitcode"] == done.returncode
    assert isinstance(record, dict)
    return record


def changed(site: Site, old: bytes, new: bytes) -> None:
    """The site has been redesigned."""
    for url, page in site.pages.items():
        site.pages[url] = Page(page.body.replace(old, new), page.status, page.headers)


def test_a_healthy_site_shows_where_each_field_is_and_nothing_is_written(tmp_path: Path, site: Site) -> None:
    done = probe(site, tmp_path, "sindonews")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[-1] == "sindonews: 5 of 5 articles read; every field that an article must have is found"
    (title,) = (line.split("│") for line in lines if line.startswith("│ title"))
    assert title[2].strip() == "5 of 5"
    assert title[3].strip() == "2024 no. 1: h1.detail-title (5)"
    assert title[4].strip() == "Kabar nomor 100000"
    (paragraphs,) = (line for line in lines if line.startswith("│ paragraphs"))
    assert "./ancestor::article[1]//div[@id='detail-desc'] (5)" in paragraphs
    assert "robots.txt of international.sindonews.com: status 200, no Crawl-delay" in lines
    assert list(tmp_path.iterdir()) == []


def test_it_asks_politely_for_one_page_of_the_index_and_five_articles(tmp_path: Path, site: Site) -> None:
    probe(site, tmp_path, fast=("-s", "DOWNLOAD_DELAY=0.1"))
    assert site.urls()[:2] == [ROBOTS, NEWEST]
    assert sorted(site.urls()[2:]) == sorted(f"{story.url}?showpage=all" for story in FIVE)
    assert {entry.user_agent for entry in site.log} == {f"newsspider/{__version__} (+tim@universitas.example)"}
    times = [entry.time for entry in site.log]
    assert min(later - time for time, later in pairwise(times[1:])) > 0.08


def test_who_does_not_say_who_asks_is_told(tmp_path: Path, site: Site) -> None:
    done = probe(site, tmp_path, "-s", "CONTACT=")
    assert "CONTACT is empty, so the site's people cannot write to you" in done.stderr


def test_what_a_crawl_would_write_is_not_written_though_settings_ask_for_it(tmp_path: Path, site: Site) -> None:
    wanted = ("LEDGER_URL=sqlite:///l.sqlite", "JOBDIR=jobs", "KEPT_DIR=kept", "NEWEST_PAGES=9")
    changed(site, b"detail-title", b"judul")
    changed(site, b"detail-desc", b"isi")
    done = probe(site, tmp_path, *(word for pair in wanted for word in ("-s", pair)))
    assert done.returncode == 3
    assert list(tmp_path.iterdir()) == []


def test_a_narrow_terminal_shows_all_but_the_ends_of_addresses(tmp_path: Path, site: Site) -> None:
    shown = scrapy("probe", *FAST, cwd=tmp_path, env=site.env | {"COLUMNS": "80"}).stdout
    rows = [line.split("│") for line in shown.splitlines() if line.startswith("│ article")]
    assert [(row[2].strip(), row[5].strip()) for row in rows] == [("200", "utf-8")] * 5
    assert all(row[6].strip().startswith("/read/1") for row in rows)
    assert max(map(len, shown.splitlines()[:12])) <= 80


def test_a_page_has_its_status_seconds_and_encoding(tmp_path: Path, site: Site) -> None:
    site.pages[ROBOTS] = Page(b"User-agent: *\nCrawl-delay: 0.2\n", 200, {"Content-Type": "text/plain"})
    found = probed(site, tmp_path)
    assert found["robots"] == [{"host": "international.sindonews.com", "status": 200, "crawl_delay": 0.2}]
    assert [(page["kind"], page["status"], page["encoding"]) for page in found["pages"]] == [
        ("index", 200, "utf-8"),
        *[("article", 200, "utf-8")] * 5,
    ]
    assert all(0 < page["seconds"] < 5 and page["bytes"] > 1000 for page in found["pages"])


def test_a_renamed_class_shows_which_rule_stands_in(tmp_path: Path, site: Site) -> None:
    changed(site, b'class="detail-title"', b'class="judul"')
    found = probed(site, tmp_path)
    (title,) = (field for field in found["fields"] if field["field"] == "title")
    assert (title["found"], title["rules"]) == (
        5,
        [{"layout": "2024", "number": 3, "rule": "meta:og:title", "pages": 5}],
    )
    assert found["exitcode"] == 0


def test_a_date_that_moved_is_an_objection_though_the_address_has_one(tmp_path: Path, site: Site) -> None:
    changed(site, b"detail-date-artikel", b"tanggal")
    found = probed(site, tmp_path)
    assert found["objections"] == ["published is known by the address only in 5 of 5"]
    assert found["exitcode"] == 3


def test_a_field_that_is_missing_names_the_rules_that_failed(tmp_path: Path, site: Site) -> None:
    changed(site, b"article-tags", b"label")
    changed(site, b'name="keywords"', b'name="kata"')
    found = probed(site, tmp_path)
    (tags,) = (field for field in found["fields"] if field["field"] == "tags")
    assert (tags["found"], tags["value"]) == (0, None)
    assert (tags["rules"][0]["rule"], tags["rules"][0]["pages"]) == ("div.article-tags a", 0)


def test_a_consent_page_in_the_place_of_the_articles_ends_with_3(tmp_path: Path, site: Site) -> None:
    site.faults.append(Fault("/read/", "soft-404"))
    done = probe(site, tmp_path)
    assert done.returncode == 3
    assert "title is missing in 5 of 5; " in done.stdout.splitlines()[-1]
    assert "paragraphs is missing in 5 of 5" in done.stdout.splitlines()[-1]


def test_an_index_that_lists_nothing_ends_with_3(tmp_path: Path, site: Site) -> None:
    site.faults.append(Fault("/more/9", "soft-404"))
    done = probe(site, tmp_path)
    assert done.returncode == 3
    assert done.stdout.splitlines()[-1] == "sindonews: 0 of 0 articles read; the index lists no articles"


def test_an_article_that_is_gone_is_said_and_no_other_asked_for(tmp_path: Path, site: Site) -> None:
    site.faults.append(Fault(FIVE[0].url, "404"))
    done = probe(site, tmp_path)
    assert done.returncode == 0
    assert "sindonews: 4 of 5 articles read" in done.stdout
    assert not [url for url in site.urls() if FOUND[5].url in url]


@pytest.mark.parametrize(
    ("url", "kind", "reason"),
    [
        ("more/9", "403", "status 403"),
        ("/read/", "403", "status 403"),
        ("sindonews", "wrong-authority", "certificate verify failed"),
        ("robots.txt", "500", "robots.txt of international.sindonews.com cannot be had: status 500"),
    ],
)
def test_a_site_that_cannot_be_asked_ends_with_4(tmp_path: Path, site: Site, url: str, kind: str, reason: str) -> None:
    site.faults.append(Fault(url, kind))
    done = probe(site, tmp_path, "-s", "RETRY_PAUSE=0.1")
    assert done.returncode == 4
    last = done.stdout.splitlines()[-1]
    assert last.startswith("sindonews: the site cannot be asked: ")
    assert reason in last


def test_robots_are_obeyed(tmp_path: Path, site: Site) -> None:
    site.pages[ROBOTS] = Page(b"User-agent: *\nDisallow: /more\n", 200, {"Content-Type": "text/plain"})
    done = probe(site, tmp_path)
    assert (done.returncode, site.urls()) == (4, [ROBOTS])
    assert done.stdout.splitlines()[-1] == "sindonews: the site cannot be asked: Forbidden by robots.txt"


def test_without_a_network_it_ends_with_4(tmp_path: Path, site: Site) -> None:
    nowhere = site.env | dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    done = scrapy("probe", *FAST, "-s", "RETRY_PAUSE=0.1", cwd=tmp_path, env=nowhere)
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    assert "sindonews: the site cannot be asked: " in done.stdout


def test_who_interrupts_it_is_told_so(tmp_path: Path, site: Site) -> None:
    site.faults.append(Fault("/read/", "silence"))
    command = [sys.executable, "-m", "scrapy", "probe", *FAST]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, env=environment(site.env), stdout=pipe, stderr=pipe, text=True) as it:
        while len(site.log) < 3:
            assert it.poll() is None
            sleep(0.05)
        it.send_signal(signal.SIGINT)
        sleep(0.2)
        it.send_signal(signal.SIGINT)
        out, err = it.communicate(timeout=30)
    assert (it.returncode, out.splitlines()[-1]) == (4, "sindonews: interrupted")
    assert "Traceback" not in err


def test_given_articles_are_asked_for_without_the_index(tmp_path: Path, site: Site) -> None:
    chosen = [FOUND[7].url, FOUND[9].url]
    found = probed(site, tmp_path, *(word for url in chosen for word in ("--url", url)))
    assert (found["asked"], found["exitcode"]) == (2, 0)
    assert sorted(site.urls()[1:]) == sorted(f"{url}?showpage=all" for url in chosen)


def test_another_channel_is_asked_where_it_has_its_list(tmp_path: Path, site: Site) -> None:
    probe(site, tmp_path, "-a", "channel=nasional")
    assert site.urls() == [f"https://nasional.sindonews.com/{path}" for path in ("robots.txt", "more/5")]


def test_pages_are_kept_as_cases_where_that_is_asked_for(tmp_path: Path, site: Site) -> None:
    found = probed(site, tmp_path, "--keep")
    assert len(found["kept"]) == 6
    kept = [cases.load(tmp_path / path) for path in found["kept"]]
    assert {page.url for page in kept} == {page["url"] for page in found["pages"]}
    assert {page.body for page in kept} == {site.pages[page.url].body for page in kept}
    assert all(path.startswith("tests/pages/sindonews/") and "/probe-" in path for path in found["kept"])
    assert [path.name for path in tmp_path.iterdir()] == ["tests"]
    done = probe(site, tmp_path, "--keep")
    assert "kept 6 pages in tests/pages/sindonews; what is expected of them: pytest --rewrite -k probe-" in done.stdout


def test_pages_that_cannot_be_kept_are_said(tmp_path: Path, site: Site) -> None:
    (tmp_path / "tests").write_text("")
    done = probe(site, tmp_path, "--keep")
    assert done.returncode == 5
    assert "cannot be written: Not a directory" in done.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["kompas"], "name one spider: scrapy probe SPIDER; known are sindonews"),
        (["-a", "channel=bola"], "unknown channel 'bola'; allowed are all, nasional"),
        (["-a", "limit=9"], "-a limit=9: the one argument is channel"),
        (["--url", "https://example.com/"], "'https://example.com/' is no article of this site"),
        (["--url", FIVE[0].url, "-a", "channel=all"], "channel means nothing beside url"),
        (["-s", "DOWNLOAD_DELAY=soon"], "-s DOWNLOAD_DELAY=soon: DOWNLOAD_DELAY takes a value like"),
    ],
)
def test_wrong_arguments_are_one_line_and_exit_2(tmp_path: Path, site: Site, args: list[str], said: str) -> None:
    done = probe(site, tmp_path, *args)
    assert (done.returncode, done.stdout, site.log) == (2, "", [])
    (line,) = done.stderr.splitlines()
    assert line.startswith("scrapy probe: ")
    assert said in line
