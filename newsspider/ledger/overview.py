"""What the ledger knows, for a person or a program: rows of plain values."""

import json
from typing import Any

from sqlalchemy import case, func, select

from newsspider.ledger.database import Database
from newsspider.ledger.tables import articles, indexes, jobs, owed, pages, runs


def status(database: Database, spider: str) -> dict[str, Any]:
    """Jobs, articles, the last run, what is owed, the days covered."""
    with database.begin() as connection:
        states = connection.execute(select(jobs.c.state, func.count()).group_by(jobs.c.state))
        of_pages = connection.execute(select(pages.c.state, func.count()).group_by(pages.c.state))
        last = connection.execute(select(runs).order_by(runs.c.id.desc()).limit(1)).mappings().first()
        days = connection.execute(_DAYS).one()
        return {
            "spider": spider,
            "ledger": database.url.database,
            "jobs": {row[0]: row[1] for row in states},
            "open": [_job(dict(row)) for row in connection.execute(_OPEN).mappings()],
            "articles": connection.scalar(select(func.count()).where(articles.c.revision == 1)),
            "pages": {row[0]: row[1] for row in of_pages},
            "owed": connection.scalar(select(func.count(owed.c.page.distinct()))),
            "last_run": dict(last) | {"counts": json.loads(last["counts"] or "{}")} if last else None,
            "days": {"covered": days.covered, "first": days.first, "last": days.last},
        }


def still_owed(database: Database) -> list[dict[str, Any]]:
    """Articles and index pages that are owed, gone, failed or vanished (stored, and gone since), and why."""
    with database.begin() as connection:
        found = [dict(row) for row in connection.execute(_PAGES).mappings()]
        lists = [dict(row) | {"next_try": None} for row in connection.execute(_INDEXES).mappings()]
    return [{"kind": "article", **row} for row in found] + [{"kind": "index", **row} for row in lists]


def open_jobs(database: Database) -> list[dict[str, Any]]:
    """Jobs that are not finished: id, arguments, state, started."""
    with database.begin() as connection:
        return [_job(dict(row)) for row in connection.execute(_OPEN).mappings()]


def _job(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"arguments": json.loads(row["arguments"])}


_OPEN = select(jobs.c.id, jobs.c.arguments, jobs.c.state, jobs.c.started).where(
    jobs.c.state.in_(("open", "publishing"))
)
_DAY = indexes.c.day
_DAYS = select(
    func.count(_DAY.distinct()).label("covered"), func.min(_DAY).label("first"), func.max(_DAY).label("last")
).where(
    indexes.c.state == "done", _DAY.isnot(None), ~indexes.c.job.in_(select(jobs.c.id).where(jobs.c.state == "open"))
)
_PAGES = (
    select(
        pages.c.url,
        case((pages.c.vanished.is_(None), pages.c.state), else_="vanished").label("state"),
        pages.c.tries,
        pages.c.next_try,
        func.coalesce(pages.c.reason, "stored here, gone there since " + pages.c.vanished).label("reason"),
    )
    .where((pages.c.state != "done") | pages.c.vanished.isnot(None))
    .order_by(pages.c.id)
)
_INDEXES = (
    select(indexes.c.url, indexes.c.state, indexes.c.tries, indexes.c.reason)
    .where(indexes.c.state != "done")
    .order_by(indexes.c.id)
)
