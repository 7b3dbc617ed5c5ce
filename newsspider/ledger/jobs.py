"""Jobs (what one command set out to do, over as many runs as it takes) and runs (one process)."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from socket import gethostname
from typing import Any

from sqlalchemy import Connection, Insert, delete, func, insert, select, text, update

from newsspider.ledger.database import TIME, Database, again, now, stamp
from newsspider.ledger.leases import CLOCK
from newsspider.ledger.tables import articles, indexes, jobs, moves, owed, runs


@dataclass(frozen=True, kw_only=True)
class Job:
    """One row of `jobs`."""

    id: int
    started: datetime
    walk: int | None
    """Whose marks a newest walk reads and sets; None: it sets none."""
    bounded: bool
    """No walk like this was ever completed, so nothing says where to stop."""


class Jobs:
    """Of one spider."""

    def __init__(self, database: Database, spider: str) -> None:
        self.database = database
        self.spider = spider

    @again
    def open(self, arguments: Mapping[str, str], *, marks: bool, fresh: bool) -> Job:
        """The unfinished job of these arguments, or a new one. `marks`: its walk tells later ones where to stop.

        Where several share the ledger, one that is being published is not finished, either.
        """
        key = _key(arguments)
        same = (jobs.c.spider == self.spider) & (jobs.c.arguments == key)
        joins = ("open",) if fresh or not self.database.shared else ("open", "publishing")
        with self.database.begin() as connection:
            if self.database.shared:  # two that come at once begin one job, not two
                connection.execute(text("LOCK TABLE jobs IN SHARE ROW EXCLUSIVE MODE"))
            found = connection.scalar(select(func.max(jobs.c.id)).where(same, jobs.c.state.in_(joins)))
            if found is None or fresh:
                found = self._new(connection, key, found)
                first = connection.scalar(select(func.min(jobs.c.id)).where(same)) if marks else None
                connection.execute(update(jobs).where(jobs.c.id == found).values(walk=first))
            return self._read(connection, found)

    @again
    def read(self, job: int) -> Job:
        """The job of this id."""
        with self.database.begin() as connection:
            return self._read(connection, job)

    @again
    def state(self, job: int) -> str:
        """open, publishing …"""
        with self.database.begin() as connection:
            return str(connection.scalar(select(jobs.c.state).where(jobs.c.id == job)))

    @again
    def leader(self, job: int) -> str:
        """Who led it last, as a person knows it."""
        with self.database.begin() as connection:
            found = connection.execute(
                select(runs.c.host, runs.c.pid).join(jobs, jobs.c.holder == runs.c.id).where(jobs.c.id == job)
            ).first()
            return f"process {found.pid} on {found.host}" if found else "unknown"

    @again
    def later(self, job: Job) -> Job:
        """As if it had started a second later."""
        started = stamp(job.started + timedelta(seconds=1))
        with self.database.begin() as connection:
            connection.execute(update(jobs).where(jobs.c.id == job.id).values(started=started))
            return self._read(connection, job.id)

    @again
    def is_of(self, job: int, arguments: Mapping[str, str]) -> bool:
        """Whether these arguments make the same job."""
        mine = (jobs.c.id == job) & (jobs.c.spider == self.spider) & (jobs.c.arguments == _key(arguments))
        with self.database.begin() as connection:
            return connection.scalar(select(jobs.c.id).where(mine)) is not None

    @again
    def last_stored(self, most: int) -> list[str]:
        """URLs of articles, the latest first."""
        urls = select(articles.c.url).join(jobs, jobs.c.id == articles.c.job).where(jobs.c.spider == self.spider)
        with self.database.begin() as connection:
            return list(connection.scalars(urls.order_by(articles.c.id.desc()).limit(most)))

    def _new(self, connection: Connection, key: str, abandoned: int | None) -> int:
        row = {"spider": self.spider, "arguments": key, "state": "open", "started": _later(connection)}
        job = _inserted(connection, insert(jobs).values(row))
        if abandoned is not None:  # what it stored and never delivered is delivered by the new one
            connection.execute(delete(owed).where(owed.c.job == abandoned))  # first: from now on it stores nothing
            connection.execute(update(articles).where(articles.c.job == abandoned).values(job=job))
            connection.execute(delete(indexes).where(indexes.c.job == abandoned))
            connection.execute(update(jobs).where(jobs.c.id == abandoned).values(state="abandoned", finished=now()))
        return job

    def _read(self, connection: Connection, job: int) -> Job:
        row = connection.execute(select(jobs).where(jobs.c.id == job)).one()
        completed = select(jobs.c.id).where(jobs.c.walk == row.walk, jobs.c.state == "finished").limit(1)
        started = datetime.strptime(row.started, TIME).replace(tzinfo=UTC)
        return Job(id=job, started=started, walk=row.walk, bounded=connection.scalar(completed) is None)

    def finish(self, connection: Connection, job: int) -> None:
        """Nothing is owed and the feeds stand. Of what the walk read, days and what was given up are kept."""
        holes = connection.scalar(
            select(func.count()).select_from(indexes).where(indexes.c.job == job, indexes.c.state == "failed")
        )
        connection.execute(
            update(jobs).where(jobs.c.id == job).values(state="partial" if holes else "finished", finished=now())
        )
        keep = (indexes.c.state == "failed") | indexes.c.day.isnot(None)
        connection.execute(delete(indexes).where(indexes.c.job == job, ~keep))

    @again
    def begin_run(self, job: int, lease: float = 0) -> int:
        """`lease`: seconds for which it is alive, where several share the ledger."""
        row: dict[str, Any] = {"job": job, "pid": os.getpid(), "host": gethostname(), "started": now()}
        if self.database.shared:
            row["alive"] = CLOCK + lease
        with self.database.begin() as connection:
            return _inserted(connection, insert(runs).values(row))

    @again
    def end_run(self, run: int, reason: str, exitcode: int, **what: Any) -> None:
        """`what` is for the columns that hold JSON: counts, stats, findings."""
        row = {name: json.dumps(value, ensure_ascii=False, sort_keys=True, default=str) for name, value in what.items()}
        with self.database.durable() as connection:
            ended = {"ended": now(), "reason": reason, "exitcode": exitcode}
            connection.execute(update(runs).where(runs.c.id == run).values(**ended, **row))

    @again
    def feeds(self, job: int) -> list[dict[str, object]]:
        """The published feeds of a job: path, rows, sha256."""
        with self.database.begin() as connection:
            found = connection.execute(
                select(moves.c.path, moves.c.rows, moves.c.sha256).where(moves.c.job == job).order_by(moves.c.id)
            )
            return [dict(row) for row in found.mappings()]


def _inserted(connection: Connection, statement: Insert) -> int:
    key = connection.execute(statement).inserted_primary_key
    assert key
    return int(key[0])


def _key(arguments: Mapping[str, str]) -> str:
    return json.dumps(dict(arguments), sort_keys=True)


def _later(connection: Connection) -> str:
    """Now, or a second after the last job where the clock went back: names of feeds are made of it."""
    last = connection.scalar(select(func.max(jobs.c.started)))
    if last is None or now() > last:
        return now()
    return stamp(datetime.strptime(last, TIME).replace(tzinfo=UTC) + timedelta(seconds=1))
