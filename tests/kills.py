"""Kill a crawl again and again, and see what its feeds hold in the end."""

import csv
import gzip
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle, pairwise
from pathlib import Path
from typing import Any

from newsspider.feeds import read_csv
from tests.process import FAST, environment
from tests.site.server import Site

MANY = ("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=16", "-s", "LOG_LEVEL=ERROR")
ENDS: tuple[tuple[signal.Signals, int], ...] = (
    (signal.SIGKILL, 1),
    (signal.SIGTERM, 1),
    (signal.SIGKILL, 1),
    (signal.SIGINT, 2),
    (signal.SIGKILL, 1),
    (signal.SIGINT, 1),
)
"""Signal and how often it is sent."""
LONGEST = 60.0
"""Seconds after which a run hangs."""


@dataclass
class Report:
    """What came of it."""

    kills: int = 0
    in_publication: int = 0
    lost: int = 0
    doubled: int = 0
    refetched: list[int] = field(default_factory=list)
    """Pages asked for again by the run after each kill."""

    def __str__(self) -> str:
        most = max(self.refetched, default=0)
        return (
            f"{self.kills} kills ({self.in_publication} inside the publication): {self.lost} lost,"
            f" {self.doubled} doubled, at most {most} refetched a kill"
        )


def start(site: Site, folder: Path, *args: str) -> subprocess.Popen[str]:
    """`scrapy crawl sindonews ARGS` as a process."""
    command = [sys.executable, "-m", "scrapy", "crawl", "sindonews", *FAST, *MANY, *args]
    return subprocess.Popen(
        command, cwd=folder, env=environment(site.env), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def finish(process: subprocess.Popen[str]) -> int:
    """The exit code; a hang is an error."""
    _, told = process.communicate(timeout=LONGEST)
    assert "Traceback" not in told, told
    return process.returncode


def strike(process: subprocess.Popen[str], end: tuple[signal.Signals, int]) -> int:
    """Send a signal, and wait for the end."""
    number, times = end
    for _ in range(times):
        process.send_signal(number)
        time.sleep(0.05)
    process.communicate(timeout=LONGEST)  # Python itself may be interrupted before the crawl is there
    return process.returncode


def in_the_crawl(site: Site, folder: Path, process: subprocess.Popen[str], chance: random.Random, span: float) -> bool:
    """Wait for the first request, and up to `span` seconds more; whether it still runs."""
    asked, end = len(site.log), time.monotonic() + LONGEST
    while len(site.log) == asked and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
    time.sleep(chance.random() * span)
    return process.poll() is None


def has_content(path: Path) -> bool:
    """Also of a part that is moved away at this moment."""
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def in_the_publication(
    site: Site, folder: Path, process: subprocess.Popen[str], chance: random.Random, span: float
) -> bool:
    """Wait for the first part of a feed, and up to 0.15 seconds more; whether it still runs."""
    end = time.monotonic() + LONGEST
    while process.poll() is None and time.monotonic() < end:
        if any(map(has_content, folder.glob(".*.part"))):
            time.sleep(chance.random() * 0.15)
            return process.poll() is None
        time.sleep(0.001)
    return False


def torment(
    site: Site,
    folder: Path,
    args: tuple[str, ...],
    kills: int,
    chance: random.Random,
    report: Report,
    span: float = 1.5,
) -> None:
    """`kills` kills at most, every fourth inside the publication, and then the same command until it exits 0."""
    ends, begun = cycle(ENDS), [len(site.log)]
    for _ in range(chance.randrange(len(ENDS))):
        next(ends)
    for number in range(kills):
        process = start(site, folder, *args)
        moment = in_the_publication if number % 4 == 3 else in_the_crawl
        if not moment(site, folder, process, chance, span):
            assert finish(process) == 0
            break
        code = strike(process, next(ends))
        begun.append(len(site.log))
        report.in_publication += moment is in_the_publication
        if code == 0:
            break
    else:
        for _ in range(3):
            if finish(start(site, folder, *args)) == 0:
                break
        else:
            raise AssertionError("it does not come to an end")
    report.kills += len(begun) - 1
    report.refetched += refetched([entry.url for entry in site.log], begun)


def refetched(asked: list[str], begun: list[int]) -> list[int]:
    """Of each run but the first, how many pages an earlier one had asked for; `begun`: where in `asked` each begins."""
    counts, before = [], set[str]()
    for start, end in pairwise([*begun, len(asked)]):
        pages = {url for url in asked[start:end] if not url.endswith("/robots.txt")}
        counts.append(len(pages & before))
        before |= pages
    return counts[1:]


def judge(report: Report, expected: set[str], rows: Iterator[dict[str, Any]]) -> None:
    """Count what a feed lacks and what it has twice."""
    found = Counter(row["url"] for row in rows)
    report.lost += len(expected - found.keys())
    report.doubled += sum(count - 1 for count in found.values())


def lines(path: Path) -> Iterator[dict[str, Any]]:
    opened: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def document(path: Path) -> Iterator[dict[str, Any]]:
    yield from json.loads(path.read_text("utf-8"))


READERS: dict[str, Callable[[Path], Iterator[dict[str, Any]]]] = {
    ".jsonl": lines,
    ".gz": lines,
    ".json": document,
    ".csv": read_csv,
}


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The articles of a feed, by its ending."""
    csv.field_size_limit(2**31 - 1)
    return READERS[path.suffix](path)
