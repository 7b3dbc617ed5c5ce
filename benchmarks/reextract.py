"""Pages per second and core of `scrapy reextract`, beside the bare reading and two other extractors; and on two cores.

`python -m benchmarks.reextract [--pages N] [--rounds N] [--most N]` prints a table; exit code 1: a target was missed.

All read the same WARC file in turn, round by round, each a process of its own; the first round warms up. The file is
as a crawl keeps it: pages of 80 KB, gzip as the site sends them, a request beside each answer, every record a member of
its own. "lxml" reads it with warcio, parses every page with lxml and does nothing. Of newsspider all counts, to the
feed: finding the captures, choosing the newest, reading, the pipelines, JSON Lines. The slow ones read MOST pages.

On two cores: the time from when the workers are there to the whole feed, for one process and for two in turn; the start
of the workers is told beside it. Other programs on the machine spoil that; so their load is told, and the CPU of all
processes, which says how many times as fast two could be if nobody else were there.
"""

import argparse
import gzip
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import monotonic
from typing import NamedTuple

import psutil
from rich.console import Console
from rich.table import Table
from scrapy.settings import Settings

from benchmarks.environments import ContenderError, Process
from benchmarks.pages import page, stories
from newsspider.feeds.exporters import JsonLinesExporter
from newsspider.reextract.places import places
from newsspider.reextract.run import Run
from newsspider.reextract.site import orders
from newsspider.reextract.watch import Bar
from newsspider.reextract.workers import Here, Workers, workers
from newsspider.spiders.sindonews import SindonewsSpider
from newsspider.warc.writer import Message, Writer

OURS, FLOOR = "newsspider", "lxml"
NAMES = {"warcio": False, FLOOR: False, OURS: False, "trafilatura": True, "newspaper4k": True}
"""Reader -> whether it is slow, so that it reads the first pages only."""

SHARE = 0.6
"""Ours: at least so much of the speed of reading and parsing."""
TWO_CORES = 1.8
"""Two processes: at least so many times as fast as one."""


def keep(file: Path, number: int) -> None:
    """So many pages, as a crawl records them."""
    asked = Message(b"GET / HTTP/1.1", [(b"Host", b"international.sindonews.com")], b"")
    writer = Writer(file, {"software": "newsspider"})
    for story in stories(number):
        heavy = page(story)
        body = gzip.compress(heavy.body, 6)
        headers = [(b"Content-Type", b"text/html; charset=utf-8"), (b"Content-Encoding", b"gzip")]
        headers.append((b"Content-Length", str(len(body)).encode()))
        writer.exchange(heavy.url, asked, Message(b"HTTP/1.1 200 OK", headers, body))
    writer.close()


def articles_of(file: Path, by: Workers | None = None) -> Run:
    """All articles of the file, written as JSON Lines beside it."""
    settings = Settings()
    settings.setmodule("newsspider.settings")
    found, _ = places([str(file)])
    run = Run(orders(SindonewsSpider, {"channel": "all"}, settings), found, by or Here(), Bar())
    with file.with_suffix(".jsonl").open("wb") as feed:
        exporter = JsonLinesExporter(feed, encoding="utf-8")
        for articles in run.batches():
            for article in articles:
                exporter.export_item(article)
    return run


class Reader(Process):
    """One reader's process."""

    def __init__(self, name: str, file: Path, most: int) -> None:
        super().__init__(name, "readers.py", file, str(most))
        self.cpu: list[float] = []
        """Seconds per page, of each round."""
        self.got = 0

    def read(self) -> None:
        """Once."""
        answer = self.ask()
        self.cpu.append(answer["cpu"] / answer["pages"])
        self.got = answer["got"]


def readers(file: Path, most: int, stack: ExitStack) -> Iterator[Reader]:
    """Every reader that runs, warm; those that do not run are named."""
    for name, slow in NAMES.items():
        try:
            reader = Reader(name, file, most if slow else 0)
            stack.callback(reader.end)
            reader.read()
        except ContenderError as error:
            if name in (OURS, FLOOR):
                raise
            print(f"Left out: {error}", file=sys.stderr)
        else:
            reader.cpu.clear()
            yield reader


def speed(one: Reader, other: Reader) -> float:
    """How many times as fast as the other, round by round."""
    return median(b / a for a, b in zip(one.cpu, other.cpu, strict=True))


def table(running: list[Reader], pages: int) -> Table:
    by_name = {reader.name: reader for reader in running}
    shown = Table(title=f"{pages} pages of 80 KB, median of {len(running[0].cpu)} rounds", title_justify="left")
    for column in ("reader", "version", "pages/s and core", "of read and parse"):
        shown.add_column(column, justify="left" if column in ("reader", "version") else "right")
    for reader in running:
        shown.add_row(
            reader.name, reader.version, f"{1 / median(reader.cpu):,.0f}", f"{speed(reader, by_name[FLOOR]):.2f}"
        )
    return shown


class Took(NamedTuple):
    """Of one run, in seconds."""

    wall: float
    cpu: float
    """Of this process and of the workers."""


def two_cores(file: Path, rounds: int) -> tuple[list[Took], list[Took], float]:
    """One process, with no other there, and two, round by round; and the seconds that their start took."""
    one, two, started = list[Took](), list[Took](), list[float]()
    for _ in range(rounds):
        one.append(took(file, Here()))
        began = monotonic()
        with workers(2, None, 0) as both:
            started.append(monotonic() - began)
            articles_of(file, both)  # warms up
            two.append(took(file, both))
    return one, two, median(started)


def took(file: Path, by: Workers) -> Took:
    wall, cpu = monotonic(), _cpu()
    articles_of(file, by)
    return Took(monotonic() - wall, _cpu() - cpu)


def _cpu() -> float:
    here = psutil.Process()
    return float(sum(sum(each.cpu_times()[:2]) for each in (here, *here.children(recursive=True))))


def _middle(runs: list[Took]) -> str:
    return f"{median(each.wall for each in runs):.1f} s ({median(each.cpu for each in runs):.1f} s CPU)"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pages", type=int, default=8000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--most", type=int, default=100, help="pages that the slow ones read")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsspider-benchmark-") as made, ExitStack() as stack:
        file = Path(made, "kept.warc.gz")
        keep(file, options.pages)
        running = list(readers(file, options.most, stack))
        for _ in range(options.rounds):
            for reader in running:
                reader.read()
        Console().print(table(running, options.pages))
        load = os.getloadavg()[0]
        one, two, started = two_cores(file, options.rounds)
    by_name = {reader.name: reader for reader in running}
    faster = median(a.wall / b.wall for a, b in zip(one, two, strict=True))
    free = median(2 * a.cpu / b.cpu for a, b in zip(one, two, strict=True))
    print(
        f"one process {_middle(one)}, two {_middle(two)}, their start {started:.1f} s; by the CPU, {free:.2f} times as"
        f" fast at best; load of the machine before {load:.1f} on {len(os.sched_getaffinity(0))} cores"
    )
    share = speed(by_name[OURS], by_name[FLOOR])
    results = [
        (by_name[OURS].got == options.pages, f"every page gives its article: {by_name[OURS].got}"),
        (share >= SHARE, f"at least {SHARE} of the speed of reading and parsing: {share:.2f}"),
        (faster >= TWO_CORES, f"two processes at least {TWO_CORES} times as fast as one: {faster:.2f}"),
    ]
    for reached, claim in results:
        print(f"{'reached    ' if reached else 'NOT reached'}  {claim}")
    return 0 if all(reached for reached, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
