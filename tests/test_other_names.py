"""One article under two URLs, one job in two spellings: neither is fetched or delivered twice."""

import json
from pathlib import Path

import pytest

from tests.ledgers import asked, crawl, delivered, sql
from tests.site import Pages, many
from tests.site.server import Site

FOUND = many.stories(30)
OLD_URL = FOUND[3].url
NEW_URL = OLD_URL.replace("kabar-nomor", "judul-baru")
DAY = "2026-07-20"


def renamed(*, listed: bool) -> Pages:
    """The site after an article got another headline: its old URL leads to the new one; the lists know it or do not."""
    pages = many.site(FOUND)
    for tail in ("", "?showpage=all"):
        page = pages[OLD_URL + tail]
        pages[NEW_URL + tail] = page.__class__(page.body.replace(OLD_URL.encode(), NEW_URL.encode()))
        pages[OLD_URL + tail] = page.__class__(b"", 301, {"Location": NEW_URL + tail})
    if listed:
        for url, page in pages.items():
            if "/read/" not in url:
                pages[url] = page.__class__(page.body.replace(OLD_URL.encode(), NEW_URL.encode()), 200, page.headers)
    return pages


@pytest.mark.parametrize("listed", [False, True])
def test_an_article_stored_under_the_url_that_it_led_to_is_not_fetched_again(listed: bool, tmp_path: Path) -> None:
    days = ("-a", f"since={DAY}", "-a", f"until={DAY}")
    with Site(renamed(listed=False)) as site:
        assert crawl(site, tmp_path).returncode == 0
        assert NEW_URL in delivered(tmp_path / "out.jsonl")
        site.pages |= renamed(listed=listed)
        seen = len(site.log)
        assert crawl(site, tmp_path, *days).returncode == 0
        assert not [url for url in asked(site, seen) if "/read/" in url]


def test_two_urls_of_one_article_in_one_run_give_it_once_and_none_failed(tmp_path: Path) -> None:
    with Site(renamed(listed=False)) as site:
        done = crawl(site, tmp_path, "-a", f"url={OLD_URL},{NEW_URL}")
        assert done.returncode == 0
        assert delivered(tmp_path / "out.jsonl") == {NEW_URL: 1}
        assert "0 failed" in done.stderr
        assert sql(tmp_path, "SELECT DISTINCT state FROM pages") == [("done",)]


def test_one_job_may_be_asked_for_in_other_words(tmp_path: Path) -> None:
    ways = (
        ("-a", "since=2026-07-20", "-a", "until=2026-07-20", "-a", "subsections=45,40"),
        ("-a", "subsections=40,45", "-a", "until=2026-7-20", "-a", "since=2026-07-20"),
        ("-a", "channel=international", "-a", "since=2026-07-20", "-a", "until=2026-07-20", "-a", "subsections=45, 40"),
    )
    with Site(many.site(FOUND)) as site:
        for way in ways[:2]:
            assert crawl(site, tmp_path, *way, "-s", "CLOSESPIDER_ITEMCOUNT=5").returncode == 4
        assert crawl(site, tmp_path, *ways[2]).returncode == 0
        assert delivered(tmp_path / "out.jsonl") == dict.fromkeys(many.urls(FOUND), 1)
        [(arguments, state)] = sql(tmp_path, "SELECT arguments, state FROM jobs")
        assert state == "finished"
        assert json.loads(arguments) == {"since": DAY, "until": DAY, "subsections": "40,45"}


def test_a_day_that_was_not_over_when_it_was_read_is_read_again(tmp_path: Path) -> None:
    days, newer = ("-a", "since=2026-07-20"), many.stories(34, first=4)
    with Site(many.site(FOUND)) as site:
        assert crawl(site, tmp_path, *days, "-a", f"until={DAY}", "-s", "CLOSESPIDER_ITEMCOUNT=25").returncode == 4
        assert sql(tmp_path, "SELECT count(*) FROM indexes WHERE state = 'done'") == [(2,)]
        sql(tmp_path, "UPDATE runs SET started = '2026-07-20T13:00:00Z'")
        site.pages |= many.site(newer)
        assert crawl(site, tmp_path, *days, "-a", f"until={DAY}").returncode == 0
        assert delivered(tmp_path / "out.jsonl") == dict.fromkeys(many.urls(newer), 1)


def test_what_was_stored_before_is_said(tmp_path: Path) -> None:
    with Site(many.site(FOUND)) as site:
        crawl(site, tmp_path)
        again = crawl(site, tmp_path, "-a", f"url={OLD_URL}")
        assert again.returncode == 0
        assert "what was found (1) was stored before: scrapy export -O FILE gives what is there" in again.stderr
