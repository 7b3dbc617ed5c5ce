"""`scrapy ledger copy`: what is there afterwards is the ledger, and until then it is none."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import histories
from tests.kills import start, strike
from tests.ledgers import LEDGER, asked, crawl, delivered, sql
from tests.postgres import Base, needs_postgres
from tests.process import environment, scrapy
from tests.site import many
from tests.site.server import Site

pytestmark = needs_postgres

STORIES = many.stories(120)
TABLES = ("jobs", "runs", "indexes", "pages", "owed", "listed", "articles", "moves", "paces")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(many.site(STORIES), delay=0.05) as site:
        yield site


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a ledger of some thousand rows."""
    folder = tmp_path_factory.mktemp("past")
    histories.write(folder, 30)
    return folder


def copy(folder: Path, origin: object, target: object, code: int = 0) -> str:
    """What the command says at the end."""
    done = scrapy("ledger", "copy", str(origin), str(target), cwd=folder)
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == code, done.stderr
    return done.stderr.splitlines()[-1]


def content(file: Path) -> dict[str, list[Any]]:
    """Every row of a SQLite ledger."""
    with closing(sqlite3.connect(file)) as connection:
        columns = {table: connection.execute(f"PRAGMA table_info({table})").fetchall() for table in TABLES}
        rows = {
            table: connection.execute(f"SELECT {', '.join(column[1] for column in columns[table])} FROM {table}")
            for table in TABLES
        }
        return {table: sorted(found.fetchall(), key=repr) for table, found in rows.items()}


