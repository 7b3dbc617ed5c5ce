"""Months of runs, made up: as many articles as the site brings, by night and by day, with what varies in them."""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from scrapy.settings import Settings
from scrapy.utils.test import get_crawler
from sqlalchemy import insert

from newsspider import settings
from newsspider.ledger.database import Database, stamp
from newsspider.ledger.tables import jobs, runs
from newsspider.monitor import earlier
from newsspider.monitor.case import Case
from newsspider.monitor.figures import FIELDS
from newsspider.monitor.judgement import Bounds, Judgement
from newsspider.monitor.kinds import judged, kind
from newsspider.monitor.pages import Pages
from newsspider.monitor.runner import run
from newsspider.sites.sindonews import article
from newsspider.spiders.sindonews import SindonewsSpider

BEGIN = datetime(2026, 6, 1, 0, 7, tzinfo=UTC)
A_PAGE = 20
LACKING = {
    **{"dateline": 0.12, "editor": 0.03, "authors": 0.02, "tags": 0.02, "related": 0.2, "subheadings": 0.75},
    **dict.fromkeys(("modified", "description", "image_url", "image_caption"), 1.0),
}
"""How often an article lacks a field; the others are never lacking."""
Fault = Callable[[dict[str, Any]], None]
"""Changes the stats of a run."""


@dataclass
class Month:
    """Runs in a ledger of their own, each judged as it ends.

    One day in ten an author leaves out the place, on one in thirteen the site is in trouble: neither is an alarm.
    """

    folder: Path
    seed: int
    rate: float = 60.0
    """New articles on a day."""
    arguments: dict[str, str] = field(default_factory=dict)
    layout: str = "2024"

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.database = Database(f"sqlite:///{self.folder / f'month-{self.seed}-{self.layout}.sqlite'}")
        self.bounds = Bounds.of(Settings(vars(settings)))
        self.crawler = get_crawler(SindonewsSpider)
        self.ids = 0

    def runs(self, every: timedelta, days: float, *, fault: Fault | None = None) -> Iterator[tuple[datetime, set[str]]]:
        """When each run ended, and the names of its findings. The first has the whole front of the list to read."""
        start = getattr(self, "now", BEGIN)
        self.now = start
        while self.now < start + timedelta(days=days):
            self.now += every
            new = self._arrived(every) if self.ids or self.arguments else 600
            stats = self._stats(new)
            if fault:
                fault(stats)
            yield self.now, self.judge(stats, new)

    def close(self) -> None:
        self.database.close()

    def _arrived(self, span: timedelta) -> int:
        """Nights are silent, Sundays quiet, some hours busy."""
        hour = (self.now.hour + 7) % 24
        if span < timedelta(hours=12) and not 6 <= hour < 23:
            return 0
        busy = self.random.choice((0.3, 1, 1, 1.5)) * (0.5 if self.now.weekday() == 6 else 1)
        expected = self.rate * busy * span / timedelta(days=1)
        whole = int(expected)
        return sum(self.random.random() < 0.5 for _ in range(2 * whole)) + (self.random.random() < expected - whole)

    def _stats(self, new: int) -> dict[str, Any]:
        stats: Counter[str] = Counter()
        series = self.random.random() < 0.1  # of one author, who leaves out the place
        bad_day = self.now.toordinal() % 13 == 0
        lengths = []
        for _ in range(new):
            fate = self.random.random()
            if fate < (0.15 if bad_day else 0.01):
                stats["monitor/failed"] += 1
            elif fate > 0.99:
                stats["dropped/no text"] += 1
            else:
                lengths.append(self._article(stats, series))
        pages = 1 + (new + 3) // A_PAGE + (new > 0)
        stats["index/pages"], stats["index/listed"] = pages, pages * (A_PAGE + 3)
        stats["index/days_done"] = 1
        stats["monitor/known"] = pages * A_PAGE - new
        stats["downloader/request_count"] = new + pages
        stats["retry/count"] = sum(self.random.random() < (0.4 if bad_day else 0.01) for _ in range(new + pages))
        middles = {"monitor/paragraphs/median": median(lengths or [0]), "monitor/length/median": self._length()}
        walk = {"monitor/met": 1} if self.ids else {}
        return {**stats, **(middles if lengths else {}), **walk, "monitor/articles": stats["monitor/articles"]}

    def _length(self) -> float:
        return self.random.gauss(150, 15)

    def _article(self, stats: Counter[str], series: bool) -> int:
        stats["monitor/articles"] += 1
        stats[f"monitor/layout/{self.layout}"] += 1
        stats[f"monitor/read/{self.layout}"] += 1
        for name in FIELDS:
            lacking = 0.3 if series and name == "dateline" else LACKING.get(name, 0.0)
            stats[f"monitor/fields/{name}"] += self.random.random() >= lacking
        for name, likely in (("title", 1.0), ("published", 0.99), ("authors", 0.9), ("tags", 0.97)):
            rule = 1 if self.random.random() < likely else 2
            stats[f"parser/{name}/{self.layout}/1"] += rule == 1
            stats[f"parser/{name}/{self.layout}/2"] += rule == 2
        for name, likely in (("boilerplate/initials", 0.02), ("incomplete", 0.01), ("published_from/url", 0.01)):
            stats[f"monitor/{name}"] += self.random.random() < likely
        return 300 if self.random.random() < 0.01 else max(3, round(self.random.lognormvariate(2.2, 0.4)))

    def judge(self, stats: dict[str, Any], new: int) -> set[str]:
        """As the room does at a run's end; then it is one of the past."""
        mine = kind(self.arguments, self.now.date())
        like = earlier.like(self.database, self.ids + 1, "sindonews", mine, self.now)
        past = earlier.telling(self.database, like, self.bounds.runs, self.bounds.articles)
        case = Case(
            judgement=Judgement(stats, past, self.bounds),
            pages=Pages(article.read),
            site=article,
            kind=mine,
            earlier=like,
            now=self.now,
            new=new,
            finished=True,
        )
        found = {each.finding.name for each in run(self.crawler, case, ())} if judged(self.arguments) else set()
        self._remember(stats, new, 3 if found else 0)
        return found

    def _remember(self, stats: dict[str, Any], new: int, exitcode: int) -> None:
        self.ids += 1
        times = {"started": stamp(self.now), "ended": stamp(self.now)}
        job = {"id": self.ids, "spider": "sindonews", "arguments": json.dumps(self.arguments), "state": "finished"}
        row = {"id": self.ids, "job": self.ids, "pid": 1, "exitcode": exitcode, **times}
        with self.database.begin() as connection:
            connection.execute(insert(jobs).values(**job, started=times["started"]))
            counts = json.dumps({"new": stats["monitor/articles"] if new else 0})
            connection.execute(insert(runs).values(**row, counts=counts, stats=json.dumps(stats)))
