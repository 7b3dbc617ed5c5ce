"""Several crawls of one ledger in PostgreSQL ask the site as if they were one."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from scrapy.utils.test import get_crawler

from newsspider.download.bound import BoundedDownloader
from newsspider.download.pace import AHEAD, FRESH, downloader
from newsspider.ledger.database import Database
from tests.postgres import Base, needs_postgres
from tests.process import environment
from tests.site import many
from tests.site.faults import Fault
from tests.site.server import Entry, Site

LAST = date(2026, 7, 20)
DELAY = 0.05
NOISE = 0.1
"""Seconds by which a request may arrive late, on a machine that is busy."""
SETTINGS = {
    "DOWNLOAD_DELAY": str(DELAY),
    "AUTOTHROTTLE_ENABLED": "0",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "8",
    "REPORT_DIR": "",
}
PACING = """
FROM pg_stat_activity
WHERE datname = current_database() AND strpos(query, 'paces') > 0 AND pid != pg_backend_pid()
"""
CONNECTED = f"SELECT count(*) {PACING}"
CUT = f"SELECT pg_terminate_backend(pid) {PACING}"


class Workers:
    """Each crawls a day of its own, in a folder of its own; all of them with one ledger."""

    def __init__(self, base: Base, folder: Path, number: int, articles: int) -> None:
        self.base, self.folder = base, folder
        self.days = [LAST - timedelta(days=each) for each in range(number)]
        self.stories = many.daily(LAST, number, articles)
        self.pages = many.site(self.stories)
        self.processes: list[subprocess.Popen[str]] = []

    @contextmanager
    def at_work(self, site: Site, **settings: str) -> Iterator[None]:
        given = SETTINGS | {"LEDGER_URL": self.base.url} | settings
        options = [word for name, value in given.items() for word in ("-s", f"{name}={value}")]
        with ExitStack() as stack:
            for day in self.days:
                folder = self.folder / str(day)
                folder.mkdir()
                command = [sys.executable, "-m", "scrapy", "crawl", "sindonews", "-a", f"since={day}", "-a"]
                process = subprocess.Popen(
                    [*command, f"until={day}", "-O", "out.jsonl", *options],
                    cwd=folder,
                    env=environment(site.env),
                    stderr=subprocess.PIPE,
                    text=True,
                )
                stack.callback(process.communicate)
                stack.callback(process.kill)
                self.processes.append(process)
            yield

    def end(self) -> list[tuple[int, str]]:
        """Exit codes and last lines."""
        told = [process.communicate(timeout=60)[1] for process in self.processes]
        return [(process.returncode, text) for process, text in zip(self.processes, told, strict=True)]

    def asked(self, log: list[Entry], worker: int) -> list[float]:
        """When this worker asked for its articles."""
        mine = {story.id for story in self.stories if story.time.date() == self.days[worker]}
        return [entry.time for entry in log if not mine.isdisjoint(entry.url.split("/"))]

    def until_all_have(self, site: Site, number: int) -> None:
        until(lambda: all(len(self.asked(site.log, each)) >= number for each in range(len(self.days))))


def until(condition: Callable[[], object], longest: float = 30) -> None:
    end = time.monotonic() + longest
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def times(site: Site) -> list[float]:
    return [entry.time for entry in site.log]


def most(moments: list[float], seconds: float) -> int:
    """Requests in the fullest window of so many seconds."""
    return max(sum(start <= moment < start + seconds for moment in moments) for start in moments)


def gap(moments: list[float], start: float, end: float) -> float:
    """The longest time without a request between two moments."""
    inside = [start, *(moment for moment in moments if start < moment < end), end]
    return max(after - before for before, after in pairwise(inside))


def round_trips(base: Base) -> int:
    """Statements of a database that logs them all."""
    log = (base.server.folder / "log").read_text()
    return log.count("INTO paces") + log.count("FROM paces")


def log_statements(base: Base) -> None:
    base.sql(f"ALTER DATABASE \"{base.name}\" SET log_statement = 'all'")


@needs_postgres
@pytest.mark.parametrize("number", [1, 2, 4])
def test_workers_together_keep_the_rate_of_one_and_use_it(base: Base, tmp_path: Path, number: int) -> None:
    workers, before = Workers(base, tmp_path, number, articles=80 // number), round_trips(base)
    log_statements(base)
    with Site(workers.pages) as site, workers.at_work(site):
        assert [code for code, _ in workers.end()] == [0] * number
    for seconds in (1, 2):
        assert most(times(site), seconds) <= (seconds + NOISE) / DELAY + 1
    assert most(times(site), 2) >= 0.75 * 2 / DELAY
    assert len(site.log) > 80
    assert 0 < round_trips(base) - before < len(site.log) / 2


@needs_postgres
@pytest.mark.parametrize("delay", [DELAY, 0])
def test_retry_after_that_one_is_told_holds_for_all(base: Base, tmp_path: Path, delay: float) -> None:
    workers, wait = Workers(base, tmp_path, 2, articles=90), 3
    settings = {"DOWNLOAD_DELAY": str(delay), "CONCURRENT_REQUESTS_PER_DOMAIN": "1"}
    with Site(workers.pages, delay=2 * DELAY) as site, workers.at_work(site, **settings):
        workers.until_all_have(site, 5)
        site.faults.append(Fault("/read/", "429", times=1, value=str(wait)))
        assert [code for code, _ in workers.end()] == [0, 0]
    told = next(entry.time for entry in site.log if entry.status == 429)
    seen, over = told + FRESH + NOISE, told + wait - NOISE
    assert not [moment for moment in times(site) if seen < moment < over]
    assert all(workers.asked(site.log, each)[-1] > over for each in (0, 1))


@needs_postgres
def test_the_crawl_delay_of_robots_txt_holds_for_all(base: Base, tmp_path: Path) -> None:
    workers, asked = Workers(base, tmp_path, 2, articles=4), 0.25
    robots = many.ROBOTS
    slow = robots.__class__(robots.body + f"\nUser-agent: *\nCrawl-delay: {asked}\n".encode(), 200, robots.headers)
    pages = {url: slow if url.endswith("/robots.txt") else page for url, page in workers.pages.items()}
    with Site(pages) as site, workers.at_work(site):
        assert [code for code, _ in workers.end()] == [0, 0]
    starting = sum(url.endswith("/robots.txt") for url in site.urls())
    assert most(times(site), 4 * asked) <= 5 + starting


@needs_postgres
def test_a_worker_that_is_killed_and_connections_that_are_cut_stall_nobody(base: Base, tmp_path: Path) -> None:
    workers = Workers(base, tmp_path, 2, articles=150)  # who began first is still at it when the last one has 10
    with Site(workers.pages) as site, workers.at_work(site):
        workers.until_all_have(site, 10)
        workers.processes[0].kill()
        killed = time.monotonic()
        until(lambda: len(workers.asked(site.log, 1)) >= 30)
        until(lambda: base.sql(CONNECTED) == [(1,)])  # the server has noticed that the killed one is gone
        assert base.sql(CUT) == [(True,)]
        assert [code for code, _ in workers.end()] == [-signal.SIGKILL, 0]
    assert gap(times(site), killed, workers.asked(site.log, 1)[-1]) < AHEAD + 1
    assert most(times(site), 1) <= (1 + NOISE) / DELAY + 1


@needs_postgres
def test_where_no_turn_can_be_had_nothing_is_asked_for_and_that_is_5(base: Base, tmp_path: Path) -> None:
    workers = Workers(base, tmp_path, 1, articles=80)
    with Site(workers.pages) as site, workers.at_work(site):
        workers.until_all_have(site, 10)
        base.sql("DROP TABLE paces")
        asked = len(site.log)
        [(code, told)] = workers.end()
    assert (code, "paces" in told) == (5, True)
    assert len(site.log) - asked <= AHEAD / DELAY + 1


@needs_postgres
@pytest.mark.parametrize(("column", "deadline"), [("next", ""), ("hold", "1")])
def test_no_turn_that_is_far_away_delays_an_end(base: Base, tmp_path: Path, column: str, deadline: str) -> None:
    workers = Workers(base, tmp_path, 1, articles=5)
    Database(base.url).close()
    base.sql("INSERT INTO paces VALUES ('sindonews.com', 0, 0)")
    [(before,)] = base.sql(f"UPDATE paces SET {column} = extract(epoch FROM clock_timestamp()) + 60 RETURNING next")
    with Site(workers.pages) as site, workers.at_work(site, RUN_DEADLINE=deadline):
        until(lambda: base.sql("SELECT next FROM paces") != [(before,)])
        began = time.monotonic()
        if not deadline:
            workers.processes[0].send_signal(signal.SIGTERM)
        assert workers.end()[0][0] == 4
        assert time.monotonic() - began < 5
    assert site.log == []


@needs_postgres
def test_as_many_are_on_their_way_at_once_as_the_settings_say(base: Base, tmp_path: Path) -> None:
    workers, latency = Workers(base, tmp_path, 1, articles=20), 0.4
    with Site(workers.pages, delay=latency) as site, workers.at_work(site, CONCURRENT_REQUESTS_PER_DOMAIN="2"):
        assert workers.end()[0][0] == 0
    read = workers.asked(site.log, 0)
    assert most(read, 0.9 * latency) == 2
    assert read[-1] - read[0] < 0.75 * len(read) * latency


def test_without_a_pace_nobody_is_asked() -> None:
    assert type(downloader(get_crawler())) is BoundedDownloader
