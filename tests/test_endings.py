"""Whatever goes wrong: one clear line, the exit code that says the same, and nothing lost."""

import json
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsspider.ledger.tables import VERSION
from tests.kills import start
from tests.ledgers import LEDGER, OUT, asked, crawl, delivered, one_line, spoilt, sql
from tests.process import FAST, environment, room_for
from tests.site import Page, many
from tests.site.faults import Fault
from tests.site.server import Site

FOUND = many.stories(60)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(many.site(FOUND)) as site:
        yield site


def test_a_disk_without_room_for_the_ledger_is_5_and_nothing_is_lost(site: Site, tmp_path: Path) -> None:
    with room_for(300_000):
        full = crawl(site, tmp_path)
    assert full.returncode == 5
    assert "the ledger" in one_line(full)
    assert crawl(site, tmp_path).returncode == 0
    assert delivered(tmp_path / "out.jsonl") == dict.fromkeys(many.urls(FOUND), 1)


@pytest.mark.parametrize("size", [37_000, 100_000, 152_000, 168_000])
def test_a_ledger_that_could_not_be_made_whole_is_made_by_the_next_run(size: int, site: Site, tmp_path: Path) -> None:
    with room_for(size):
        assert crawl(site, tmp_path).returncode == 5
    assert crawl(site, tmp_path).returncode == 0
    assert delivered(tmp_path / "out.jsonl") == dict.fromkeys(many.urls(FOUND), 1)


def test_a_disk_without_room_for_a_feed_is_5_and_the_feed_stays_as_it_was(site: Site, tmp_path: Path) -> None:
    before = b"{}\n" * 1_000_000
    (tmp_path / "out.jsonl").write_bytes(before)
    with room_for(len(before) + 50_000):
        full = crawl(site, tmp_path, feeds=("-o", "out.jsonl"))
    assert full.returncode == 5
    assert "the feed" in one_line(full)
    assert (tmp_path / "out.jsonl").read_bytes() == before
    record = json.loads((tmp_path / "run.json").read_text())
    assert (record["exitcode"], "the feed" in record["reason"]) == (5, True)
    assert sql(tmp_path, "SELECT exitcode FROM runs") == [(5,)]
    assert not list(tmp_path.glob(".*.part"))
    seen = len(site.log)
    assert crawl(site, tmp_path, feeds=("-o", "out.jsonl")).returncode == 0
    assert len(asked(site, seen)) == 1
    assert (tmp_path / "out.jsonl").read_bytes().startswith(before)
    assert len((tmp_path / "out.jsonl").read_bytes().splitlines()) == 1_000_060


