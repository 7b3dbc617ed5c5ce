"""Workers that share one job and one ledger in PostgreSQL, beside one worker with its ledger in SQLite.

`python -m benchmarks.machines [--articles N] [--concurrency N] [--latency SECONDS] [--rounds N]` prints a table; exit
code 1: a target was not reached though the machine had cores for it.

Each crawls the same days: pages of 80 KB from the server of `crawl.py`, which answers 50 ms late, as over a long
line, and sets no limit, so that a worker is as fast as its few requests at once allow. Workers, site and PostgreSQL (as
Debian sets it up, in a folder of its own) are processes of this machine. Time is from the start of the first worker to
the end of the last one, feed and all. What one worker with its database and its site keeps busy, times the workers, is
what the machine would have to have of cores; what other programs take of them meanwhile is told.

Statements are what PostgreSQL executed (pg_stat_statements), BEGIN and COMMIT as well; a page is an article or a list.

On paper: 1,000 workers and 100,000,000 articles in one PostgreSQL 15, by what was measured on two cores.

- A page took 3.1 to 3.3 statements in 0.4 to 0.5 commits, and 0.4 to 0.5 ms of the database's CPU, also with 4 workers.
- Polite workers, a site each, ask for a page a second: 1,000 pages/s are 3,300 statements and 450 commits a second, and
  half a core; 100,000,000 articles take 28 hours. Workers that a site does not hold back came to 36 pages/s each with
  two requests at once and 50 ms: of 1,000 that is 36,000 pages/s, 120,000 statements/s and 16 cores: more than one
  PostgreSQL; of 100, it is two cores.
- An article took 3.4 KB on the disk, indexes and all (2.5 in `articles`, 0.7 in `pages`; the stories are short):
  100,000,000 are 340 GB. Owed pages come on top, 0.08 KB each. Their ids end at 2,147,483,647.
- A worker's connection takes 10 MB of the server (proportional; 3 MB are its own): 1,000 take 3 to 10 GB and
  `max_connections` above PostgreSQL's usual 100, twice as many while the pace is asked for often. Heartbeats are 50
  statements a second.
- Where all share one job, each passes over what the others hold. To take 32 pages of 1,000,000 owed ones took 2 ms when
  nobody held any, 15 ms with 3,200 held (100 workers) and 65 ms with 32,000 (1,000 workers, a busy machine): at 1,000
  pages/s two cores. Several jobs (a channel, a year) share that out.
- `scrapy ledger copy` moved 20,000 rows/s with its comparison, in 110 MB: 200,000,000 rows take three hours.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.crawl import ROOT, Job, ours, served
from tests.postgres import Base, Postgres

SQLITE = "1, SQLite"
WORKERS = (1, 2, 4)
TARGETS = {2: 1.9, 4: 3.5}
"""Workers -> so many times as fast as one, as far as the machine has cores."""
REACHED, NO_CORES, NOT_REACHED = "reached", "no cores", "NOT reached"
TICKS = os.sysconf("SC_CLK_TCK")
TABLES = ("articles", "pages", "owed", "indexes", "listed")


class Cost(NamedTuple):
    """Of one crawl by some workers."""

    wall: float
    """Seconds."""
    workers: float
    """CPU seconds, as the next ones."""
    database: float
    site: float
    others: float
    """Of other programs on this machine."""
    statements: int = 0
    commits: int = 0

    @property
    def cores(self) -> float:
        """How many it kept busy."""
        return (self.workers + self.database + self.site) / self.wall


class Place(NamedTuple):
    """Where it happens."""

    port: int
    """The site's."""
    site: int
    """Its process."""
    server: Postgres


@contextmanager
def place(job: Job, latency: float) -> Iterator[Place]:
    """Site and PostgreSQL."""
    server = Postgres(shared_preload_libraries="pg_stat_statements")
    try:
        server.start()
        with server.connect() as connection:
            connection.execute("CREATE EXTENSION pg_stat_statements")
        with served(job.articles, latency) as (port, site):
            yield Place(port, site, server)
    finally:
        server.remove()


def measure(job: Job, where: Place, number: int, base: Base | None) -> Cost:
    """One crawl by so many workers. Raises RuntimeError, with the end of a log, unless one whole feed came out."""
    with tempfile.TemporaryDirectory(prefix="newsspider-benchmark-") as made:
        before, start = _busy(where), time.monotonic()
        started = [_start(Path(made) / str(each), job, where, base) for each in range(number)]
        cpu, codes = 0.0, []
        for process in started:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            codes.append(process.returncode)
            cpu += usage.ru_utime + usage.ru_stime
        wall = time.monotonic() - start
        _check(Path(made), job, codes)
        database, site, machine = (now - then for now, then in zip(_busy(where), before, strict=True))
        return Cost(wall, cpu, database, site, machine - cpu - database - site, *(_counts(base) if base else ()))


def _start(folder: Path, job: Job, where: Place, base: Base | None) -> subprocess.Popen[bytes]:
    folder.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder), "LOOPBACK": str(where.port)}
    environment["SCRAPY_SETTINGS_MODULE"] = "newsspider.settings"
    command = [sys.executable, *ours(job), *(("-s", f"LEDGER_URL={base.url}") if base else ())]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(command, cwd=folder, env=environment, stderr=log)


