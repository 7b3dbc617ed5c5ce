"""Workers that share a ledger in PostgreSQL: real processes, each in a folder of its own."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Self

from tests.ledgers import MANY, OUT, delivered
from tests.postgres import Base
from tests.process import environment
from tests.site.many import urls
from tests.site.server import Site
from tests.site.stories import Story

LONGEST = 30.0
"""Seconds after which a worker hangs."""
SCRAPY = "from scrapy.cmdline import execute; execute()"
LEASE = 2.0
"""Seconds, where workers are killed; a machine that has much to do is slow to start."""


class Workers:
    """Those of one job. `arguments` are of `scrapy crawl sindonews`."""

    def __init__(self, site: Site, base: Base, folder: Path, *arguments: str, lease: float = LEASE) -> None:
        self.site, self.base, self.folder = site, base, folder
        ledger = ("-s", f"LEDGER_URL={base.url}", "-s", f"LEDGER_LEASE={lease:g}")
        self.command = ["crawl", "sindonews", *MANY, *ledger, *arguments]
        """Without a feed, which each worker names."""
        self.processes: list[subprocess.Popen[str]] = []

    def start(
        self, *more: str, number: int | None = None, program: str = SCRAPY, feeds: tuple[str, ...] = OUT
    ) -> subprocess.Popen[str]:
        """One more, in a folder of its own unless it is to have that of worker `number`."""
        folder = self.folder / f"w{len(self.processes) if number is None else number}"
        folder.mkdir(exist_ok=True)
        process = subprocess.Popen(
            [sys.executable, "-c", program, *self.command, *feeds, *more],
            cwd=folder,
            env=environment(self.site.env),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        return process

    def finish(self) -> list[tuple[int, str]]:
        """Exit code and last line of each; what was killed is told by its signal."""
        ended = []
        for process in self.processes:
            _, told = process.communicate(timeout=LONGEST)
            assert "Traceback" not in told, told
            ended.append((process.returncode, told.strip().rpartition("\n")[2]))
        return ended

    @property
    def whole(self) -> list[Path]:
        """The job's whole feeds, wherever they were written."""
        return sorted(self.folder.glob("w*/out.jsonl"))

    @property
    def own(self) -> list[Path]:
        """What each worker stored."""
        return sorted(self.folder.glob("w*/workers/*/out.jsonl"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Nobody is left at work."""
        for process in self.processes:
            process.kill()
            process.communicate()

    def stored(self) -> int:
        """Articles; 0, too, as long as there are no tables."""
        if self.base.sql("SELECT to_regclass('articles')") == [(None,)]:
            return 0
        return int(self.base.sql("SELECT count(*) FROM articles")[0][0])

    def check(self, found: list[Story]) -> None:
        """Every article once, in the tables and in one whole feed."""
        expected = dict.fromkeys(urls(found), 1)
        assert Counter(url for (url,) in self.base.sql("SELECT url FROM articles")) == expected
        assert self.base.sql("SELECT count(*) FROM owed") == [(0,)]
        assert {state for (state,) in self.base.sql("SELECT state FROM jobs")} == {"finished"}
        [whole] = self.whole
        assert delivered(whole) == expected

    def holds(self, run: int) -> int:
        """Articles that a run has taken and not settled."""
        there = self.base.sql("SELECT to_regclass('owed')") != [(None,)]
        return int(self.base.sql("SELECT count(*) FROM owed WHERE holder = %s", run)[0][0]) if there else 0

    def taken_over(self) -> int:
        """Pages, from runs that were no more, by those that came to an end."""
        return sum(
            json.loads(counts or "{}").get("taken_over", 0) for (counts,) in self.base.sql("SELECT counts FROM runs")
        )


def asked(site: Site) -> Counter[str]:
    """Page -> how often it was asked for, robots.txt aside."""
    return Counter(url for url in site.urls() if not url.endswith("/robots.txt"))


def until(true: Callable[[], object], longest: float = LONGEST) -> None:
    """Wait for something that is to become true."""
    end = time.monotonic() + longest
    while not true():
        assert time.monotonic() < end, "it does not come to pass"
        time.sleep(0.02)


def record(path: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(path.read_text("utf-8"))
    return found
