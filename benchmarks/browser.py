"""Seconds and MB of a rendered page, and whether the browser stays bounded: `python -m benchmarks.browser [--pages N]`.

One crawl of N articles (300) whose 80 KB pages are shells until a script has fetched their text, beside the same
articles plain; delays off, site on loopback, in this process. Memory is that of the browser and its driver, what they
share counted once (PSS), looked at every half second; a recycled context should leave no more than the one before.
Exit code 1: an article is missing, the browser took more than BROWSER_MEMORY, or a third of the run took a quarter more
than the third before it.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.pages import padded
from newsspider import settings
from newsspider.browser.memory import MEGABYTE
from tests.kills import start
from tests.site import Pages, many
from tests.site.scripted import scripted
from tests.site.server import Site
from tests.site.stories import Story

GROWTH = 1.25
"""At most so many times the memory of the third before."""
LOOK_EVERY = 0.5


class Cost(NamedTuple):
    """Of one crawl."""

    seconds: float
    articles: int
    memory: list[float]
    """MB of the browser at each look; none where there was none."""
    crawler: float
    """MB of the crawling process itself at its peak."""


def site(found: list[Story], *, rendered: bool) -> Pages:
    pages = many.site(found)
    for story in found:
        if rendered:
            pages |= scripted(pages, story, "fetched")
        for url in (story.url, f"{story.url}?showpage=all"):
            pages[url] = replace(pages[url], body=padded(pages[url].body))
    return pages


def _share(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        return float(process.memory_full_info().pss) / MEGABYTE
    return 0.0


def measure(found: list[Story], *, rendered: bool) -> Cost:
    memory: list[float] = []
    crawler = 0.0
    with Site(site(found, rendered=rendered)) as served, tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        crawling = start(served, Path(folder), "-O", "out.jsonl", "-s", "BROWSER_WHEN=empty")
        while crawling.poll() is None:
            with suppress(psutil.Error):
                me = psutil.Process(crawling.pid)
                others = [one for one in me.children(recursive=True) if "watchdog" not in " ".join(one.cmdline())]
                if taken := sum(map(_share, others)):
                    memory.append(taken)
                crawler = max(crawler, _share(me))
            with suppress(subprocess.TimeoutExpired):
                crawling.wait(LOOK_EVERY)
        seconds = time.monotonic() - begun
        _, told = crawling.communicate()
        if crawling.returncode:
            raise RuntimeError(told[-2000:])
        articles = len((Path(folder) / "out.jsonl").read_bytes().splitlines())
    return Cost(seconds, articles, memory, crawler)


def table(costs: dict[str, Cost], pages: int) -> Table:
    shown = Table(title=f"{pages} articles of 80 KB, {settings.BROWSER_PAGES} at once", title_justify="left")
    shown.add_column("articles")
    for column in (
        "s",
        "s a page",
        "MB of the crawl",
        "MB of the browser, peak",
        "first, second, last third",
        "MB a page",
    ):
        shown.add_column(column, justify="right")
    for name, cost in costs.items():
        row = [f"{cost.seconds:.0f}", f"{cost.seconds / pages:.3f}", f"{cost.crawler:.0f}"]
        if cost.memory:
            thirds = _thirds(cost.memory)
            more = (thirds[2] - thirds[1]) / (pages / 3)
            row += [f"{max(cost.memory):.0f}", ", ".join(f"{third:.0f}" for third in thirds), f"{more:+.2f}"]
        shown.add_row(name, *row)
    return shown


def _thirds(memory: list[float]) -> list[float]:
    """The median of each."""
    third = max(len(memory) // 3, 1)
    return [median(memory[start : start + third] or memory) for start in (0, third, 2 * third)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pages", type=int, default=300)
    pages: int = parser.parse_args().pages
    found = many.stories(pages)
    costs = {name: measure(found, rendered=name == "rendered") for name in ("plain", "rendered")}
    Console(width=140).print(table(costs, pages))
    memory = costs["rendered"].memory
    first, second, last = _thirds(memory)
    results = [
        (all(cost.articles == pages for cost in costs.values()), "every article"),
        (max(memory) < settings.BROWSER_MEMORY, f"under {settings.BROWSER_MEMORY:g} MB: {max(memory):.0f}"),
        (second <= first * GROWTH and last <= second * GROWTH, f"no third more than {GROWTH} times the one before"),
    ]
    for reached, claim in results:
        print(f"{'reached    ' if reached else 'NOT reached'}  {claim}")
    return 0 if all(reached for reached, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
