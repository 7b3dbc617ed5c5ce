"""The runs of a spider, as the ledger has them."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from newsspider.exits import WRONG_ARGUMENTS
from newsspider.ledger.errors import LedgerError
from newsspider.ledger.tables import jobs, runs

MOST = 30
"""So many runs are looked back upon, the one that is reported included."""


@dataclass(frozen=True, kw_only=True)
class Past:
    """One run."""

    id: int
    job: int
    arguments: dict[str, str]
    started: str
    ended: str | None
    """None: it is at work, or was killed."""
    reason: str | None
    exitcode: int | None
    counts: dict[str, int | None]
    """new, updated, unchanged, gone, failed, owed; what is 0 may be missing."""
    stats: dict[str, Any]
    findings: list[dict[str, Any]]
    """See ledger/findings.py."""

    def under(self, prefix: str) -> dict[str, Any]:
        """Of the stats those that begin so, without it."""
        return {name.removeprefix(prefix): self.stats[name] for name in self.stats if name.startswith(prefix)}


class NoRunError(LedgerError):
    """The spider has no such run."""

    exitcode = WRONG_ARGUMENTS


def until(connection: Connection, spider: str, run: int | None = None) -> list[Past]:
    """The run of this id (None: the last one) and those before it, the oldest first. Raises NoRunError."""
    known = _RUNS.where(jobs.c.spider == spider)
    found = connection.execute(known.where(runs.c.id <= run) if run is not None else known).all()
    if not found or run not in (None, found[0].id):
        newest = last(connection, spider)
        raise NoRunError(f"{spider} has no run {run}; the last is {newest}" if newest else f"{spider} has no run yet")
    return [_past(row) for row in reversed(found)]


def last(connection: Connection, spider: str) -> int | None:
    """Id of the last run; None where there is none yet."""
    found: int | None = connection.scalar(_RUNS.with_only_columns(runs.c.id).where(jobs.c.spider == spider).limit(1))
    return found


def _past(row: Row[Any]) -> Past:
    values = {name: json.loads(row._mapping[name] or kind) for name, kind in _JSON.items()}
    return Past(**{**row._mapping, **values})


_JSON = {"arguments": "{}", "counts": "{}", "stats": "{}", "findings": "[]"}
_RUNS = (
    select(*(runs.c[name] for name in Past.__dataclass_fields__ if name in runs.c), jobs.c.arguments)
    .join(jobs, runs.c.job == jobs.c.id)
    .order_by(runs.c.id.desc())
    .limit(MOST)
)