@pytest.mark.parametrize("what", ["-s JOBDIR=file/below", "-O file/below.jsonl"])
def test_what_cannot_be_written_is_said_before_the_first_request(what: str, site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    seen = len(site.log)
    feeds = tuple(what.split()) if what.startswith("-O") else (*OUT, *what.split())
    refused = crawl(site, tmp_path, feeds=feeds)
    assert refused.returncode == 5
    assert "file" in one_line(refused)
    assert len(site.log) == seen


def test_a_damaged_ledger_is_never_overwritten(site: Site, tmp_path: Path) -> None:
    (tmp_path / LEDGER).parent.mkdir()
    (tmp_path / LEDGER).write_bytes(b"nonsense" * 1000)
    damaged = crawl(site, tmp_path)
    assert damaged.returncode == 5
    assert "damaged" in one_line(damaged)
    assert (tmp_path / LEDGER).read_bytes() == b"nonsense" * 1000


def test_a_ledger_of_a_newer_version_is_left_alone(site: Site, tmp_path: Path) -> None:
    crawl(site, tmp_path, "-s", "CLOSESPIDER_ITEMCOUNT=5")
    sql(tmp_path, "UPDATE meta SET value = '99' WHERE name = 'version'")
    newer = crawl(site, tmp_path)
    assert newer.returncode == 5
    assert "newer" in one_line(newer)
    sql(tmp_path, "UPDATE meta SET value = ? WHERE name = 'version'", str(VERSION))
    assert crawl(site, tmp_path).returncode == 0
    assert len(delivered(tmp_path / "out.jsonl")) == 60


def test_a_ledger_of_an_older_version_goes_on(site: Site, tmp_path: Path) -> None:
    crawl(site, tmp_path, "-s", "CLOSESPIDER_ITEMCOUNT=5")
    newest = _columns(tmp_path)
    for undone in ("INDEX pages_day", "INDEX pages_open", "INDEX articles_published", "TABLE paces"):
        sql(tmp_path, f"DROP {undone}")
    added = {
        "jobs": "holder",
        "runs": "stats findings host alive",
        "indexes": "holder unread",
        "pages": "day",
        "owed": "holder",
        "articles": "run",
    }
    for table, columns in added.items():
        for column in columns.split():
            sql(tmp_path, f"ALTER TABLE {table} DROP {column}")
    sql(tmp_path, "UPDATE meta SET value = '1' WHERE name = 'version'")
    assert crawl(site, tmp_path).returncode == 0
    assert len(delivered(tmp_path / "out.jsonl")) == 60
    assert sql(tmp_path, "SELECT value FROM meta WHERE name = 'version'") == [(str(VERSION),)]
    assert _columns(tmp_path) == newest


def _columns(folder: Path) -> set[tuple[str, str]]:
    """Of the tables and their indexes, in a ledger."""
    return {
        (name, column)
        for kind in ("table", "index")
        for (name,) in sql(folder, "SELECT name FROM sqlite_master WHERE type = ? AND sql IS NOT NULL", kind)
        for (column,) in sql(folder, f"SELECT name FROM pragma_{kind}_info(?)", name)
    }


def test_two_runs_at_once_and_two_ledgers_for_one_feed_are_refused(tmp_path: Path) -> None:
    with Site(many.site(FOUND), faults=[Fault("/read/", "silence")]) as site:
        first = start(site, tmp_path, *OUT)
        while not site.log:
            time.sleep(0.01)
        second = crawl(site, tmp_path)
        assert second.returncode == 6
        assert f"process {first.pid}, started 20" in one_line(second)
        other = crawl(site, tmp_path, "-s", "JOBDIR=other")
        assert other.returncode == 2
        assert "another ledger" in one_line(other)
        first.kill()
        first.communicate()
        site.faults.clear()
        assert crawl(site, tmp_path).returncode == 0
        assert crawl(site, tmp_path, "-s", "JOBDIR=other", feeds=("-O", "other.jsonl")).returncode == 0


def test_a_disk_that_knows_no_locks_is_5_and_says_what_to_do(site: Site, tmp_path: Path) -> None:
    (tmp_path / "lockless.py").write_text(LOCKLESS)
    command = [sys.executable, "lockless.py", "crawl", "sindonews", *FAST, *OUT]
    refused = subprocess.run(command, cwd=tmp_path, env=environment(site.env), capture_output=True, text=True)
    assert (refused.returncode, "JOBDIR" in one_line(refused)) == (5, True)


LOCKLESS = """
import fcntl
from scrapy.cmdline import execute

def flock(file, operation):
    raise OSError(37, "No locks available")

fcntl.flock = flock
execute()
"""


@pytest.mark.parametrize(
    "setting",
    [
        "RUN_DEADLINE=soon",
        "LEDGER_REVISIT=often",
        "OUTAGE_PATIENCE=-1",
        "OUTAGE_PATIENCE=nan",
        "PAGE_DEADLINE=-1",
    ],
)
def test_a_setting_that_means_nothing_is_2(setting: str, site: Site, tmp_path: Path) -> None:
    refused = crawl(site, tmp_path, "-s", setting)
    assert (refused.returncode, setting.partition("=")[0] in one_line(refused)) == (2, True)


def test_a_warc_without_room_is_5_and_what_came_is_still_owed(site: Site, tmp_path: Path) -> None:
    usual = ("-s", "WARC_DIR=warc")
    (tmp_path / "full.py").write_text(FULL)
    command = [sys.executable, "full.py", "crawl", "sindonews", *FAST, *OUT, *usual]
    full = subprocess.run(command, cwd=tmp_path, env=environment(site.env), capture_output=True, text=True, timeout=60)
    assert full.returncode == 5
    assert "WARC_DIR" in full.stderr.splitlines()[-1]
    assert ", 0 failed," in full.stderr.splitlines()[-1]
    assert crawl(site, tmp_path, *usual).returncode == 0
    assert len(delivered(tmp_path / "out.jsonl")) == 60


FULL = """
from scrapy.cmdline import execute
from newsspider.warc.writer import Writer

usual = Writer.exchange
answers = []

def exchange(*args):
    answers.append(args)
    if len(answers) > 20:
        raise OSError(28, "No space left on device")
    return usual(*args)

Writer.exchange = exchange
execute()
"""


def test_two_ledgers_that_end_in_one_folder_each_leave_a_whole_run_json_and_say_whose_it_is(
    site: Site, tmp_path: Path
) -> None:
    (tmp_path / "slow.py").write_text(AT_ONCE)
    command = [sys.executable, "slow.py", "crawl", "sindonews", *FAST]
    runs = [
        subprocess.Popen([*command, *more], cwd=tmp_path, env=environment(site.env), stderr=subprocess.PIPE, text=True)
        for more in (OUT, ("-O", "other.jsonl", "-s", "JOBDIR=other"))
    ]
    for run in runs:
        assert "cannot be written" not in run.communicate(timeout=60)[1]
    assert [run.returncode for run in runs] == [0, 0]
    assert json.loads((tmp_path / "run.json").read_text())["ledger"] in (str(LEDGER), "other/sindonews.sqlite")
    assert not list(tmp_path.glob(".run.json*"))


AT_ONCE = """
import time
from pathlib import Path
from scrapy.cmdline import execute

usual = Path.replace

def replace(part, path):
    if part.name.startswith(".run.json"):
        time.sleep(1.5)
    return usual(part, path)

Path.replace = replace
execute()
"""


@pytest.mark.parametrize("record", [True, False])
def test_an_end_that_goes_wrong_in_a_way_that_nobody_thought_of_is_5(record: bool, site: Site, tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text(WRONG.format(also="" if record else "ending.Ending._write_record = wrong"))
    command = [sys.executable, "wrong.py", "crawl", "sindonews", *FAST, *OUT]
    wrong = subprocess.run(command, cwd=tmp_path, env=environment(site.env), capture_output=True, text=True, timeout=60)
    assert wrong.returncode == 5
    assert "KeyError: 'nobody thought of this'" in wrong.stderr.splitlines()[-1]
    assert not record or json.loads((tmp_path / "run.json").read_text())["exitcode"] == 5
    assert sql(tmp_path, "SELECT exitcode FROM runs") == [(5,)]


WRONG = """
from scrapy.cmdline import execute
from newsspider.ledger import ending

def wrong(*_):
    raise KeyError('nobody thought of this')

ending.fill_search = wrong
{also}
execute()
"""


def test_an_article_that_another_page_led_to_is_stored_once(tmp_path: Path) -> None:
    there = FOUND[30].url
    here = there.replace("international.", "nasional.")
    pages = many.site(FOUND)
    moved = {
        url.replace("international.", "nasional."): Page(b"", 302, {"Location": url})
        for url in pages
        if FOUND[30].id in url
    }
    robots = pages["https://international.sindonews.com/robots.txt"]
    with Site(pages | moved | {"https://nasional.sindonews.com/robots.txt": robots}) as site:
        assert crawl(site, tmp_path, "-a", f"url={here}").returncode == 0
        assert delivered(tmp_path / "out.jsonl") == {there: 1}
        assert crawl(site, tmp_path).returncode == 0
        assert delivered(tmp_path / "out.jsonl").keys() == many.urls(FOUND) - {there}


def test_append_to_json_and_batches_that_would_mix_are_refused(site: Site, tmp_path: Path) -> None:
    append = crawl(site, tmp_path, feeds=("-o", "out.json"))
    assert (append.returncode, "-O" in one_line(append)) == (2, True)
    batches = {"b-%(batch_id)d.jsonl": {"format": "jsonlines", "batch_item_count": 10}}
    mixed = crawl(site, tmp_path, feeds=("-s", f"FEEDS={json.dumps(batches)}"))
    assert (mixed.returncode, "%(job_start)s" in one_line(mixed)) == (2, True)


def test_a_feed_on_the_standard_output_comes_at_the_end(site: Site, tmp_path: Path) -> None:
    done = crawl(site, tmp_path, feeds=("-o", "-:jsonlines"))
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 60)


@pytest.mark.parametrize("number", [60, 1])
def test_a_standard_output_that_takes_nothing_is_5_and_the_next_one_gets_all(
    number: int, site: Site, tmp_path: Path
) -> None:
    limit = ("-a", f"limit={number}")
    command = [sys.executable, "-m", "scrapy", "crawl", "sindonews", *FAST, "-o", "-:jsonlines", *limit]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, cwd=tmp_path, env=environment(site.env), stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
        )
    assert done.returncode == 5
    assert re.search("the feed stdout: cannot be written: .*No space left on device$", one_line(done))
    assert len(crawl(site, tmp_path, *limit, feeds=("-o", "-:jsonlines")).stdout.splitlines()) == number


