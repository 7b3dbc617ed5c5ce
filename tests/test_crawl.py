"""`scrapy crawl sindonews` as a process against the site on loopback: every way, every feed, every wrong argument."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from newsspider.feeds import read_csv
from newsspider.items import Article
from newsspider.sites.sindonews.urls import article_url, list_url
from tests.process import FAST, scrapy
from tests.site import Page, content
from tests.site.faults import Fault
from tests.site.server import Site

DAY = date(2026, 7, 24)
XML = {"Content-Type": "text/xml"}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(content.pages()) as site:
        yield site


def crawl(site: Site, folder: Path, *args: str, **expect: int) -> list[dict[str, Any]]:
    """Crawl into one JSON Lines feed; what stands in it."""
    site.log.clear()
    feed = folder / "feed.jsonl"
    run = scrapy("crawl", "sindonews", *FAST, "-O", str(feed), *args, cwd=folder, env=site.env)
    assert run.returncode == expect.get("code", 0), run.stderr
    assert "Traceback" not in run.stderr, run.stderr
    return [json.loads(line) for line in feed.read_text("utf-8").splitlines()] if feed.exists() else []


def asked(site: Site) -> list[str]:
    return [url for url in site.urls() if not url.endswith("/robots.txt")]


def truth(urls: set[str]) -> dict[str, dict[str, Any]]:
    return {url: article for url, article in content.expected().items() if url in urls}


def check(articles: list[dict[str, Any]], expected: dict[str, dict[str, Any]]) -> None:
    """Every expected article once, with every field that is known of it, and no other."""
    assert sorted(article["url"] for article in articles) == sorted(expected)
    for article in articles:
        known = expected[article["url"]]
        assert {name: article[name] for name in known} == known


def test_a_range_gives_every_article_of_its_days_whole_and_once(site: Site, tmp_path: Path) -> None:
    days = (date(2026, 7, 20), DAY)
    articles = crawl(site, tmp_path, "-a", f"since={days[0]}", "-a", f"until={days[1]}")
    listed = {url for day in content.STEPS if days[0] <= day <= days[1] for url in content.listed(day)}
    check(articles, truth(listed))


def test_every_layout_is_read_by_its_own_rules(site: Site, tmp_path: Path) -> None:
    articles = crawl(site, tmp_path, "-a", f"url={','.join(content.expected())}")
    check(articles, content.expected())


def test_the_newest_are_walked_by_the_pager(site: Site, tmp_path: Path) -> None:
    articles = crawl(site, tmp_path)
    assert len([url for url in asked(site) if "/more/9" in url]) > 1
    check(articles, truth({story.url for story in content.STORIES if story.host == "international"}))


def test_the_newest_walk_is_bounded(site: Site, tmp_path: Path) -> None:
    crawl(site, tmp_path, "-s", "NEWEST_PAGES=1")
    assert [url for url in asked(site) if "/more/" in url] == ["https://international.sindonews.com/more/9"]


@pytest.mark.parametrize("source", ["rss", "sitemap"])
def test_one_request_tells_what_is_new(site: Site, tmp_path: Path, source: str) -> None:
    articles = crawl(site, tmp_path, "-a", f"source={source}")
    assert articles
    assert len([url for url in asked(site) if "/read/" not in url]) == 1
    check(articles, truth({article["url"] for article in articles}))


class Endless(dict[str, Page]):
    """A site whose day has a page after every page, with the same articles or none."""

    def __init__(self, listed: list[str]) -> None:
        super().__init__(content.pages())
        self.listed = listed

    def get(self, url: str, default: Any = None) -> Any:
        found = list_url(url)
        if found is None or found.name != "indeks" or found.offset == 0:
            return super().get(url, default)
        links = [*self.listed, found._replace(offset=found.offset + 20).canonical]
        return Page("".join(f'<a href="{link}">x</a>' for link in links).encode() + b"</html>")


@pytest.mark.parametrize("listed", [[], content.listed(DAY)[:2]])
def test_a_pager_that_never_ends_is_left(tmp_path: Path, listed: list[str]) -> None:
    with Site(Endless(listed)) as endless:
        crawl(endless, tmp_path, "-a", f"since={DAY}", "-a", f"until={DAY}")
        assert len([url for url in endless.urls() if "/indeks/" in url]) <= 3


def test_sitemaps_that_lead_in_a_circle_are_asked_for_once(tmp_path: Path) -> None:
    home = "https://international.sindonews.com"
    circle = [f"{home}/sitemap-news.xml", f"{home}/sitemap-2.xml"]
    pages = {
        url: Page(f"<sitemapindex><sitemap><loc>{to}</loc></sitemap></sitemapindex>".encode(), 200, XML)
        for url, to in zip(circle, reversed(circle), strict=True)
    }
    with Site(content.pages() | pages) as site:
        crawl(site, tmp_path, "-a", "source=sitemap")
        assert len(asked(site)) <= 3


@pytest.mark.parametrize("way", ["source=rss", "source=sitemap", "channel=international", f"since={DAY}"])
def test_a_list_without_articles_is_no_silence(faulty: Site, tmp_path: Path, way: str) -> None:
    faulty.faults = [Fault("/rss|/sitemap|/more|/indeks", "soft-404")]
    run = scrapy("crawl", "sindonews", *FAST, "-a", way, cwd=tmp_path, env=faulty.env)
    assert "lists no articles" in run.stderr


def test_a_channel_of_its_own(site: Site, tmp_path: Path) -> None:
    articles = crawl(site, tmp_path, "-a", "channel=nasional")
    assert articles
    assert {article["section"] for article in articles} == {"Nasional"}


def test_only_the_sub_sections_asked_for(site: Site, tmp_path: Path) -> None:
    articles = crawl(site, tmp_path, "-a", "subsections=40,43")
    assert {article["subsection"] for article in articles} == {"Asia Pasifik", "Timur Tengah"}
    assert not [url for url in asked(site) if "/read/" in url and url.split("/")[5] not in ("40", "43")]


def test_a_limit_is_kept(site: Site, tmp_path: Path) -> None:
    assert len(crawl(site, tmp_path, "-a", "limit=3")) == 3
    assert len({found.id for found in map(article_url, asked(site)) if found}) == 3


def test_a_limit_is_reached_where_articles_give_none(site: Site, tmp_path: Path) -> None:
    assert len(crawl(site, tmp_path, "-a", "limit=30", "-s", "LEDGER_URL=")) == 30
    days = ("-a", f"since={date(2026, 7, 20)}", "-a", f"until={DAY}")
    there = truth({url for day in content.STEPS if day.year == 2026 for url in content.listed(day) if day <= DAY})
    assert len(crawl(site, tmp_path, *days, "-a", f"limit={len(there)}")) == len(there)


def test_with_a_limit_no_day_is_asked_for_that_is_not_needed(site: Site, tmp_path: Path) -> None:
    assert len(crawl(site, tmp_path, "-a", f"since={DAY}", "-a", "limit=2")) == 2
    assert [url for url in asked(site) if "/indeks/" in url] == [f"https://www.sindonews.com/indeks/9/0?t={DAY}"]


def test_an_article_takes_one_request(site: Site, tmp_path: Path) -> None:
    url = next(story.url for story in content.STORIES if story.status == "200" and story.whole == "served")
    crawl(site, tmp_path, "-a", f"url={url}")
    assert asked(site) == [f"{url}?showpage=all"]


def test_full_details_take_page_1_as_well(site: Site, tmp_path: Path) -> None:
    story = next(s for s in content.STORIES if s.layout == "2024" and s.whole == "served" and s.status == "200")
    (article,) = crawl(site, tmp_path, "-a", f"url={story.url}", "-a", "details=full")
    assert asked(site) == [f"{story.url}?showpage=all", story.url]
    assert article["modified"]
    assert article["image_url"]
    check([article], truth({story.url}))


@pytest.mark.parametrize("whole", ["missing", "empty", "bare"])
def test_without_the_whole_article_variant_the_pager_is_followed(site: Site, tmp_path: Path, whole: str) -> None:
    stories = [story.url for story in content.STORIES if story.whole == whole and story.status == "200"]
    assert stories
    check(crawl(site, tmp_path, "-a", f"url={','.join(stories)}"), truth(set(stories)))


def test_an_article_of_which_only_a_part_could_be_had_says_so(site: Site, tmp_path: Path) -> None:
    lost = {story.url for story in content.STORIES if story.lost}
    articles = crawl(site, tmp_path, "-a", f"url={','.join(lost)}")
    assert [article["complete"] for article in articles] == [False] * len(lost)


def test_the_default_feeds_are_named_after_spider_and_start(site: Site, tmp_path: Path) -> None:
    run = scrapy("crawl", "sindonews", *FAST, "-a", "limit=2", cwd=tmp_path, env=site.env)
    assert run.returncode == 0, run.stderr
    csv, jsonl = (next((tmp_path / "feeds/sindonews").glob(f"*.{ending}")) for ending in ("csv", "jsonl"))
    assert csv.stem == jsonl.stem
    assert list(read_csv(csv)) == [json.loads(line) for line in jsonl.read_text("utf-8").splitlines()]


def test_all_formats_hold_the_same(site: Site, tmp_path: Path) -> None:
    outputs = [part for name in ("a.jsonl", "a.json", "a.csv") for part in ("-O", str(tmp_path / name))]
    crawl(site, tmp_path, "-a", "limit=5", *outputs)
    rows = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert len(rows) > 1
    assert list(rows[0]) == list(Article.__dataclass_fields__)
    assert [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()] == rows
    assert list(read_csv(tmp_path / "a.csv")) == rows


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("sice=2022-01-01", "unknown argument 'sice'; allowed are"),
        ("since=2022-13-01", "'2022-13-01' is no date"),
        ("until=2022-01-01", "until needs since"),
        ("since=2099-01-01", "lies in the future"),
        ("channel=bola", "unknown channel 'bola'; allowed are"),
        ("source=atom", "unknown source 'atom'; allowed are"),
        ("url=https://www.example.org/", "is no article of this site"),
        ("subsections=Eropa", "subsections 'Eropa' are none"),
        ("limit=0", "limit '0' is none"),
        ("details=some", "unknown details"),
        ("justaword", "Invalid -a value"),
    ],
)
def test_a_wrong_argument_ends_at_once_with_one_line(tmp_path: Path, argument: str, words: str) -> None:
    run = scrapy("crawl", "sindonews", "-a", argument, cwd=tmp_path)
    assert run.returncode == 2
    assert words in run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["crawl"], "name one spider"),
        (["crawl", "sindonws"], "unknown spider 'sindonws'; known are sindonews"),
        (["crawl", "sindonews", "-O", "feed.xyz"], "xyz"),
        (["crawl", "sindonews", "-s", "NEWEST_PAGES=many"], "NEWEST_PAGES"),
        (["crawl", "sindonews", "-s", "DOWNLOAD_DELAY=slow"], "DOWNLOAD_DELAY"),
        (["crawl", "sindonews", "-s", "RETRY_PAUSE=long"], "RETRY_PAUSE"),
        (["crawl", "sindonews", "-a", "url=A", "-a", "url=B"], "-a url is given more than once"),
        (["crawl", "sindonews", "--limit=3"], "unknown option --limit=3"),
        (["crawl", "sindonews", "-L", "debug"], "unknown log level 'debug'; allowed are DEBUG, INFO"),
    ],
)
def test_a_wrong_command_line_ends_at_once_with_one_line(tmp_path: Path, args: list[str], words: str) -> None:
    run = scrapy(*args, cwd=tmp_path)
    assert run.returncode == 2
    assert words in run.stderr
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["-O", "folder:jsonlines"], "the feed folder cannot be written: Is a directory"),
        (["-O", "file/feed.csv"], "the feed file/feed.csv cannot be written"),
        (["-O", "/proc/feed.csv"], "the feed /proc/feed.csv cannot be written"),
        (["-O", "https://www.example.org/feed.csv"], "could not start: not all feeds can be written"),
        (["--logfile", "nowhere/log"], "nowhere/log cannot be written"),
        (["--pidfile", "nowhere/pid"], "nowhere/pid cannot be written"),
        (["-s", "WARC_REPLAY=nowhere"], "WARC_REPLAY nowhere does not exist"),
        (["-s", "WARC_REPLAY=file"], "WARC_REPLAY file holds no recorded page"),
        (["-s", "WARC_DIR=file"], "WARC_DIR file cannot be made"),
        (["-s", "WARC_DIR=folder", "-s", "WARC_REPLAY=folder"], "give one of them"),
    ],
)
def test_what_cannot_start_says_why_and_asks_for_nothing(
    site: Site, tmp_path: Path, args: list[str], words: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    site.log.clear()
    run = scrapy("crawl", "sindonews", *args, cwd=tmp_path, env=site.env)
    assert run.returncode == (5 if words.startswith("the feed") else 1)
    assert words in run.stderr.splitlines()[-1]
    assert "Traceback" not in run.stderr
    assert site.log == []


MENDED = ("latin-1-header", "cp1252-bytes", "close-delimited")
"""Faults that leave no trace in an article."""
PASSING = (("500", ""), ("429", "1"), ("503", ""), ("reset", ""), ("short", ""), ("truncated-gzip", ""), ("empty", ""))
"""Faults that strike once, with their Retry-After."""
LASTING = (
    *(("404", ""), ("410", ""), ("500", ""), ("soft-404", ""), ("empty", ""), ("truncated-gzip", ""), ("short", "")),
    *(("cut", ""), ("cut-chunked", ""), ("drip", ""), ("silence", ""), ("huge", ""), ("bomb", "")),
    *(("redirect", "https://evil.example/"), ("redirect", "http://127.0.0.1:9/")),
)
"""Faults that strike every time, on every page of the article."""
QUICK = ("-s", "RETRY_TIMES=1", "-s", "DOWNLOAD_TIMEOUT=2", "-s", "RETRY_PAUSE=0.2")


def with_faults(site: Site, faults: list[tuple[str, str]], times: int | None) -> list[str]:
    """One article a fault; their URLs, in order."""
    usual = [s.url for s in content.STORIES if s.status == "200" and s.whole == "served" and s.layout == "2024"]
    more = [s.url for s in content.STORIES if s.status == "200" and s.whole == "served" and s.layout == "2021"]
    urls = (usual + more)[: len(faults)]
    site.faults = [Fault(url, kind, times, value) for url, (kind, value) in zip(urls, faults, strict=True)]
    return urls


@pytest.fixture
def faulty(site: Site) -> Iterator[Site]:
    yield site
    site.faults = []


def test_a_wrong_charset_leaves_no_trace(faulty: Site, tmp_path: Path) -> None:
    urls = with_faults(faulty, [(kind, "") for kind in MENDED], None)
    check(crawl(faulty, tmp_path, *QUICK, "-a", f"url={','.join(urls)}"), truth(set(urls)))


def test_broken_markup_costs_no_article(faulty: Site, tmp_path: Path) -> None:
    url = with_faults(faulty, [("broken-markup", "")], None)[0]
    (article,) = crawl(faulty, tmp_path, *QUICK, "-a", f"url={url}")
    known = content.expected()[url]
    assert {name: article[name] for name in ("title", "published", "dateline")}.items() <= known.items()
    assert article["paragraphs"][0] == known["paragraphs"][0]


def test_what_passes_costs_no_article(faulty: Site, tmp_path: Path) -> None:
    urls = with_faults(faulty, list(PASSING), 1)
    check(crawl(faulty, tmp_path, *QUICK, "-a", f"url={','.join(urls)}"), truth(set(urls)))


def test_a_damaged_response_never_becomes_an_article(faulty: Site, tmp_path: Path) -> None:
    urls = with_faults(faulty, list(LASTING), None)
    assert crawl(faulty, tmp_path, *QUICK, "-a", f"url={','.join(urls)}") == []
    assert not [url for url in faulty.urls() if "evil" in url or "127.0.0.1" in url]


def test_a_redirect_loop_ends(faulty: Site, tmp_path: Path) -> None:
    url = with_faults(faulty, [("redirect", "")], None)[0]
    faulty.faults[0].value = f"{url}?showpage=all"
    assert crawl(faulty, tmp_path, *QUICK, "-a", f"url={url}") == []
