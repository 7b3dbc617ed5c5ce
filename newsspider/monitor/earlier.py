"""The runs that one can be compared with."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from newsspider.ledger import history
from newsspider.ledger.database import Database, stamp
from newsspider.ledger.history import Past
from newsspider.monitor.figures import Stats
from newsspider.monitor.kinds import Kind, kind

LOOK_BACK = timedelta(days=60)
"""How far back the history goes that says how long the site can be silent."""
BROUGHT = ("new", "updated", "unchanged")
"""Counts of runs that say something of articles."""


def like(database: Database, run: int, spider: str, mine: Kind | None, now: datetime) -> list[Past]:
    """Finished runs of this kind before the run of this id, the last first."""
    if mine is None:
        return []
    found = history.finished(database, spider, before=run, since=stamp(now - LOOK_BACK))
    return [past for past in found if kind(past.arguments, past.started.date()) == mine]


def telling(database: Database, earlier: Sequence[Past], most: int) -> list[Stats]:
    """Stats of the last healthy ones that brought articles, the last first."""
    ids = [past.id for past in earlier if past.healthy and any(past.counts.get(name) for name in BROUGHT)]
    stats = history.stats_of(database, ids[:most]) if ids else []
    return [each for each in stats if "monitor/articles" in each]