def test_with_its_streams_closed_a_run_ends_as_any_other(site: Site, tmp_path: Path) -> None:
    command = shlex.join([sys.executable, "-m", "scrapy", "crawl", "sindonews", *FAST, *OUT])
    done = subprocess.run(f"{command} <&- >&- 2>&-", shell=True, cwd=tmp_path, env=environment(site.env), timeout=60)
    assert (done.returncode, len(delivered(tmp_path / "out.jsonl"))) == (0, 60)
    assert "finished; 60 new" in sql(tmp_path, "SELECT stats FROM runs")[0][0]


def test_the_last_line_and_what_is_owed_stand_in_the_ledger(site: Site, tmp_path: Path) -> None:
    done = crawl(site, tmp_path, "-s", "CLOSESPIDER_ITEMCOUNT=5")
    [(counts, stats)] = sql(tmp_path, "SELECT counts, stats FROM runs")
    assert f" {json.loads(counts)['owed']} owed" in done.stderr
    assert done.stderr == f"sindonews: {json.loads(stats)['run/summary']}\n"


def test_an_index_that_lists_nothing_is_3(tmp_path: Path) -> None:
    with Site(many.site(FOUND), faults=[Fault("/more/", "soft-404")]) as site:
        done = crawl(site, tmp_path)
    assert done.returncode == 3
    assert "finished, but no article on any of 1 lists" in done.stderr.splitlines()[-1]
    [finding] = json.loads((tmp_path / "run.json").read_text("utf-8"))["findings"]
    assert (finding["name"], finding["today"]) == ("index/listed", 0)


