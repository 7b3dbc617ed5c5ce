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


def telling(database: Database, earlier: Sequence[Past], runs: int, articles: int) -> list[Stats]:
    """Stats of the last healthy runs that brought articles, the last first.

    So many `runs` of so many `articles` or more; of smaller ones as many more as it takes.
    """
    ids, enough = [], runs * articles
    for past in earlier:
        brought = sum(past.counts.get(name, 0) for name in BROUGHT) if past.healthy else 0
        if brought and enough > 0:
            ids.append(past.id)
            enough -= min(brought, articles)
    stats = history.stats_of(database, ids) if ids else []
    return [each for each in stats if "monitor/articles" in each]
