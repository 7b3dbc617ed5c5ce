"""Several workers, one job, one ledger in PostgreSQL: every article once, whatever becomes of any of them."""

import json
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledgers import OUT, delivered
from tests.postgres import Base, needs_postgres
from tests.process import scrapy
from tests.site import many
from tests.site.server import Site
from tests.workers import LEASE, Workers, asked, record, until

pytestmark = needs_postgres

FOUND = many.daily(many.LAST.date(), 4, 40)
DAYS = ("-a", f"since={FOUND[-1].time:%Y-%m-%d}", "-a", f"until={FOUND[0].time:%Y-%m-%d}")
SLOW = ("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=2")
CALM = 30.0
"""Seconds of a lease that nothing outlasts here."""


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(many.site(FOUND), delay=0.05) as site:
        yield site


@pytest.mark.parametrize("number", [1, 2, 4])
def test_workers_share_a_job_and_ask_for_every_page_once(number: int, site: Site, base: Base, tmp_path: Path) -> None:
    workers = Workers(site, base, tmp_path, *OUT, *DAYS, *SLOW, lease=CALM)
    for _ in range(number):
        workers.start()
    ended = workers.finish()
    assert [code for code, _ in ended] == [0] * number
    workers.check(FOUND)
    assert set(asked(site).values()) == {1}
    assert sum("finished by another worker (process" in told for _, told in ended) == number - 1
    # Each worker's own feed holds what it stored, beside the whole one, where that is not the same.
    own = [delivered(path) for path in workers.own]
    assert sum(own, Counter()) == (Counter(many.urls(FOUND)) if number > 1 else {})
    assert len(own) == (number if number > 1 else 0)


def test_a_newest_walk_is_shared_its_lists_are_read_by_one(site: Site, base: Base, tmp_path: Path) -> None:
    workers = Workers(site, base, tmp_path, *OUT, *SLOW, lease=CALM)
    for _ in range(3):
        workers.start()
    assert [code for code, _ in workers.finish()] == [0] * 3
    workers.check(FOUND)
    assert set(asked(site).values()) == {1}
    readers = {json.loads(stats).get("index/pages", 0) > 0 for (stats,) in base.sql("SELECT stats FROM runs")}
    assert readers == {True, False}
    again = workers.start()
    workers.processes = [again]
    [(code, told)] = workers.finish()
    assert (code, "nothing new" in told) == (0, True)


def test_one_run_json_is_that_of_the_job_and_the_monitors_judge_once(site: Site, base: Base, tmp_path: Path) -> None:
    workers = Workers(site, base, tmp_path, *OUT, *DAYS, *SLOW, lease=CALM)
    for _ in range(2):
        workers.start(number=0)
    codes = [code for code, _ in workers.finish()]
    assert codes == [0, 0]
    told = record(tmp_path / "w0" / "run.json")
    assert told["feeds"][0]["rows"] == len(FOUND)
    [other] = (tmp_path / "w0").glob("workers/*/run.json")
    assert {told["run"], record(other)["run"]} == {1, 2}
    judged = [json.loads(stats) for (stats,) in base.sql("SELECT stats FROM runs")]
    assert sum("monitor/articles" in stats for stats in judged) == 1


@pytest.mark.parametrize("seed", [1, 2])
def test_kills_of_any_worker_lose_nothing_and_double_nothing(seed: int, site: Site, base: Base, tmp_path: Path) -> None:
    chance = random.Random(seed)
    workers = Workers(site, base, tmp_path, *OUT, *DAYS, *SLOW)
    running = [workers.start() for _ in range(2)]
    for _ in range(4):
        stored = workers.stored() if workers.processes[2:] else 0
        until(lambda before=len(site.log): len(site.log) > before + chance.randrange(5, 30))
        victim = chance.choice(running)
        victim.kill()
        running.remove(victim)
        running.append(workers.start())
        assert stored <= len(FOUND)
    ended = workers.finish()
    assert [code for code, _ in ended if code != -signal.SIGKILL] == [0] * len(running)
    workers.check(FOUND)
    again = sum(times - 1 for times in asked(site).values())
    assert again <= workers.taken_over()
