"""What a report costs on a large ledger: time and memory of `scrapy report`, beside the same on a small one.

`python -m benchmarks.report [--articles N] [--rounds N]` prints a table; exit code 1: a target was not reached.

The ledger is made by SQL: articles of 3 KB, 90 a day, and 30 runs of which each stored its share of them, some 3,000 of
100,000. Each report is a process of its own, from its start to its end; memory is its peak.
"""

import argparse
import json
import os
import sqlite3
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.crawl import ROOT
from benchmarks.spent import spent
from tests import histories
from tests.ledgers import LEDGER

SMALL = 3_000
RUNS = 30
SECONDS = 5.0
"""Under so many of a ledger of 100,000 articles."""
MEMORY = 1.5
"""At most so many times the memory of the small ledger's report."""
A_DAY = 90
COPIES = """
WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :articles)
INSERT INTO articles (id, page, url, revision, job, stored, hash, title, published, subsection, item)
SELECT n, n, 'https://international.sindonews.com/read/' || n || '/41/kabar-1750000000', 1,
       n * :runs / (:articles + 1) + 1,
       strftime('%Y-%m-%dT%H:%M:%SZ', '2026-07-20 00:00:00', (n * :runs / (:articles + 1) - :runs) || ' days',
                (n * :runs % (:articles + 1) * 230 / (:articles + 1)) || ' seconds'),
       '', 'Kabar nomor ' || n,
       strftime('%Y-%m-%dT%H:%M:%S+07:00', '2026-07-19 06:00:00', ((n - :articles) * 1440 / :a_day) || ' minutes'),
       :subsections ->> ('$[' || n % 7 || ']'), json_set(:item, '$.title', 'Kabar nomor ' || n)
FROM number
"""
"""Of one article, stored by one run after the other."""
COUNTS = "UPDATE runs SET counts = json_object('new', (SELECT count(*) FROM articles WHERE job = runs.id))"
PAGES = """
INSERT INTO pages (id, url, state, tries, found, day)
SELECT id, url, 'done', 0, stored, substr(published, 1, 10) FROM articles
"""


class Cost(NamedTuple):
    """Of one report."""

    cpu: float
    """Seconds."""
    wall: float
    """Seconds."""
    memory: float
    """MB at the peak."""
    size: float
    """KB of the page."""


def ledger(folder: Path, articles: int) -> None:
    """A ledger of so many articles."""
    histories.write(folder, runs=RUNS, articles=False)
    names, item = json.dumps(list(histories.SUBSECTIONS)), histories.item(3_000)
    values = {"articles": articles, "runs": RUNS, "a_day": A_DAY, "item": item, "subsections": names}
    with closing(sqlite3.connect(folder / LEDGER)) as connection, connection:
        connection.execute(COPIES, values)
        connection.execute(PAGES)
        connection.execute(COUNTS)


def measure(folder: Path) -> Cost:
    """One report. Raises RuntimeError when there is none."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SCRAPY_SETTINGS_MODULE": "newsspider.settings"}
    cost = spent(["-m", "scrapy", "report"], folder, environment)
    page = folder / "reports/sindonews/latest.html"
    if not page.exists():
        raise RuntimeError("no report")
    return Cost(*cost, page.stat().st_size / 1000)


def table(title: str, columns: dict[str, str], costs: Mapping[int, Sequence[tuple[float, ...]]]) -> Table:
    """Of each size of a ledger, the medians; `columns` are names and formats."""
    rounds = len(next(iter(costs.values())))
    shown = Table(title=f"{title}, median of {rounds} rounds", title_justify="left")
    for column in ("articles", *columns):
        shown.add_column(column, justify="right")
    for articles, runs in costs.items():
        medians = map(median, zip(*runs, strict=True))
        shown.add_row(f"{articles:,}", *map(format, medians, columns.values()))
    return shown


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    costs: dict[int, list[Cost]] = {SMALL: [], options.articles: []}
    with tempfile.TemporaryDirectory(prefix="newsspider-benchmark-") as made:
        for articles in costs:
            ledger(Path(made, str(articles)), articles)
        for _ in range(options.rounds):
            for articles, runs in costs.items():
                runs.append(measure(Path(made, str(articles))))
    columns = {"CPU s": ".2f", "seconds": ".2f", "peak MB": ".0f", "page KB": ".0f"}
    Console().print(table("scrapy report", columns, costs))
    longest = max(cost.wall for cost in costs[options.articles])
    more = median(a.memory / b.memory for a, b in zip(costs[options.articles], costs[SMALL], strict=True))
    results = [
        (longest < SECONDS, f"under {SECONDS:g} s in every round: {longest:.2f}"),
        (more <= MEMORY, f"at most {MEMORY} times the memory of the report of {SMALL:,} articles: {more:.2f}"),
    ]
    for reached, claim in results:
        print(f"{'reached    ' if reached else 'NOT reached'}  {claim}")
    return 0 if all(reached for reached, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
