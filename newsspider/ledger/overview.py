"""What the ledger knows, for a person or a program: rows of plain values."""

import json
from typing import Any

from sqlalchemy import Connection, case, func, select

from newsspider.ledger.database import Database, again
from newsspider.ledger.lead import GOING_ON
from newsspider.ledger.leases import CLOCK
from newsspider.ledger.tables import articles, indexes, jobs, owed, paces, pages, runs


@again
def status(database: Database, spider: str) -> dict[str, Any]:
    """Jobs, articles, the last run, what is owed, the days covered; of a shared ledger, the workers and the pace."""
    with database.begin() as connection:
        states = connection.execute(select(jobs.c.state, func.count()).group_by(jobs.c.state))
        of_pages = connection.execute(select(pages.c.state, func.count()).group_by(pages.c.state))
        days = connection.execute(_DAYS).one()
        return {
            "spider": spider,
            "ledger": database.name,
            "jobs": {row[0]: row[1] for row in states},
            "open": _rows(connection, _PROGRESS),
            "workers": _rows(connection, _WORKERS) if database.shared else [],
            "paces": _rows(connection, _PACES) if database.shared else [],
            "articles": connection.scalar(select(func.count()).where(articles.c.revision == 1)),
            "pages": {row[0]: row[1] for row in of_pages},
            "owed": connection.scalar(select(func.count(owed.c.page.distinct()))),
            "last_run": next(iter(_rows(connection, select(runs).order_by(runs.c.id.desc()).limit(1))), None),
            "days": {"covered": days.covered, "first": days.first, "last": days.last},
        }


@again
def still_owed(database: Database) -> list[dict[str, Any]]:
    """Articles and index pages that are owed, gone, failed or vanished (stored, and gone since), and why."""
    with database.begin() as connection:
        found = [dict(row) for row in connection.execute(_PAGES).mappings()]
        lists = [dict(row) | {"next_try": None} for row in connection.execute(_INDEXES).mappings()]
    return [{"kind": "article", **row} for row in found] + [{"kind": "index", **row} for row in lists]


@again
def open_jobs(database: Database) -> list[dict[str, Any]]:
    """Jobs that are not finished: id, arguments, state, started."""
    with database.begin() as connection:
        return _rows(connection, _OPEN)


def _rows(connection: Connection, statement: Any) -> list[dict[str, Any]]:
    return [
        dict(row) | {name: json.loads(row[name] or none) for name, none in _JSON.items() if name in row}
        for row in connection.execute(statement).mappings()
    ]


_JSON = {"arguments": "{}", "counts": "{}", "stats": "{}", "findings": "[]"}
"""Columns that hold it, and what stands for a null."""
_OPEN = select(jobs.c.id, jobs.c.arguments, jobs.c.state, jobs.c.started).where(jobs.c.state.in_(GOING_ON))


def _number(table: Any, *where: Any) -> Any:
    return select(func.count()).select_from(table).where(table.c.job == jobs.c.id, *where).scalar_subquery()


_PROGRESS = _OPEN.add_columns(
    _number(articles).label("stored"),
    _number(owed).label("owed"),
    _number(indexes, indexes.c.state == "pending").label("lists"),
)
_WORKERS = (
    select(
        runs.c.id.label("run"),
        runs.c.job,
        runs.c.host,
        runs.c.pid,
        runs.c.started,
        (runs.c.alive - CLOCK).label("alive"),
        (jobs.c.holder == runs.c.id).label("leads"),
        (
            select(func.count()).where(owed.c.job == jobs.c.id, owed.c.holder == runs.c.id).scalar_subquery()
            + _number(indexes, indexes.c.state == "pending", indexes.c.holder == runs.c.id)
        ).label("holds"),
        runs.c.counts,
    )
    .join(jobs, jobs.c.id == runs.c.job)
    .where(jobs.c.state.in_(GOING_ON), runs.c.ended.is_(None), runs.c.alive.isnot(None))
    .order_by(runs.c.id)
)
"""`alive`: for how many seconds more what it holds is its own; below 0, it is for others to take."""
_PACES = select(paces.c.host, (paces.c.next - CLOCK).label("next"), (paces.c.hold - CLOCK).label("hold")).order_by(
    paces.c.host
)
"""In how many seconds the next request may leave, and until when none may; below 0, at once."""
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
