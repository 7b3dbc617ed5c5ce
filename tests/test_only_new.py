"""The next run asks for what is new, and for nothing else; what was cut short leaves no hole."""

import json
from pathlib import Path

from tests.ledgers import asked, crawl, delivered, sql
from tests.site import many
from tests.site.faults import Fault
from tests.site.server import Site

OLD = many.stories(60)
RANGE = ("-a", "since=2026-07-20", "-a", "until=2026-07-20")


def test_with_nothing_new_it_asks_for_one_page_and_leaves_the_feed_alone(tmp_path: Path) -> None:
    with Site(many.site(OLD)) as site:
        assert crawl(site, tmp_path).returncode == 0
        before, seen = (tmp_path / "out.jsonl").read_bytes(), len(site.log)
        again = crawl(site, tmp_path)
        assert again.returncode == 0
        assert len(asked(site, seen)) == 1
        assert "nothing new" in again.stderr
        assert (tmp_path / "out.jsonl").read_bytes() == before


def test_new_articles_are_all_that_the_next_run_delivers(tmp_path: Path) -> None:
    with Site(many.site(OLD)) as site:
        crawl(site, tmp_path)
        newer = many.stories(65, first=5)
        site.pages |= many.site(newer)
        seen = len(site.log)
        crawl(site, tmp_path)
        assert delivered(tmp_path / "out.jsonl").keys() == many.urls(newer) - many.urls(OLD)
        assert len(asked(site, seen)) == 5 + 2


def test_after_weeks_of_standstill_it_goes_back_as_far_as_it_must(tmp_path: Path) -> None:
    with Site(many.site(OLD)) as site:
        crawl(site, tmp_path, "-s", "NEWEST_PAGES=2")
        assert len(delivered(tmp_path / "out.jsonl")) == 40
        newer = many.stories(160, first=100)
        site.pages |= many.site(newer)
        crawl(site, tmp_path, "-s", "NEWEST_PAGES=2")
        assert delivered(tmp_path / "out.jsonl").keys() == many.urls(newer) - many.urls(OLD)


def test_a_walk_that_was_cut_short_leaves_no_hole(tmp_path: Path) -> None:
    with Site(many.site(OLD)) as site:
        crawl(site, tmp_path)
        cut, newer = many.stories(140, first=80), many.stories(180, first=120)
        site.pages |= many.site(cut)
        assert crawl(site, tmp_path, "-s", "CLOSESPIDER_ITEMCOUNT=25").returncode == 4
        site.pages |= many.site(newer)
        assert crawl(site, tmp_path, "-s", "CLOSESPIDER_ITEMCOUNT=10").returncode == 4
        assert crawl(site, tmp_path).returncode == 0
        assert delivered(tmp_path / "out.jsonl").keys() == many.urls(newer) - many.urls(OLD)
        assert set(delivered(tmp_path / "out.jsonl").values()) == {1}


def test_a_pinned_old_article_does_not_end_the_walk(tmp_path: Path) -> None:
    with Site(many.site(OLD)) as site:
        crawl(site, tmp_path)
        newer = many.stories(105, first=45)
        site.pages |= many.site([OLD[50], *[s for s in newer if s.url != OLD[50].url]])
        crawl(site, tmp_path)
        assert delivered(tmp_path / "out.jsonl").keys() == many.urls(newer) - many.urls(OLD)


def test_articles_that_came_by_another_way_do_not_end_the_walk(tmp_path: Path) -> None:
    with Site(many.site(OLD)) as site:
        crawl(site, tmp_path, "-a", f"url={','.join(s.url for s in OLD[:20])}")
        crawl(site, tmp_path)
        assert delivered(tmp_path / "out.jsonl").keys() == many.urls(OLD[20:])


def test_a_range_that_is_crawled_twice_asks_for_no_article_again(tmp_path: Path) -> None:
    with Site(many.site(OLD)) as site:
        crawl(site, tmp_path, *RANGE)
        seen = len(site.log)
        crawl(site, tmp_path, *RANGE)
        assert not [url for url in asked(site, seen) if "/read/" in url]


