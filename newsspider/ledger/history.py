"""What earlier runs of a spider were like: what is usual is told from it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import Row, Select, func, select

from newsspider.exits import FINISHED, OBJECTED
from newsspider.ledger.database import Database, again
from newsspider.ledger.tables import jobs, runs


@dataclass(frozen=True, kw_only=True)
class Past:
    """One finished run; of those that shared a job, the one that published it."""

    id: int
    started: datetime
    ended: datetime
    arguments: dict[str, str]
    healthy: bool
    """Nothing was found to object to."""
    counts: dict[str, int]
    """new, updated, unchanged, gone, failed"""


FINISHED_RUNS = (
    select(runs.c.id, runs.c.started, runs.c.ended, jobs.c.arguments, runs.c.exitcode, runs.c.counts)
    .join(jobs, jobs.c.id == runs.c.job)
    .where(runs.c.exitcode.in_((FINISHED, OBJECTED)), runs.c.ended.isnot(None), runs.c.stats.isnot(None))
    .where(func.coalesce(jobs.c.holder, runs.c.id) == runs.c.id)
    .order_by(runs.c.id.desc())
)


def finished(database: Database, spider: str, *, before: int, since: str) -> Iterator[Past]:
    """The runs before the run `before` that ended from `since` on (as it stands in the tables), the last first."""
    mine = FINISHED_RUNS.where(jobs.c.spider == spider, runs.c.id < before)
    for row in _rows(database, mine, since):
        yield Past(
            id=row.id,
            started=datetime.fromisoformat(row.started),
            ended=datetime.fromisoformat(row.ended),
            arguments=json.loads(row.arguments),
            healthy=row.exitcode == FINISHED,
            counts=json.loads(row.counts or "{}"),
        )


@again
def _rows(database: Database, statement: Select[Any], since: str) -> list[Row[Any]]:
    with database.begin() as connection:
        return list(takewhile(lambda row: bool(row.ended >= since), connection.execute(statement)))


@again
def stats_of(database: Database, wanted: Sequence[int]) -> list[dict[str, Any]]:
    """Scrapy's stats at the end of these runs, the last run first."""
    with database.begin() as connection:
        found = connection.scalars(select(runs.c.stats).where(runs.c.id.in_(wanted)).order_by(runs.c.id.desc()))
        return [json.loads(stats) for stats in found]
