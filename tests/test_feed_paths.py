"""Where a feed may be written, and what stands there already: nothing of it is spoilt, and nothing is lost."""

import gzip
import json
import os
import stat
import subprocess
import time
from pathlib import Path

import pytest

from newsspider.feeds import read_csv
from tests.kills import start
from tests.ledgers import asked, crawl, delivered, spoilt, sql
from tests.process import scrapy
from tests.site import many
from tests.site.server import Site

FOUND = many.stories(30)
URLS = many.urls(FOUND)


def test_a_ledger_that_was_put_away_leaves_its_feeds_to_the_one_that_follows(tmp_path: Path) -> None:
    with Site(many.site(FOUND)) as site:
        for _ in range(2):
            assert crawl(site, tmp_path).returncode == 0
            (tmp_path / ".newsspider").rename(tmp_path / str(len(site.log)))


def test_a_last_line_without_its_end_is_ended_before_anything_is_appended(tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text('{"url": "first"}')
    with Site(many.site(FOUND)) as site:
        assert crawl(site, tmp_path, feeds=("-o", "out.jsonl")).returncode == 0
    assert delivered(tmp_path / "out.jsonl") == dict.fromkeys(URLS | {"first"}, 1)


def test_a_csv_of_other_columns_is_not_appended_to(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("url,title\nfirst,second\n")
    with Site(many.site(FOUND)) as site:
        refused = crawl(site, tmp_path, feeds=("-o", "out.csv"))
        assert refused.returncode == 2
        assert "other columns (url, title …)" in refused.stderr
        assert not site.log
        assert (tmp_path / "out.csv").read_text() == "url,title\nfirst,second\n"
        same = ("-o", "out.csv", "-s", "FEED_EXPORT_FIELDS=url,title")
        assert crawl(site, tmp_path, feeds=same).returncode == 0
    assert {row["url"] for row in read_csv(tmp_path / "out.csv")} == URLS | {"first"}


def test_several_jobs_append_to_one_csv_and_one_compressed_feed(tmp_path: Path) -> None:
    feeds = '{"a.csv": {"format": "csv"}, "b.csv.gz": {"format": "csv"}}'
    with Site(many.site(FOUND)) as site:
        for more in (0, 4, 8):
            site.pages |= many.site(many.stories(30 + more, first=more))
            assert crawl(site, tmp_path, "-s", f"FEEDS={feeds}", feeds=()).returncode == 0
    for name in ("a.csv", "b.csv.gz"):
        rows = [row["url"] for row in read_csv(tmp_path / name)]
        assert len(rows) == len(set(rows)) == 38


def test_a_name_that_ends_with_gz_is_compressed(tmp_path: Path) -> None:
    with Site(many.site(FOUND)) as site:
        refused = crawl(site, tmp_path, feeds=("-O", "out.parquet.gz"))
        assert (refused.returncode, "leave out its .gz" in refused.stderr) == (2, True)
        refused = crawl(site, tmp_path, feeds=("-O", "out.tar.gz"))
        assert (refused.returncode, "format 'gz'" in refused.stderr) == (2, True)
        refused = crawl(site, tmp_path, "-s", 'FEEDS={"out.csv.gz": "csv"}', feeds=())
        assert (refused.returncode, "takes options" in refused.stderr) == (2, True)
        done = crawl(site, tmp_path, feeds=("-O", "out.jsonl.gz", "-O", "out.csv.gz", "-O", "out.gz:json"))
        assert done.returncode == 0, done.stderr
    texts = [gzip.decompress((tmp_path / name).read_bytes()) for name in ("out.jsonl.gz", "out.gz")]
    assert {json.loads(line)["url"] for line in texts[0].splitlines()} == URLS
    assert {article["url"] for article in json.loads(texts[1])} == URLS
    assert {row["url"] for row in read_csv(tmp_path / "out.csv.gz")} == URLS
    assert scrapy("verify", "out.jsonl.gz", "out.csv.gz", cwd=tmp_path).returncode == 0


def test_the_feeds_of_a_spider_s_own_settings_are_written(tmp_path: Path) -> None:
    feeds = {"own.jsonl": {"format": "jsonlines"}}
    with Site(many.site(FOUND)) as site:
        done = spoilt(site, tmp_path, f"custom_settings = {{'FEEDS': {feeds}}}", feeds=())
    assert done.returncode == 0
    assert delivered(tmp_path / "own.jsonl").keys() == URLS


def test_a_link_stays_a_link_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "all.jsonl").write_text("old\n")
    (tmp_path / "out.jsonl").symlink_to("kept/all.jsonl")
    with Site(many.site(FOUND)) as site:
        assert crawl(site, tmp_path).returncode == 0
    assert (tmp_path / "out.jsonl").is_symlink()
    assert delivered(tmp_path / "kept" / "all.jsonl").keys() == URLS
    assert (tmp_path / "run.json").exists()


def test_a_feed_that_is_replaced_keeps_its_permissions(tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").touch()
    (tmp_path / "out.jsonl").chmod(0o640)
    with Site(many.site(FOUND)) as site:
        assert crawl(site, tmp_path).returncode == 0
    assert stat.S_IMODE((tmp_path / "out.jsonl").stat().st_mode) == 0o640


@pytest.mark.parametrize("mode", ["-o", "-O"])
def test_two_feeds_to_one_path_are_refused(mode: str, tmp_path: Path) -> None:
    with Site(many.site(FOUND)) as site:
        refused = crawl(site, tmp_path, feeds=(mode, "out.jsonl", mode, str(tmp_path / "out.jsonl")))
        assert refused.returncode == 2
        assert "two feeds are to be written to" in refused.stderr
        assert not site.log


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    with Site(many.site(FOUND)) as site:
        crawling = start(site, tmp_path, "-O", "pipe.jsonl")
        reader = subprocess.Popen(["tail", "-f", "pipe.jsonl"], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        try:
            crawling.communicate(timeout=30)
            assert crawling.returncode == 0
            assert (tmp_path / "pipe.jsonl").is_fifo()
            assert reader.stdout
            assert len([reader.stdout.readline() for _ in FOUND]) == len(FOUND)
        finally:
            crawling.kill()
            reader.kill()
            reader.communicate()


def test_a_folder_that_went_away_within_the_publication_is_5_until_it_is_back(tmp_path: Path) -> None:
    away = tmp_path / "away"
    with Site(many.site(FOUND)) as site:
        assert crawl(site, tmp_path, feeds=("-O", "away/out.jsonl")).returncode == 0
        (away / "out.jsonl").rename(away / ".out.jsonl.part")
        sql(tmp_path, "UPDATE jobs SET state = 'publishing'")
        away.rename(tmp_path / "elsewhere")
        failed = crawl(site, tmp_path)
        assert failed.returncode == 5
        assert "away/out.jsonl cannot be put in its place" in failed.stderr
        (tmp_path / "elsewhere").rename(away)
        assert crawl(site, tmp_path).returncode == 0
    assert delivered(away / "out.jsonl").keys() == URLS


def test_a_folder_of_feeds_that_went_away_during_the_crawl_is_5_until_it_is_back(tmp_path: Path) -> None:
    feeds = tmp_path / "feeds"
    with Site(many.site(FOUND), delay=0.02) as site:
        run = start(site, tmp_path)
        while not site.log:
            time.sleep(0.01)
        feeds.rename(tmp_path / "away")
        feeds.touch()
        told = run.communicate(timeout=30)[1]
        assert (run.returncode, "Traceback" in told) == (5, False)
        assert told.splitlines()[-1].startswith("sindonews: the feed ")
        feeds.unlink()
        seen = len(site.log)
        assert crawl(site, tmp_path, feeds=()).returncode == 0
        assert len(asked(site, seen)) == 1
    [feed] = (feeds / "sindonews").glob("*.jsonl")
    assert delivered(feed).keys() == URLS


def test_a_note_that_cannot_be_written_is_5_before_the_first_request(tmp_path: Path) -> None:
    (tmp_path / ".out.jsonl.ledger").mkdir()
    with Site(many.site(FOUND)) as site:
        refused = crawl(site, tmp_path)
        assert (refused.returncode, "the feed" in refused.stderr) == (5, True)
        assert not site.log


def test_what_is_no_gzip_is_not_appended_to(tmp_path: Path) -> None:
    with Site(many.site(FOUND)) as site:
        for name in ("a.csv.gz", "a.jsonl.gz"):
            (tmp_path / name).write_text("url,title\n")
            refused = crawl(site, tmp_path, feeds=("-o", name))
            assert (refused.returncode, "is no gzip file" in refused.stderr) == (2, True)
            assert (tmp_path / name).read_text() == "url,title\n"
        assert not site.log


def test_a_server_that_takes_no_feed_is_5_in_one_line_without_its_password_and_nothing_is_lost(tmp_path: Path) -> None:
    with Site(many.site(FOUND)) as site:
        failed = crawl(site, tmp_path, "-s", "LOG_LEVEL=WARNING", feeds=("-O", "ftp://me:secret@127.0.0.1:1/out.jsonl"))
        assert failed.returncode == 5
        [line] = failed.stderr.splitlines()
        assert "the feed ftp://127.0.0.1:1/out.jsonl cannot be written: [Errno 111] Connection refused" in line
        assert sql(tmp_path, "SELECT count(*) FROM runs WHERE reason LIKE '%secret%'") == [(0,)]
        seen = len(site.log)
        assert crawl(site, tmp_path).returncode == 0
        assert len(asked(site, seen)) == 1
    assert delivered(tmp_path / "out.jsonl").keys() == URLS


def test_a_feed_on_a_server_is_not_appended_to(tmp_path: Path) -> None:
    with Site(many.site(FOUND)) as site:
        feeds = '{"ftp://me:secret@127.0.0.1:1/out.jsonl": {"format": "jsonlines", "overwrite": false}}'
        refused = crawl(site, tmp_path, "-s", f"FEEDS={feeds}", feeds=())
        assert (refused.returncode, "-O" in refused.stderr, "secret" in refused.stderr) == (2, True, False)
        assert not site.log


def test_two_ledgers_that_start_in_one_second_have_feeds_of_their_own(tmp_path: Path) -> None:
    with Site(many.site(FOUND)) as site:
        runs = [start(site, tmp_path, *args) for args in ((), ("-s", "JOBDIR=other", "-a", "limit=7"))]
        for run in runs:
            run.communicate(timeout=60)
        assert [run.returncode for run in runs] == [0, 0]
    feeds = sorted((tmp_path / "feeds" / "sindonews").glob("*.jsonl"))
    assert sorted(len(delivered(feed)) for feed in feeds) == [7, 30]
    assert not list((tmp_path / "feeds" / "sindonews").glob(".*"))