def test_fresh_begins_a_new_job_and_delivers_what_the_old_one_had_stored(tmp_path: Path) -> None:
    with Site(many.site(OLD)) as site:
        assert crawl(site, tmp_path, "-s", "CLOSESPIDER_ITEMCOUNT=10").returncode == 4
        assert crawl(site, tmp_path, "-a", "fresh=1").returncode == 0
        assert delivered(tmp_path / "out.jsonl").keys() == many.urls(OLD)
        assert [state for (state,) in sql(tmp_path, "SELECT state FROM jobs")] == ["abandoned", "finished"]


def test_without_a_ledger_every_run_is_the_first(tmp_path: Path) -> None:
    with Site(many.site(OLD)) as site:
        for _ in range(2):
            assert crawl(site, tmp_path, "-s", "LEDGER_URL=").returncode == 0
        assert len(asked(site)) == 2 * 63
        assert not (tmp_path / ".newsspider").exists()


def test_jobdir_names_the_folder_and_scrapy_puts_nothing_there(tmp_path: Path) -> None:
    with Site(many.site(OLD)) as site:
        crawl(site, tmp_path, "-s", "JOBDIR=mine", "-s", "CLOSESPIDER_ITEMCOUNT=10")
        crawl(site, tmp_path, "-s", "JOBDIR=mine")
        assert delivered(tmp_path / "out.jsonl").keys() == many.urls(OLD)
        assert {path.name for path in (tmp_path / "mine").iterdir()} == {"sindonews.sqlite", "sindonews.sqlite.lock"}


def test_a_changed_article_is_delivered_as_a_revision_and_an_unchanged_one_is_not(tmp_path: Path) -> None:
    with Site(many.site(OLD)) as site:
        crawl(site, tmp_path)
        page = f"{OLD[0].url}?showpage=all"
        changed = site.pages[page].body.replace(b"</title>", b"</title>").replace(b"Kabar nomor", b"Ralat nomor")
        site.pages[page] = site.pages[page].__class__(changed)
        site.faults.append(Fault(OLD[1].url, "404"))
        seen = len(site.log)
        crawl(site, tmp_path, "-s", "LEDGER_REVISIT=48h")
        assert len([url for url in asked(site, seen) if "showpage" in url]) == 60
        assert delivered(tmp_path / "out.jsonl") == {OLD[0].url: 1}
        assert json.loads((tmp_path / "out.jsonl").read_text("utf-8"))["revision"] == 2
        assert sql(tmp_path, "SELECT url FROM pages WHERE vanished IS NOT NULL") == [(OLD[1].url,)]
        assert sql(tmp_path, "SELECT count(*) FROM articles") == [(61,)]


def test_what_a_clock_that_was_ahead_found_is_not_young_for_years(tmp_path: Path) -> None:
    with Site(many.site(OLD)) as site:
        crawl(site, tmp_path)
        sql(tmp_path, "UPDATE pages SET found = '2999-01-01T00:00:00Z'")
        seen = len(site.log)
        assert crawl(site, tmp_path, "-s", "LEDGER_REVISIT=48h").returncode == 0
        assert len(asked(site, seen)) == 1


def test_a_page_with_a_tag_is_asked_for_with_it_and_304_is_unchanged(tmp_path: Path) -> None:
    with Site(many.site(OLD[:5])) as site:
        for url, page in list(site.pages.items()):
            if "showpage" in url:
                site.pages[url] = page.__class__(page.body, 200, {**page.headers, "ETag": '"1"'})
        crawl(site, tmp_path)
        site.faults.append(Fault("showpage", "304"))
        seen = len(site.log)
        assert crawl(site, tmp_path, "-s", "LEDGER_REVISIT=48h").returncode == 0
        again = [entry for entry in site.log[seen:] if "showpage" in entry.url]
        assert {entry.headers.get("if-none-match") for entry in again} == {'"1"'}
        assert len(again) == 5
        assert sql(tmp_path, "SELECT DISTINCT state, vanished FROM pages") == [("done", None)]
