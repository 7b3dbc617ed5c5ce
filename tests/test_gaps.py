"""`scrapy gaps` after real crawls: what is missing, and how it is filled."""

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.ledgers import MANY, OUT, asked, crawl, delivered, sql
from tests.process import scrapy
from tests.site import many
from tests.site.faults import Fault
from tests.site.server import Site

FOUND = many.daily(date(2026, 7, 20), days=4, each=5)
BY_DAY = {f"2026-07-{number}": [s for s in FOUND if s.time.date().day == number] for number in (17, 18, 19, 20)}
MORE = many.daily(date(2026, 7, 20), days=4, each=40)
CUT = ("-s", "CLOSESPIDER_ITEMCOUNT=20")
ALL = ("-a", "since=2026-07-17", "-a", "until=2026-07-20")


def gaps(folder: Path, *args: str, site: Site | None = None) -> subprocess.CompletedProcess[str]:
    done = scrapy("gaps", *args, cwd=folder, env=site.env if site else None)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def fill(site: Site, folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return gaps(folder, "--fill", "sindonews", *MANY, *OUT, *args, site=site)


def read(site: Site, folder: Path, *days: str, more: tuple[str, ...] = ()) -> None:
    assert crawl(site, folder, "-a", f"days={','.join(days)}", *more).returncode == 0


def records(folder: Path, *args: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gaps(folder, *args, "--json").stdout.splitlines()]


def test_nothing_is_missing_of_days_that_were_crawled(tmp_path: Path) -> None:
    with Site(many.site(FOUND)) as site:
        assert crawl(site, tmp_path, *ALL).returncode == 0
    done = gaps(tmp_path, *ALL)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "sindonews: nothing is missing in 4 days (2026-07-17 to 2026-07-20)\n"
    assert records(tmp_path, *ALL) == []


def test_days_that_nobody_read_are_named_and_filled_with_no_request_for_others(tmp_path: Path) -> None:
    with Site(many.site(FOUND)) as site:
        read(site, tmp_path, "2026-07-19")
        done = gaps(tmp_path, *ALL)
        assert done.returncode == 3
        (row,) = (line.split() for line in done.stdout.splitlines() if "2026-07-17 │" in line)
        assert row[1:8] == ["2026-07-17", "│", "2026-07-18", "│", "2", "│", "0"]
        assert done.stdout.splitlines()[-1] == (
            "sindonews: 3 of 4 days (2026-07-17 to 2026-07-20) have gaps: 3 days not read to the end;"
            " scrapy gaps --fill reads 3 of them"
        )
        found = records(tmp_path, *ALL)
        assert [(each["day"], each["gaps"], each["stored"]) for each in found] == [
            ("2026-07-17", ["index"], 0),
            ("2026-07-18", ["index"], 0),
            ("2026-07-20", ["index"], 0),
        ]
        seen = len(site.log)
        filled = fill(site, tmp_path, *ALL)
        assert filled.returncode == 0
        assert "-a days=2026-07-17..2026-07-18,2026-07-20" in filled.stderr
        assert filled.stderr.splitlines()[-1].startswith("sindonews: finished; 15 new")
        assert "out.jsonl (15)" in filled.stderr
        assert len(asked(site, seen)) == 3 + 15
        assert not [url for url in asked(site, seen) if "t=2026-07-19" in url]
        expected = many.urls(FOUND) - many.urls(BY_DAY["2026-07-19"])
        assert delivered(tmp_path / "out.jsonl") == dict.fromkeys(expected, 1)
        assert gaps(tmp_path, *ALL).returncode == 0
        seen = len(site.log)
        again = fill(site, tmp_path, *ALL)
        assert (again.returncode, len(site.log)) == (0, seen)
        assert "nothing is missing in 4 days" in again.stdout


def test_a_day_on_which_the_site_lists_nothing_is_covered(tmp_path: Path) -> None:
    day = date(2026, 7, 16)
    with Site(many.site(FOUND) | many.day_index([], day)) as site:
        assert crawl(site, tmp_path, *ALL).returncode == 0
        since = ("-a", f"since={day}", "-a", "until=2026-07-20")
        assert gaps(tmp_path, *since).returncode == 3
        fill(site, tmp_path, *since)
        assert gaps(tmp_path, *since).returncode == 0


def test_a_fill_that_was_cut_short_goes_on_and_delivers_each_article_once(tmp_path: Path) -> None:
    with Site(many.site(MORE)) as site:
        assert crawl(site, tmp_path, "-a", "days=2026-07-17", feeds=()).returncode == 0
        assert fill(site, tmp_path, *ALL, *CUT).returncode == 4
        assert not (tmp_path / "out.jsonl").exists()
        assert len(records(tmp_path, *ALL)) == 3
        narrower = ("-a", "since=2026-07-19", "-a", "until=2026-07-19")
        whole = fill(site, tmp_path, *narrower)
        assert whole.returncode == 0
        assert "goes on with what was to be filled since" in whole.stderr
        expected = many.urls([story for story in MORE if story.time.date().day > 17])
        assert delivered(tmp_path / "out.jsonl") == dict.fromkeys(expected, 1)
        assert sql(tmp_path, "SELECT state FROM jobs") == [("finished",)] * 2
        assert gaps(tmp_path, *ALL).returncode == 0


def test_an_article_that_failed_is_a_gap_and_filled_when_it_is_due(tmp_path: Path) -> None:
    bad = BY_DAY["2026-07-18"][0]
    with Site(many.site(FOUND), faults=[Fault(bad.url, "soft-404")]) as site:
        crawl(site, tmp_path, *ALL)
        (found,) = records(tmp_path, *ALL)
        assert (found["day"], found["gaps"], found["failed"], found["fillable"]) == (
            "2026-07-18",
            ["failed"],
            1,
            False,
        )
        seen = len(site.log)
        early = fill(site, tmp_path, *ALL)
        assert (early.returncode, len(site.log)) == (3, seen)
        assert "1 failed and will be tried again; nothing more can be asked for now" in early.stdout
        sql(tmp_path, "UPDATE pages SET next_try = '2026-01-01T00:00:00Z' WHERE state = 'failed'")
        site.faults.clear()
        assert fill(site, tmp_path, *ALL).returncode == 0
        assert len(asked(site, seen)) == 2
        assert delivered(tmp_path / "out.jsonl") == {bad.url: 1}
        assert gaps(tmp_path, *ALL).returncode == 0


def test_what_the_site_no_longer_has_is_counted_and_is_no_gap(tmp_path: Path) -> None:
    with Site(many.site(FOUND), faults=[Fault(BY_DAY["2026-07-18"][0].url, "404")]) as site:
        crawl(site, tmp_path, *ALL)
    done = gaps(tmp_path, *ALL)
    assert done.returncode == 0
    assert done.stdout.endswith("; what the site itself does not have: 1 articles that are gone\n")
    (found,) = records(tmp_path, *ALL)
    assert (found["day"], found["gaps"], found["gone"]) == ("2026-07-18", [], 1)


def test_a_day_that_was_read_for_one_subsection_is_whole_for_that_one_only(tmp_path: Path) -> None:
    with Site(many.site(FOUND)) as site:
        crawl(site, tmp_path, *ALL, "-a", "subsections=40,41,42")
        done = gaps(tmp_path, *ALL)
        assert done.returncode == 3
        assert "4 of them read for subsections=40,41,42 only" in done.stdout
        assert gaps(tmp_path, *ALL, "-a", "subsections=41").returncode == 0
        filled = fill(site, tmp_path, *ALL, "-a", "subsections=43")
        assert (filled.returncode, "-a subsections=43" in filled.stderr) == (0, True)


def test_the_newest_walks_cover_days_too(tmp_path: Path) -> None:
    with Site(many.site(FOUND)) as site:
        crawl(site, tmp_path)
    assert [each["day"] for each in records(tmp_path, *ALL)] == ["2026-07-17"]
    done = gaps(tmp_path)
    assert done.returncode == 0
    assert "days (2026-07-18 to 20" in done.stdout


def test_what_a_walk_found_and_did_not_get_is_filled_by_the_days_in_the_addresses(tmp_path: Path) -> None:
    with Site(many.site(MORE)) as site:
        assert crawl(site, tmp_path, *CUT, feeds=()).returncode == 4
        owed = sum(each["owed"] for each in records(tmp_path, *ALL))
        assert owed == sql(tmp_path, "SELECT count(*) FROM owed")[0][0] > 0
        assert fill(site, tmp_path, *ALL).returncode == 0
        unread = many.urls(MORE) - {url for (url,) in sql(tmp_path, "SELECT url FROM articles WHERE job = 1")}
        assert delivered(tmp_path / "out.jsonl") == dict.fromkeys(unread, 1)
        assert gaps(tmp_path, *ALL).returncode == 0


def test_the_crawls_exit_code_is_the_commands(tmp_path: Path) -> None:
    with Site(many.site(FOUND)) as site:
        read(site, tmp_path, "2026-07-19")
        site.faults.append(Fault("sindonews", "503"))
        down = fill(site, tmp_path, *ALL, "-s", "RETRY_TIMES=0", "-s", "OUTAGE_PATIENCE=0.1")
        assert down.returncode == 4
        assert "the same command goes on" in down.stderr.splitlines()[-1]
        assert fill(site, tmp_path, *ALL, "-s", "RETRY_TIMES=many").returncode == 2


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["-a", "since=2026-13-01"], "'2026-13-01' is no date; write it as YYYY-MM-DD"),
        (["-a", "since=2026-07-20", "-a", "until=2026-07-18"], "until 2026-07-18 lies before since 2026-07-20"),
        (["-a", "since"], "-a since: write -a NAME=VALUE"),
        (["-a", "limit=3"], "unknown argument 'limit'; allowed are since, until, channel, subsections"),
        (["-O", "x.jsonl"], "-o and -O name the feeds of a crawl; add --fill"),
        (["--fill", "--json"], "--json and --fill exclude each other"),
        (["kompas"], "name one spider, or none for all; known are sindonews"),
        (["-a", "since=2026-07-20"], "there is no ledger at .newsspider/sindonews.sqlite yet"),
    ],
)
def test_what_is_wrong_is_one_line_and_exit_2(tmp_path: Path, args: list[str], said: str) -> None:
    done = gaps(tmp_path, *args)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("scrapy gaps: ")
    assert said in line
    assert list(tmp_path.iterdir()) == []