def told(folder: Path, *command: str) -> str:
    done = scrapy(*command, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def stopped_in(base: Base, table: str, folder: Path, origin: object) -> Iterator[subprocess.Popen[bytes]]:
    """A copy to `base` that has come to this table, and stands still."""
    command = [sys.executable, "-m", "scrapy", "ledger", "copy", str(origin), base.url]
    with (
        base.server.connect(base.name) as connection,
        subprocess.Popen(command, cwd=folder, env=environment(), stderr=subprocess.DEVNULL) as process,
    ):
        end = time.monotonic() + 30
        for statement in (f"SELECT to_regclass('{table}') IS NOT NULL", f"SELECT EXISTS (SELECT FROM {table})"):
            while connection.execute(statement.encode()).fetchone() == (False,) and time.monotonic() < end:
                time.sleep(0.001)
        process.send_signal(signal.SIGSTOP)
        yield process


def killed_in(base: Base, table: str, folder: Path, origin: object) -> None:
    """A copy to `base` that has come to this table, and is no more."""
    with stopped_in(base, table, folder, origin) as process:
        process.kill()
    assert process.returncode == -signal.SIGKILL, process.returncode


def test_a_ledger_moves_to_postgresql_and_back_and_is_the_same(site: Site, base: Base, tmp_path: Path) -> None:
    assert crawl(site, tmp_path).returncode == 0
    sql(tmp_path, "UPDATE pages SET state = 'failed', reason = 'kosong', next_try = found WHERE id = 3")
    assert copy(tmp_path, LEDGER, base.url).startswith("scrapy ledger: copied; ")
    assert copy(tmp_path, base.url, "back/ledger.sqlite").startswith("scrapy ledger: copied; ")
    assert content(tmp_path / "back/ledger.sqlite") == content(tmp_path / LEDGER)
    with closing(sqlite3.connect(tmp_path / "back/ledger.sqlite")) as back:
        found = back.execute("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'kabar'").fetchone()
        names = {name for (name,) in back.execute("SELECT name FROM meta")}
    assert (found, names) == ((len(STORIES),), {"version", "id", "searchable"})
    there = ("-s", f"LEDGER_URL={base.url}")
    for command in (("owed", "--json"), ("export", "-O", "-:jsonl")):
        assert told(tmp_path, *command, *there, "sindonews") == told(tmp_path, *command, "sindonews")
    one, other = (json.loads(told(tmp_path, "status", "--json", *where)) for where in (there, ()))
    assert {**one, "ledger": ""} == {**other, "ledger": ""}
    new = "INSERT INTO jobs (spider, arguments, state, started) VALUES ('sindonews', '{}', 'open', '') RETURNING id"
    assert base.sql(new) == [(2,)]  # numbers go on behind those that were copied
    base.sql("UPDATE runs SET ended = NULL, alive = extract(epoch FROM now()) + 60")
    assert "run 1 is at work on " in copy(tmp_path, base.url, "new.sqlite", code=6)


@pytest.mark.parametrize("to", ["postgresql", "sqlite"])
def test_a_killed_crawl_goes_on_where_its_ledger_has_moved(to: str, site: Site, base: Base, tmp_path: Path) -> None:
    here, there = (str(LEDGER), base.url) if to == "postgresql" else (base.url, "moved.sqlite")
    urls = {place: place if "://" in place else f"sqlite:///{place}" for place in (here, there)}
    began = len(site.log)
    process = start(site, tmp_path, "-O", "out.jsonl", "-s", f"LEDGER_URL={urls[here]}", "-s", "LEDGER_LEASE=1s")
    while len(site.log) < began + 60:
        time.sleep(0.01)
    assert strike(process, (signal.SIGKILL, 1)) == -signal.SIGKILL
    before = asked(site, began)
    time.sleep(1 if "://" in here else 0)  # its lease is over
    copy(tmp_path, here, there)
    assert crawl(site, tmp_path, "-s", f"LEDGER_URL={urls[there]}").returncode == 0
    assert delivered(tmp_path / "out.jsonl") == dict.fromkeys(many.urls(STORIES), 1)
    assert len(set(before) & set(asked(site, began + len(before) + 1))) < 40


def test_a_killed_copy_is_no_ledger_and_goes_on(site: Site, past: Path, base: Base, tmp_path: Path) -> None:
    killed_in(base, "articles", past, LEDGER)
    (before,) = base.sql("SELECT count(*), max(xmin::text::bigint) FROM pages")
    refused = crawl(site, tmp_path, "-s", f"LEDGER_URL={base.url}")
    assert refused.returncode == 5
    assert "is a half copy of a ledger" in refused.stderr
    histories.write(tmp_path, 1)
    assert "is a half copy of another ledger" in copy(tmp_path, LEDGER, base.url, code=5)
    done = scrapy("ledger", "copy", str(LEDGER), base.url, "--json", cwd=past)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("scrapy ledger: goes on with what was copied before\n")
    assert base.sql("SELECT count(*), max(xmin::text::bigint) FROM pages") == [before]  # none was written again
    counts = {row["table"]: row["rows"] for row in map(json.loads, done.stdout.splitlines())}
    assert counts == {"meta": 1, **{table: len(rows) for table, rows in content(past / LEDGER).items()}}


def test_a_copy_whose_connection_is_cut_goes_on_by_itself(past: Path, base: Base) -> None:
    with stopped_in(base, "articles", past, LEDGER) as process:
        cut = base.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ~ 'newsspider'")
        process.send_signal(signal.SIGCONT)
    assert cut == [(True,)]
    assert process.returncode == 0
    assert base.sql("SELECT count(*), max(id) FROM articles") == [(len(content(past / LEDGER)["articles"]),) * 2]


def test_what_is_not_the_same_there_is_found_and_copied_anew(past: Path, base: Base) -> None:
    killed_in(base, "articles", past, LEDGER)
    base.sql("UPDATE pages SET reason = 'dimakan' WHERE id = 7")
    assert "is not the same in pages (2" in copy(past, LEDGER, base.url, code=5)
    copy(past, LEDGER, base.url)
    assert base.sql("SELECT reason FROM pages WHERE id = 7") == [(None,)]


def test_a_ledger_that_was_crawled_with_meanwhile_is_copied_anew(past: Path, base: Base, tmp_path: Path) -> None:
    (tmp_path / LEDGER).parent.mkdir()
    shutil.copy(past / LEDGER, tmp_path / LEDGER)
    killed_in(base, "pages", tmp_path, LEDGER)
    sql(tmp_path, "INSERT INTO runs (job, pid, started) VALUES (1, 1, '2026-07-22T00:00:00Z')")
    sql(tmp_path, "UPDATE pages SET tries = 9")
    copy(tmp_path, LEDGER, base.url)
    assert base.sql("SELECT DISTINCT tries FROM pages") == [(9,)]


def test_a_place_that_is_in_use_is_left_as_it_is(past: Path, tmp_path: Path) -> None:
    histories.write(tmp_path, 1)
    before = content(tmp_path / LEDGER)
    assert "holds a ledger already" in copy(tmp_path, past / LEDGER, LEDGER, code=5)
    assert "are the same" in copy(tmp_path, LEDGER, tmp_path / LEDGER, code=2)
    assert "there is no ledger at none.sqlite" in copy(tmp_path, "none.sqlite", "new.sqlite", code=2)
    assert "there is no database nowhere" in copy(tmp_path, LEDGER, "nowhere://", code=5)
    assert content(tmp_path / LEDGER) == before
    assert not (tmp_path / "new.sqlite").exists()


def test_a_ledger_that_is_crawled_with_is_not_copied(site: Site, base: Base, tmp_path: Path) -> None:
    began = len(site.log)
    process = start(site, tmp_path, "-O", "out.jsonl")
    while len(site.log) < began + 5:
        time.sleep(0.01)
    process.send_signal(signal.SIGSTOP)
    assert "another run of sindonews is at work: process " in copy(tmp_path, LEDGER, base.url, code=6)
    strike(process, (signal.SIGKILL, 1))


def test_what_postgresql_has_no_character_for_is_left_out(base: Base, tmp_path: Path) -> None:
    histories.write(tmp_path, 1)
    sql(tmp_path, "UPDATE pages SET etag = 'a' || char(0) || 'b' WHERE id = 1")
    copy(tmp_path, LEDGER, base.url)
    assert base.sql("SELECT etag FROM pages WHERE id = 1") == [("ab",)]


IMAGE = """<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Kabar\\u0000",
"image": "https://pict.sindonews.com/a\\u0000\\ud83d.jpg"}</script></head>"""


def test_what_pages_say_without_being_text_costs_no_article(base: Base, tmp_path: Path) -> None:
    found = STORIES[:8]
    pages = dict(many.site(found))
    image, tag = (pages[f"{story.url}?showpage=all"] for story in (found[2], found[5]))
    pages[f"{found[2].url}?showpage=all"] = replace(image, body=image.body.replace(b"</head>", IMAGE.encode(), 1))
    pages[f"{found[5].url}?showpage=all"] = replace(tag, headers={**tag.headers, "ETag": '"a\0b"'})
    with Site(pages) as site:
        done = crawl(site, tmp_path, "-s", f"LEDGER_URL={base.url}")
    assert done.returncode == 0
    assert delivered(tmp_path / "out.jsonl") == dict.fromkeys(many.urls(found), 1)
    assert base.sql("SELECT count(*) FROM pages WHERE state = 'done' AND etag IS NULL") == [(8,)]
