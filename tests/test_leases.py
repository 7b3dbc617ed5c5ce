"""Several workers, one job, one ledger in PostgreSQL: every article once, whatever becomes of any of them."""

import json
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.ledgers import delivered
from tests.postgres import Base, needs_postgres
from tests.process import scrapy
from tests.site import many
from tests.site.faults import Fault
from tests.site.server import Site
from tests.workers import LEASE, Workers, asked, record, until

pytestmark = needs_postgres

FOUND = many.daily(many.LAST.date(), 4, 40)
DAYS = ("-a", f"since={FOUND[-1].time:%Y-%m-%d}", "-a", f"until={FOUND[0].time:%Y-%m-%d}")
SLOW = ("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=2")
DIES_BEFORE_THE_MOVE = """
import os, signal
from scrapy.cmdline import execute
import newsspider.ledger.publication as publication
publication.os.replace = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)
execute()
"""
Share = Callable[..., Workers]
REFETCHED = 6
"""Pages that a kill costs, at most: two on their way, and four whose commit was put off."""
CALM = 30.0
"""Seconds of a lease that nothing outlasts here."""


@pytest.fixture
def share(site: Site, base: Base, tmp_path: Path) -> Iterator[Share]:
    """Arguments of a crawl -> workers that share it; nobody is left at work when the test is over."""
    with ExitStack() as stack:
        yield lambda *arguments, **more: stack.enter_context(Workers(site, base, tmp_path, *arguments, **more))


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(many.site(FOUND), delay=0.05) as site:
        yield site


@pytest.mark.parametrize("number", [1, 2, 4])
def test_workers_share_a_job_and_ask_for_every_page_once(
    number: int, share: Share, site: Site, base: Base, tmp_path: Path
) -> None:
    workers = share(*DAYS, *SLOW, lease=CALM)
    for _ in range(number):
        workers.start()
    ended = workers.finish()
    assert [code for code, _ in ended] == [0] * number
    workers.check(FOUND)
    assert set(asked(site).values()) == {1}
    [publisher] = [
        worker.pid for worker, (_, told) in zip(workers.processes, ended, strict=True) if "by another" not in told
    ]
    assert sum(f"finished by another worker (process {publisher} on " in told for _, told in ended) == number - 1
    # Each worker's own feed holds what it stored, beside the whole one, where that is not the same.
    own = [delivered(path) for path in workers.own]
    assert sum(own, Counter()) == (Counter(many.urls(FOUND)) if own else {})
    [(stored,)] = base.sql("SELECT count(DISTINCT run) FROM articles")
    assert len(own) == (stored if stored > 1 else 0)


def test_a_newest_walk_is_shared_its_lists_are_read_by_one(
    share: Share, site: Site, base: Base, tmp_path: Path
) -> None:
    workers = share(*SLOW, lease=CALM)
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


def test_one_run_json_is_that_of_the_job_and_the_monitors_judge_once(
    share: Share, site: Site, base: Base, tmp_path: Path
) -> None:
    workers = share(*DAYS, *SLOW, lease=CALM)
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


def test_kills_of_any_worker_lose_nothing_and_double_nothing(
    share: Share, site: Site, base: Base, tmp_path: Path
) -> None:
    chance = random.Random(7)
    site.delay = 0.2
    workers = share(*DAYS, *SLOW)
    running = [workers.start() for _ in range(2)]
    for _ in range(4):
        more = len(site.log) + chance.randrange(3, 25)
        until(lambda more=more: len(site.log) > more)
        victim = running.pop(chance.randrange(2))
        victim.kill()
        running.append(workers.start())
    ended = workers.finish()
    assert [code for code, _ in ended if code != -signal.SIGKILL] == [0] * len(running)
    workers.check(FOUND)
    assert sum(times - 1 for times in asked(site).values()) <= 4 * REFETCHED


@pytest.mark.parametrize("left", ["parts are here", "parts are on another machine"])
def test_another_completes_a_cut_off_publication(
    left: str, share: Share, site: Site, base: Base, tmp_path: Path
) -> None:
    """The first worker is killed between the list of moves and the first move."""
    workers = share(*DAYS)
    first = workers.start(program=DIES_BEFORE_THE_MOVE)
    until(lambda: workers.stored() > 20)
    workers.start()
    first.wait(60)
    assert first.returncode == -signal.SIGKILL
    [part] = (tmp_path / "w0").glob(".*.part")
    if left != "parts are here":
        part.unlink()
    assert [code for code, _ in workers.finish()] == [-signal.SIGKILL, 0]
    workers.check(FOUND)
    assert workers.whole == [tmp_path / ("w0" if left == "parts are here" else "w1") / "out.jsonl"]
    assert not list(tmp_path.glob("*/.*.part"))


