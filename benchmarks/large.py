"""What a large ledger costs a run over the newest: the time to its first request, its memory, beside a small ledger.

`python -m benchmarks.large [--articles N] [--rounds N]` prints a table; exit code 1: a target was not reached.

The ledger is made by SQL, as in report.py, each of its articles listed by a walk that was completed. In every round a
new article comes, and the run finds it; the site is on loopback, in this process. Memory is the crawl's peak.
"""

import argparse
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from benchmarks import report
from benchmarks.spent import spent
from tests.ledgers import LEDGER, MANY, OUT
from tests.process import environment
from tests.site import many
from tests.site.server import Site

SMALL = 3_000
LISTED = "INSERT INTO listed (walk, page, job, segment) SELECT 1, page, job, job FROM articles"
SECONDS = 2.0
"""Under so many from the process's start to its first request."""
MEMORY = 200
"""Under so many MB."""


class Cost(NamedTuple):
    """Of one run."""

    first: float
    """Seconds to its first request."""
    cpu: float
    """Seconds."""
    wall: float
    """Seconds."""
    memory: float
    """MB at the peak."""


def ledger(folder: Path, articles: int) -> None:
    """A ledger of so many articles, all of them listed."""
    report.ledger(folder, articles)
    with closing(sqlite3.connect(folder / LEDGER)) as connection, connection:
        connection.execute(LISTED)


def measure(site: Site, folder: Path) -> Cost:
    """One run. Raises RuntimeError when it does not end well."""
    asked, start = len(site.log), time.monotonic()
    cost = spent(["-m", "scrapy", "crawl", "sindonews", *MANY, *OUT], folder, environment(site.env))
    return Cost(site.log[asked].time - start, *cost)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    costs: dict[int, list[Cost]] = {SMALL: [], options.articles: []}
    with tempfile.TemporaryDirectory(prefix="newsspider-benchmark-") as made, Site({}) as site:
        for articles in costs:
            ledger(Path(made, str(articles)), articles)
        for number in range(options.rounds):
            site.pages = many.site(many.stories(60 + number, number))
            for articles, runs in costs.items():
                runs.append(measure(site, Path(made, str(articles))))
    columns = {"first request s": ".2f", "CPU s": ".2f", "seconds": ".2f", "peak MB": ".0f"}
    Console().print(report.table("scrapy crawl, the newest", columns, costs))
    longest = max(cost.first for cost in costs[options.articles])
    most = max(cost.memory for cost in costs[options.articles])
    results = [
        (longest < SECONDS, f"the first request under {SECONDS:g} s in every round: {longest:.2f}"),
        (most < MEMORY, f"under {MEMORY} MB in every round: {most:.0f}"),
    ]
    for reached, claim in results:
        print(f"{'reached    ' if reached else 'NOT reached'}  {claim}")
    return 0 if all(reached for reached, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
