"""A cut connection costs no article and doubles none; and what is wrong with a database is said in one line."""

import random
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import update

from newsspider.ledger.chosen import Chosen
from newsspider.ledger.database import Database, again
from newsspider.ledger.errors import LostError
from newsspider.ledger.overview import still_owed
from newsspider.ledger.tables import meta
from tests.connections import Wire, frozen, restart
from tests.kills import start
from tests.ledgers import OUT, crawl, delivered
from tests.postgres import Base, needs_postgres
from tests.process import scrapy
from tests.site import many
from tests.site.server import Site

pytestmark = needs_postgres

ARTICLES = many.stories(160)
SPAN = 10.0
"""Seconds after which a run that cannot write has ended: those for which it is patient, and those that an end takes."""
SOON = ("-s", "LEDGER_LEASE=2s")
"""A run that could not say that it has ended holds nothing for long."""
AGAIN = "the database does not answer; run the same command again when it does"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(many.site(ARTICLES), delay=0.1) as site:
        yield site


def at_work(site: Site, folder: Path, url: str) -> subprocess.Popen[str]:
    """A crawl that has begun to ask for articles."""
    seen = len(site.log)
    process = start(site, folder, *OUT, *SOON, "-s", f"LEDGER_URL={url}")
    while len(site.log) < seen + 20 and process.poll() is None:
        time.sleep(0.01)
    return process


def judged(folder: Path, base: Base) -> None:
    """Every article exactly once, in the feed and in the table."""
    assert delivered(folder / "out.jsonl") == dict.fromkeys(many.urls(ARTICLES), 1)
    assert base.sql("SELECT count(*), count(DISTINCT url) FROM articles") == [(len(ARTICLES),) * 2]
    assert base.sql("SELECT count(*) FROM owed") == [(0,)]


def told(process: subprocess.Popen[str]) -> str:
    """All that it said."""
    said = process.communicate(timeout=60)[1]
    assert "Traceback" not in said, said
    return said.strip()


def completed(site: Site, folder: Path, url: str) -> None:
    assert crawl(site, folder, *SOON, "-s", f"LEDGER_URL={url}").returncode == 0


def test_a_server_that_restarts_in_mid_crawl_costs_nothing(site: Site, base: Base, tmp_path: Path) -> None:
    process = at_work(site, tmp_path, base.url)
    for _ in range(2):
        restart(base.server, signal.SIGINT)
        time.sleep(0.2)
    said = told(process)
    assert process.returncode == 0, said
    assert f"{len(ARTICLES)} new" in said
    judged(tmp_path, base)


def test_a_server_that_crashes_in_mid_crawl_costs_nothing(site: Site, base: Base, tmp_path: Path) -> None:
    """What it takes to recover may be longer than the crawl is patient: 5, and the same command goes on."""
    process = at_work(site, tmp_path, base.url)
    restart(base.server, signal.SIGQUIT)
    said = told(process)
    assert (process.returncode == 0) != (process.returncode == 5 and "the database does not answer" in said), said
    completed(site, tmp_path, base.url)
    assert delivered(tmp_path / "out.jsonl") == dict.fromkeys(many.urls(ARTICLES), 1)
    assert base.sql("SELECT count(*), count(DISTINCT url) FROM articles") == [(len(ARTICLES),) * 2]


def test_connections_that_are_cut_again_and_again_cost_nothing(site: Site, base: Base, tmp_path: Path) -> None:
    chance, cut = random.Random(7), 0
    process = at_work(site, tmp_path, base.url)
    while process.poll() is None:
        cut += len(base.sql(TERMINATE))
        time.sleep(chance.random() * 0.1)
    said = told(process)
    assert process.returncode == 0, said
    assert cut > 10
    assert f"{len(ARTICLES)} new" in said
    judged(tmp_path, base)


TERMINATE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE application_name LIKE 'newsspider%%' AND datname = current_database()"
)


