"""CPU, speed and memory of a whole crawl, beside a plain Scrapy spider of the same fields and bare aiohttp with lxml.

`python -m benchmarks.crawl [--articles N] [--rounds N] [--pairs N] [--concurrency N]` prints a table; exit code 1: a
target was not reached.

Each crawls the same days, from the index pages to the articles, one after the other and round by round; ratios are
taken within a round. Where a few per cent count (ledger, watch), that is too coarse: on a shared machine the same crawl
takes a third more CPU a minute later. There both crawl at once on one core, which the kernel gives to each for
milliseconds in turn, so that whatever else the machine does meets both alike.

The server is a process of its own on loopback: pages of 80 KB, gzip as the site sends them, plain HTTP, connections
kept alive. CPU is user and system time of the crawling process from its start to its end, memory its peak.

- newsspider: `scrapy crawl sindonews`, the project's settings, delays off, JSON Lines; once more without the watch
  (monitors and report), and once more without the ledger as well.
- plain Scrapy: `plain.py`, Scrapy's default settings, its log (DEBUG by default) into a file, JSON Lines.
- plain, one layout: the same with the rules of the newest layout only, so that three of four pages give it little; no
  target is measured by it.
- aiohttp + lxml: `bare.py`, title and text only.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import timedelta
from math import ceil
from pathlib import Path
from statistics import median
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.pages import DAY, FIRST_DAY
from benchmarks.server import STEP
from benchmarks.spent import Spent, spent

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent
OURS, UNWATCHED, OFF = "newsspider", "no watch", "no watch, no ledger"
PLAIN, ONE_LAYOUT, BARE = "plain Scrapy", "plain, one layout", "aiohttp + lxml"

CPU_SHARES = {OURS: 0.65, OFF: 0.6}
"""Ours: at most so much of plain Scrapy's CPU."""
PAIR_SHARES = {(UNWATCHED, OFF): 1.1, (OURS, UNWATCHED): 1.03}
"""One of two: at most so much of the other's CPU. What the ledger costs; what monitors and report cost."""
MEMORY = 250
"""Ours: less than so many MB."""


class Job(NamedTuple):
    """What every crawler does."""

    articles: int
    concurrency: int

    @property
    def days(self) -> int:
        return ceil(self.articles / DAY)

    @property
    def until(self) -> str:
        return str(FIRST_DAY + timedelta(self.days - 1))

    @property
    def pages(self) -> int:
        """Of the indexes and the articles."""
        days = [min(DAY, self.articles - start) for start in range(0, self.articles, DAY)]
        return self.articles + sum(ceil(number / STEP) for number in days)


def _settings(handler: str, job: Job, **more: object) -> list[str]:
    values = {
        "DOWNLOAD_HANDLERS": f'{{"https": "benchmarks.loopback.{handler}"}}',
        "CONCURRENT_REQUESTS": job.concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": job.concurrency,
        **more,
    }
    return [part for name, value in values.items() for part in ("-s", f"{name}={value}")]


def ours(job: Job) -> list[str]:
    arguments = ["-a", f"since={FIRST_DAY}", "-a", f"until={job.until}", "-O", "feed.jsonl"]
    settings = _settings("Ours", job, DOWNLOAD_DELAY=0, AUTOTHROTTLE_ENABLED=0)
    return ["-m", "scrapy", "crawl", "sindonews", *arguments, *settings]


def _plain(job: Job, layouts: str) -> list[str]:
    arguments = ["-a", f"since={FIRST_DAY}", "-a", f"days={job.days}", "-a", f"layouts={layouts}", "-O", "feed.jsonl"]
    return ["-m", "scrapy", "runspider", str(HERE / "plain.py"), *arguments, *_settings("Plain", job)]


NO_WATCH = ("-s", "MONITOR_ENABLED=0", "-s", "REPORT_DIR=")
COMMANDS: dict[str, Callable[[Job], list[str]]] = {
    OURS: ours,
    UNWATCHED: lambda job: [*ours(job), *NO_WATCH],
    OFF: lambda job: [*ours(job), *NO_WATCH, "-s", "LEDGER_URL="],
    PLAIN: lambda job: _plain(job, "all"),
    ONE_LAYOUT: lambda job: _plain(job, "newest"),
    BARE: lambda job: [str(HERE / "bare.py"), str(FIRST_DAY), str(job.days), str(job.concurrency), "feed.jsonl"],
}
"""What Python is given to run, in a folder of its own; the articles go to feed.jsonl."""


