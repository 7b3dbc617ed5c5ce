"""The commands that look into the ledger tell what is there: status, owed, export."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledgers import LEDGER, crawl, one_line, sql
from tests.process import environment, scrapy
from tests.site import many
from tests.site.faults import Fault
from tests.site.server import Site

FOUND = many.stories(60)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(many.site(FOUND)) as site:
        yield site


@pytest.fixture(scope="module")
def crawled(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crawled")
    crawl(site, folder, "-a", "since=2026-07-20", "-a", "until=2026-07-20")
    return folder


def test_an_article_that_vanished_is_marked_once_and_listed(tmp_path: Path) -> None:
    with Site(many.site(FOUND)) as site:
        crawl(site, tmp_path)
        site.faults = [Fault(FOUND[4].id, "410")]
        since = []
        for _ in range(2):
            crawl(site, tmp_path, "-s", "LEDGER_REVISIT=48h")
            since += sql(tmp_path, "SELECT vanished FROM pages WHERE vanished IS NOT NULL")
        assert len(since) == 2
        assert since[0] == since[1]
        [vanished] = map(json.loads, scrapy("owed", "--json", cwd=tmp_path).stdout.splitlines())
        assert (vanished["url"], vanished["state"]) == (FOUND[4].url, "vanished")
        assert FOUND[4].url in scrapy("owed", cwd=tmp_path, env={"COLUMNS": "80"}).stdout
        assert scrapy("export", "-O", "-:jsonl", cwd=tmp_path).stdout.count("\n") == 60


@pytest.mark.parametrize(
    "wrong", ["since=x", "until=2022-01-01,since=2022-02-01", "nothing", "revision=x", "colour=red"]
)
def test_an_export_with_wrong_arguments_is_2(wrong: str, tmp_path: Path) -> None:
    arguments = [word for pair in wrong.split(",") for word in ("-a", pair)]
    refused = scrapy("export", "-O", "a.jsonl", *arguments, cwd=tmp_path)
    assert (refused.returncode, wrong.partition("=")[0] in one_line(refused)) == (2, True)


@pytest.mark.parametrize("command", ["owed", "status", "export -O -:jsonl"])
def test_a_reader_that_has_seen_enough_is_no_error(command: str, site: Site, tmp_path: Path) -> None:
    site.faults = [Fault(FOUND[0].url, "404")]
    crawl(site, tmp_path)
    site.faults = []
    told = f"{sys.executable} -m scrapy {command} | true"
    done = subprocess.run(told, shell=True, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60)
    assert done.stderr == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_export_that_is_interrupted_says_so_and_leaves_nothing_behind(
    number: signal.Signals, site: Site, tmp_path: Path
) -> None:
    crawl(site, tmp_path)
    os.mkfifo(tmp_path / ".all.jsonl.part")
    command = [sys.executable, "-m", "scrapy", "export", "-O", "all.jsonl"]
    export = subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True)
    with (tmp_path / ".all.jsonl.part").open("rb") as reader:
        reader.read(1)  # it is at work, and nobody reads on
        export.send_signal(number)
        told = export.communicate(timeout=20)[1]
    assert (export.returncode, told) == (128 + number, "scrapy export: interrupted\n")
    assert not list(tmp_path.glob("*all.jsonl*"))


def test_the_commands_tell_what_is_there(site: Site, tmp_path: Path) -> None:
    assert scrapy("status", cwd=tmp_path).returncode == 2
    site.faults = [Fault(FOUND[0].url, "404")]
    crawl(site, tmp_path, "-a", "since=2026-07-20", "-a", "until=2026-07-20")
    site.faults = []
    [status] = map(json.loads, scrapy("status", "--json", cwd=tmp_path).stdout.splitlines())
    assert (status["articles"], status["pages"], status["days"]["covered"]) == (59, {"done": 59, "gone": 1}, 1)
    last = status["last_run"]
    assert (last["exitcode"], last["counts"]["gone"], last["stats"]["item_scraped_count"]) == (0, 1, 59)
    assert last["findings"] == []
    [owed] = map(json.loads, scrapy("owed", "--json", cwd=tmp_path).stdout.splitlines())
    assert (owed["url"], owed["state"], owed["reason"]) == (FOUND[0].url, "gone", "status 404")
    for command in ("status", "owed"):
        assert "sindonews" in scrapy(command, cwd=tmp_path).stdout
    assert scrapy("export", "-O", "a.jsonl.gz", cwd=tmp_path).returncode == 0
    assert scrapy("export", "-O", "-:csv", cwd=tmp_path).stdout.count("\n") == 60
    assert len(json.loads(scrapy("export", "-O", "-:json", "-a", "since=2026-07-21", cwd=tmp_path).stdout)) == 0
    assert len(json.loads(scrapy("export", "-O", "-:json", "-a", "since=20260720", cwd=tmp_path).stdout)) == 59
    assert scrapy("export", "-O", "a.nothing", cwd=tmp_path).returncode == 2
    matching = "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'kabar'"
    with sqlite3.connect(tmp_path / LEDGER) as connection:
        assert connection.execute(matching).fetchone() == (59,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


@pytest.mark.parametrize(
    "command",
    [
        "status",
        "status --json",
        "gaps",
        "report --json",
        "report",
        "export -O -:csv",
        "owed",
        "owed --json",
    ],
)
def test_a_standard_output_that_takes_nothing_is_5_in_one_line(command: str, crawled: Path) -> None:
    if command.startswith("owed"):
        sql(crawled, "UPDATE pages SET state = 'gone', reason = ?", "status 404 " * 100)
    with Path("/dev/full").open("w") as nothing:
        words = [sys.executable, "-m", "scrapy", *command.split()]
        done = subprocess.run(words, cwd=crawled, env=environment(), stdout=nothing, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 5
    assert one_line(done).endswith("the standard output cannot be written: No space left on device")


def test_why_a_page_did_not_come_is_said_in_words(tmp_path: Path) -> None:
    words = {
        "reset": "Connection to the other side was lost in a non-clean fashion: Connection lost.",
        "cut-chunked": "it was cut off on the way",
        "huge": "it is larger than DOWNLOAD_MAXSIZE",
        "silence": "it took longer than DOWNLOAD_TIMEOUT",
    }
    reasons = dict(zip((story.url for story in FOUND), words.values(), strict=False))
    faults = [Fault(url, kind) for url, kind in zip(reasons, words, strict=True)]
    with Site(many.site(FOUND), delay=0.02, faults=faults) as site:
        told = crawl(
            site, tmp_path, "-s", "RETRY_TIMES=0", "-s", "DOWNLOAD_TIMEOUT=2", "-s", "LOG_LEVEL=WARNING"
        ).stderr
    owed = map(json.loads, scrapy("owed", "--json", cwd=tmp_path).stdout.splitlines())
    assert {page["url"]: page["reason"] for page in owed} == reasons
    assert all(f"could not be had: {reason}\n" in told for reason in words.values())