def test_a_commit_whose_answer_was_lost_counts_once(site: Site, base: Base, tmp_path: Path) -> None:
    with Wire(base.server) as wire:
        wire.loses = 0.4
        process = start(site, tmp_path, *OUT, "-s", f"LEDGER_URL={wire.url(base.name)}")
        said = told(process)
    assert process.returncode == 0, said
    assert wire.lost > 20
    assert f"{len(ARTICLES)} new" in said
    judged(tmp_path, base)
    assert base.sql("SELECT count(*) FROM moves") == [(1,)]
    assert base.sql("SELECT state FROM jobs") == [("finished",)]


def test_a_server_that_stays_down_is_5_and_the_same_command_goes_on(site: Site, base: Base, tmp_path: Path) -> None:
    process = at_work(site, tmp_path, base.url)
    base.server.stop()
    try:
        began = time.monotonic()
        said = told(process)
        assert time.monotonic() - began < SPAN
    finally:
        base.server.start()
    assert process.returncode == 5, said
    assert "the database does not answer" in said
    assert len(said.splitlines()) == 1
    assert not (tmp_path / "out.jsonl").exists()
    completed(site, tmp_path, base.url)
    judged(tmp_path, base)


def test_a_server_that_stands_still_is_5_and_a_signal_is_heard(site: Site, base: Base, tmp_path: Path) -> None:
    process = at_work(site, tmp_path, base.url)
    with frozen(base.server):
        began = time.monotonic()
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        said = told(process)
        assert time.monotonic() - began < SPAN
        status = scrapy("status", "-s", f"LEDGER_URL={base.url}", cwd=tmp_path, timeout=SPAN)
    assert process.returncode == 5, said
    assert AGAIN in said
    assert (status.returncode, AGAIN in status.stderr) == (5, True)
    completed(site, tmp_path, base.url)
    judged(tmp_path, base)


def test_a_wire_that_carries_nothing_any_more_is_5(site: Site, base: Base, tmp_path: Path) -> None:
    with Wire(base.server) as wire:
        process = at_work(site, tmp_path, wire.url(base.name))
        wire.dead = True
        began = time.monotonic()
        said = told(process)
        assert time.monotonic() - began < SPAN
    assert process.returncode == 5, said
    assert AGAIN in said
    completed(site, tmp_path, base.url)
    judged(tmp_path, base)


def test_who_reads_goes_on_after_a_cut(base: Base) -> None:
    with closing(Database(base.url)) as database:
        assert list(Chosen(database)) == []
        base.sql(TERMINATE)
        assert list(Chosen(database)) == []
        base.sql(TERMINATE)
        assert still_owed(database) == []


def test_of_two_that_wait_for_each_other_both_get_their_turn(base: Base) -> None:
    """A deadlock: PostgreSQL ends one of them."""
    base.sql("CREATE TABLE turns (id integer PRIMARY KEY, taken integer)")
    base.sql("INSERT INTO turns VALUES (1, 0), (2, 0)")
    with closing(Database(base.url)) as one, closing(Database(base.url)) as other:
        both = Barrier(2)
        with ThreadPoolExecutor(2) as pool:
            taken = [pool.submit(take, one, both, (1, 2)), pool.submit(take, other, both, (2, 1))]
            assert sorted(each.result(30) for each in taken) == [False, True]
    assert base.sql("SELECT taken FROM turns") == [(2,), (2,)]


@again
def take(database: Database, both: Barrier, order: tuple[int, int]) -> bool:
    """Both turns, in this order; whether that had to be done again."""
    with database.begin() as connection:
        for number in order:
            connection.exec_driver_sql(f"UPDATE turns SET taken = taken + 1 WHERE id = {number}")
            if not database.rerun and number == order[0]:
                both.wait(10)
    return database.rerun


def test_one_who_sleeps_in_a_transaction_keeps_nobody_waiting(base: Base) -> None:
    with closing(Database(base.url)) as sleeper, closing(Database(base.url)) as other:
        with pytest.raises(LostError):
            sleep(sleeper, other)
        assert other.id == sleeper.id == "renamed"


def sleep(sleeper: Database, other: Database) -> None:
    """Until the other one has done what it has to wait with."""
    with sleeper.begin() as held:
        held.execute(RENAME)
        with other.begin() as connection:
            connection.execute(RENAME)
        held.execute(RENAME)


RENAME = update(meta).where(meta.c.name == "id").values(value="renamed")