@contextmanager
def served(articles: int, latency: float = 0.0) -> Iterator[tuple[int, int]]:
    """The site, each answer so many seconds late, in a process of its own; gives its port and the process."""
    command = [sys.executable, "-m", "benchmarks.server", str(articles), str(latency)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield int(process.stdout.readline()), process.pid
        process.communicate()


@contextmanager
def server(articles: int) -> Iterator[int]:
    """The site, in a process of its own; gives its port."""
    with served(articles) as (port, _):
        yield port


def measure(name: str, job: Job, port: int) -> Spent:
    """One crawl. Raises RuntimeError, with the log's end, when articles are missing."""
    with tempfile.TemporaryDirectory(prefix="newsspider-benchmark-") as made:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": made, "LOOPBACK": str(port)}
        environment.pop("SCRAPY_SETTINGS_MODULE", None)
        if name in (OURS, UNWATCHED, OFF):
            environment["SCRAPY_SETTINGS_MODULE"] = "newsspider.settings"
        cost = spent(COMMANDS[name](job), Path(made), environment)
        feed = Path(made, "feed.jsonl")
        articles = len(feed.read_bytes().splitlines()) if feed.exists() else 0
        if articles != job.articles:
            end = Path(made, "log").read_text()[-2000:]
            raise RuntimeError(f"{name} gave {articles} of {job.articles} articles; its log ends:\n{end}")
        return cost


def _on_one_core() -> None:
    """This thread, and the processes that it starts."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


BUSY = "while True: bytes(1 << 20).count(1)"
"""Takes its turns, and the caches, as a crawl does."""


def side_by_side(one: str, other: str, job: Job, port: int) -> float:
    """How much of the other's CPU one takes, both at once on one core; who ends last is not alone at the end."""
    with ThreadPoolExecutor(3, initializer=_on_one_core) as pool:
        crawls = [pool.submit(measure, name, job, port) for name in (one, other)]
        wait(crawls, return_when=FIRST_COMPLETED)
        busy = pool.submit(subprocess.Popen, [sys.executable, "-c", BUSY]).result()
        try:
            mine, theirs = (crawl.result().cpu for crawl in crawls)
        finally:
            busy.kill()
            busy.wait()
    return mine / theirs


def share(costs: dict[str, list[Spent]], one: str, other: str) -> float:
    """How much of the other's CPU one takes, round by round."""
    return median(a.cpu / b.cpu for a, b in zip(costs[one], costs[other], strict=True))


def table(costs: dict[str, list[Spent]], job: Job) -> Table:
    title = f"{job.pages} pages, {job.concurrency} at once, median of {len(costs[OURS])} rounds"
    shown = Table(title=title, title_justify="left")
    shown.add_column("crawler")
    for column in ("CPU s per 1,000 pages", "of plain Scrapy", "pages/s", "peak MB"):
        shown.add_column(column, justify="right")
    for name, runs in costs.items():
        cpu = median(run.cpu for run in runs) / job.pages * 1000
        speed, memory = job.pages / median(run.wall for run in runs), median(run.memory for run in runs)
        shown.add_row(name, f"{cpu:.2f}", f"{share(costs, name, PLAIN):.2f}", f"{speed:.0f}", f"{memory:.0f}")
    return shown


def targets(costs: dict[str, list[Spent]], pairs: dict[tuple[str, str], list[float]]) -> Iterator[tuple[bool, str]]:
    """What is to be reached -> whether it was, and how near."""
    for name, most in CPU_SHARES.items():
        cpu = share(costs, name, PLAIN)
        yield cpu <= most, f"{name}: at most {most} times the CPU of plain Scrapy: {cpu:.2f}"
    for (one, other), shares in pairs.items():
        most, middle = PAIR_SHARES[one, other], median(shares)
        found = f"{middle:.3f}, median of {len(shares)} pairs ({min(shares):.3f} to {max(shares):.3f})"
        apart = f"one after the other: {share(costs, one, other):.3f}"
        yield middle <= most, f"{one}: at most {most} times the CPU of {other}: {found}; {apart}"
    memory = max(run.memory for run in costs[OURS])
    yield memory < MEMORY, f"under {MEMORY} MB in every round: {memory:.0f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--articles", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pairs", type=int, default=10, help="of two at once on one core")
    parser.add_argument("--concurrency", type=int, default=16, help="requests at once, the same for all")
    options = parser.parse_args()
    job = Job(options.articles, options.concurrency)
    costs: dict[str, list[Spent]] = {name: [] for name in COMMANDS}
    with server(job.articles) as port:
        for _ in range(options.rounds):
            for name, runs in costs.items():
                runs.append(measure(name, job, port))
        pairs = {pair: [side_by_side(*pair, job, port) for _ in range(options.pairs)] for pair in PAIR_SHARES}
    Console().print(table(costs, job))
    results = list(targets(costs, pairs))
    for reached, claim in results:
        print(f"{'reached    ' if reached else 'NOT reached'}  {claim}")
    return 0 if all(reached for reached, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