def test_a_callback_that_raises_fails_its_page_alone(site: Site, tmp_path: Path) -> None:
    done = spoilt(site, tmp_path, "def parse_whole(self, response, url):\n        raise KeyError(url)")
    assert (done.returncode, "but 60 of 60 articles could not be had" in done.stderr) == (3, True)
    assert "60 failed, 0 owed" in done.stderr.splitlines()[-1]
    [(reason,)] = sql(tmp_path, "SELECT DISTINCT substr(reason, 1, 8) FROM pages")
    assert reason == "KeyError"


def test_a_start_that_raises_is_1(site: Site, tmp_path: Path) -> None:
    assert spoilt(site, tmp_path, "def _first_requests(self):\n        raise KeyError(1)").returncode == 1


@pytest.mark.parametrize("moment", range(1, 6))
def test_a_publication_that_is_cut_at_any_step_is_completed_by_the_next_start(
    moment: int, site: Site, tmp_path: Path
) -> None:
    """The process dies before its n-th change of the disk from the first rename on."""
    (tmp_path / "dying.py").write_text(DYING.format(moment=moment))
    command = [sys.executable, "dying.py", "crawl", "sindonews", *FAST, "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=16"]
    feeds = ["-O", "a.jsonl", "-O", "b.jsonl", "-O", "c.jsonl"]
    died = subprocess.run([*command, *feeds], cwd=tmp_path, env=environment(site.env), capture_output=True, timeout=60)
    assert died.returncode == -signal.SIGKILL
    seen = len(site.log)
    assert crawl(site, tmp_path, feeds=tuple(feeds)).returncode == 0
    assert len(site.log) == seen
    for name in ("a.jsonl", "b.jsonl", "c.jsonl"):
        assert delivered(tmp_path / name) == dict.fromkeys(many.urls(FOUND), 1)
    assert not list(tmp_path.glob(".*.part"))


DYING = """
import os, signal
from scrapy.cmdline import execute

steps = 0

def dying(change):
    def changed(*args):
        global steps
        steps += 1
        if steps == {moment}:
            os.kill(os.getpid(), signal.SIGKILL)
        return change(*args)
    return changed

import newsspider.ledger.publication as publication
publication.os.replace = dying(os.replace)
publication.Jobs.finish = dying(publication.Jobs.finish)
publication.Publication._complete = dying(publication.Publication._complete)
execute()
"""