@pytest.mark.parametrize("goes_on", ["in time", "after the job"])
def test_a_worker_that_slept_doubles_nothing(
    goes_on: str, share: Share, site: Site, base: Base, tmp_path: Path
) -> None:
    workers = share(*DAYS, *SLOW)
    site.delay = 1.0  # so that the other one is there before the first is through
    sleeper = workers.start()
    until(lambda: workers.holds(1) > 5)
    other = workers.start()
    until(lambda: len(base.sql("SELECT id FROM runs")) == 2 and workers.holds(1) > 5)
    sleeper.send_signal(signal.SIGSTOP)
    site.delay = 0.05
    held, begun = workers.holds(1), time.monotonic()
    until(lambda: workers.holds(1) < held)
    assert time.monotonic() - begun < LEASE + 3
    if goes_on == "after the job":
        other.wait(60)
    sleeper.send_signal(signal.SIGCONT)
    assert [code for code, _ in workers.finish()] == [0, 0]
    workers.check(FOUND)
    assert workers.taken_over()
    assert sum(times - 1 for times in asked(site).values()) <= workers.taken_over()


def test_a_signal_and_the_deadline_end_a_worker_that_waits(
    share: Share, site: Site, base: Base, tmp_path: Path
) -> None:
    workers = share(*DAYS, lease=CALM)
    holder = workers.start()
    until(lambda: workers.holds(1) > 5)
    holder.send_signal(signal.SIGSTOP)
    waiting = [workers.start(), workers.start("-s", "RUN_DEADLINE=1")]
    until(lambda: waiting[1].poll() is not None)
    asked_for, begun = len(site.log), time.monotonic()
    waiting[0].send_signal(signal.SIGTERM)
    waiting[0].wait(10)
    assert time.monotonic() - begun < 5
    holder.send_signal(signal.SIGCONT)
    [whole, *others] = workers.finish()
    assert whole[0] == 0
    assert [code for code, _ in others] == [4, 4], others
    assert len(site.log) >= asked_for
    workers.check(FOUND)


def test_status_shows_workers_what_they_hold_and_how_far_they_are(
    share: Share, site: Site, base: Base, tmp_path: Path
) -> None:
    site.delay = 1.0
    workers = share(*DAYS, *SLOW, lease=CALM)
    for _ in range(2):
        workers.start()
    until(lambda: workers.stored() > 10 and len(base.sql("SELECT id FROM runs")) == 2)
    site.delay = 30.0  # so that it is not over before it is looked at
    base.sql("INSERT INTO paces VALUES ('slow.example', 0, extract(epoch from clock_timestamp()) + 90)")
    ledger = ("-s", f"LEDGER_URL={base.url}")
    told = scrapy("status", *ledger, cwd=tmp_path, env={"COLUMNS": "160"}).stdout
    [found] = map(json.loads, scrapy("status", "--json", *ledger, cwd=tmp_path).stdout.splitlines())
    for process in workers.processes:
        process.kill()
    first, second = found["workers"]
    assert {first["pid"], second["pid"]} == {process.pid for process in workers.processes}
    assert {first["leads"], second["leads"]} == {True, False}
    assert first["holds"] + second["holds"] > 0
    assert 0 < first["alive"] <= CALM
    [job] = found["open"]
    assert job["stored"] > 10
    assert job["stored"] + job["owed"] <= len(FOUND)
    assert "(leads)" in told
    assert "slow.example: asked to wait" in told
    assert {pace["host"] for pace in found["paces"]} >= {"slow.example"}
    workers.finish()


def test_a_list_that_cannot_be_read_keeps_the_job_open_and_holds_nobody(
    share: Share, site: Site, base: Base, tmp_path: Path
) -> None:
    site.faults = [Fault(f"t={FOUND[-1].time:%Y-%m-%d}", "404")]
    workers = share(*DAYS, lease=CALM)
    for _ in range(2):
        workers.start()
    assert {code for code, _ in workers.finish()} == {4}
    assert base.sql("SELECT tries FROM indexes WHERE state = 'pending'") == [(1,)]
    site.faults = []
    workers.processes = []
    workers.start()
    assert workers.finish()[0][0] == 0
    workers.check(FOUND)


def test_two_jobs_at_once_share_what_both_find(share: Share, site: Site, base: Base, tmp_path: Path) -> None:
    """Each article is asked for, stored and delivered once, by one of them, also where both append to one feed."""
    both = str(tmp_path / "both.jsonl")
    days, newest = share("-o", both, *DAYS, *SLOW, lease=CALM), share("-o", both, *SLOW, lease=CALM)
    days.start(feeds=())
    newest.start(feeds=())
    assert [days.finish()[0][0], newest.finish()[0][0]] == [0, 0]
    assert delivered(tmp_path / "both.jsonl") == dict.fromkeys(many.urls(FOUND), 1)
    articles = {url: times for url, times in asked(site).items() if "/read/" in url}
    assert set(articles.values()) == {1}
    assert len(articles) == len(FOUND)


def test_a_fresh_job_takes_over_from_those_at_work(share: Share, site: Site, base: Base, tmp_path: Path) -> None:
    workers = share(*DAYS, *SLOW, lease=CALM)
    site.delay = 0.5
    workers.start()
    until(lambda: workers.stored() > 10)
    workers.start("-a", "fresh=1")
    until(lambda: len(base.sql("SELECT id FROM jobs")) == 2)
    site.delay = 0.02
    (left, told), (fresh, _) = workers.finish()
    assert (left, fresh) == (4, 0)
    assert "another run began afresh" in told
    [whole] = workers.whole
    assert delivered(whole) == dict.fromkeys(many.urls(FOUND), 1)
    assert base.sql("SELECT count(*), count(DISTINCT url) FROM articles") == [(len(FOUND), len(FOUND))]