def _check(folder: Path, job: Job, codes: list[int]) -> None:
    articles = [len(feed.read_bytes().splitlines()) for feed in folder.glob("*/feed.jsonl")]
    if any(codes) or articles != [job.articles]:
        ends = "\n".join((log.read_text())[-1000:] for log in sorted(folder.glob("*/log")))
        raise RuntimeError(f"exit codes {codes}, {articles} of {job.articles} articles; the logs end:\n{ends}")


def _busy(where: Place) -> tuple[float, float, float]:
    """CPU seconds of PostgreSQL, with those of its processes that have ended, of the site and of the machine so far."""
    assert where.server.process
    server = where.server.process.pid
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    user, nice, system, _, _, *more = map(int, Path("/proc/stat").read_text().split()[1:9])
    machine = sum((user, nice, system, *more)) / TICKS
    return sum(map(_cpu, (server, *map(int, children)))), _cpu(where.site), machine


def _cpu(process: int) -> float:
    """And of its children that have ended."""
    values = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, values[11:15])) / TICKS


def _counts(base: Base) -> tuple[int, int]:
    """Statements and commits in a database so far."""
    with base.server.connect() as connection:
        found = connection.execute(
            "SELECT (SELECT sum(calls)::int FROM pg_stat_statements WHERE dbid = oid),"
            " pg_stat_get_db_xact_commit(oid) FROM pg_database WHERE datname = %s",
            [base.name],
        ).fetchone()
    assert found
    return int(found[0]), int(found[1])


def sizes(base: Base) -> dict[str, int]:
    """Table -> its bytes on the disk, indexes and all."""
    return {table: int(base.sql("SELECT pg_total_relation_size(%s::regclass)", table)[0][0]) for table in TABLES}


def table(costs: dict[str, list[Cost]], job: Job, latency: float) -> Table:
    told = f"{job.pages} pages, {job.concurrency} at once a worker, {latency * 1000:.0f} ms, {os.cpu_count()} cores"
    shown = Table(title=f"{told}; statements, commits and CPU are those of a page", title_justify="left")
    shown.add_column("workers")
    for name in (*COLUMNS, "times"):
        shown.add_column(name, justify="right")
    for name, runs in costs.items():
        values = [f"{median(column(run, job) for run in runs):.2f}" for column in COLUMNS.values()]
        shown.add_row(name, *values, f"{speed(costs, name):.2f}")
    return shown


COLUMNS: dict[str, Callable[[Cost, Job], float]] = {
    "pages/s": lambda cost, job: job.pages / cost.wall,
    "statements": lambda cost, job: cost.statements / job.pages,
    "commits": lambda cost, job: cost.commits / job.pages,
    "CPU ms": lambda cost, job: 1000 * cost.workers / job.pages,
    "database": lambda cost, job: 1000 * cost.database / job.pages,
    "cores": lambda cost, job: cost.cores,
    "others": lambda cost, job: cost.others / cost.wall,
}


def speed(costs: dict[str, list[Cost]], name: str) -> float:
    """How many times as fast as one worker on PostgreSQL, round by round."""
    return median(one.wall / each.wall for one, each in zip(costs[_name(1)], costs[name], strict=True))


def _name(number: int) -> str:
    return f"{number}, PostgreSQL"


def targets(costs: dict[str, list[Cost]]) -> Iterator[tuple[str, str]]:
    """Of what is to be reached: how that went, and how near it came."""
    cores = os.cpu_count() or 1
    for number, least in TARGETS.items():
        faster = speed(costs, _name(number))
        needed = number * median(run.cores for run in costs[_name(1)])
        others = median(run.others / run.wall for run in costs[_name(number)])
        limit = f"it takes {needed:.1f} cores; the machine has {cores}, of which others took {others:.1f}"
        told = NO_CORES if needed > cores - others else NOT_REACHED
        claim = f"{number} workers: at least {least} times as fast as one: {faster:.2f} ({limit})"
        yield REACHED if faster >= least else told, claim


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--articles", type=int, default=4800)
    parser.add_argument("--concurrency", type=int, default=2, help="requests at once, of each worker")
    parser.add_argument("--latency", type=float, default=0.05, help="seconds")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    job = Job(options.articles, options.concurrency)
    costs: dict[str, list[Cost]] = {name: [] for name in (SQLITE, *map(_name, WORKERS))}
    with place(job, options.latency) as where:
        for turn in range(options.rounds):
            costs[SQLITE].append(measure(job, where, 1, None))
            for number in WORKERS:
                base = Base(where.server, f"round{turn}of{number}")
                costs[_name(number)].append(measure(job, where, number, base))
        found = sizes(base)
    Console(width=100).print(table(costs, job, options.latency))
    told = ", ".join(f"{name} {size / job.articles:.0f}" for name, size in found.items())
    print(f"bytes an article on the disk: {sum(found.values()) / job.articles:.0f} ({told})")
    results = list(targets(costs))
    for went, claim in results:
        print(f"{went:11}  {claim}")
    return 1 if NOT_REACHED in dict(results) else 0


if __name__ == "__main__":
    sys.exit(main())
