"""What never became an article, or is one no longer: for those who are given the corpus."""

import json
from collections import Counter

from sqlalchemy import func, select

from newsspider.ledger.database import Database, again
from newsspider.ledger.tables import pages, runs

DROPPED = "dropped/"


@again
def losses(database: Database) -> Counter[str]:
    """Of all that was ever found: failed, gone, owed, vanished; of all runs, what was dropped, by its reason."""
    found: Counter[str] = Counter()
    with database.begin() as connection:
        for state, number in connection.execute(select(pages.c.state, func.count()).group_by(pages.c.state)):
            found[{"pending": "owed"}.get(state, state)] += number
        found["vanished"] = connection.scalar(select(func.count()).where(pages.c.vanished.isnot(None))) or 0
        for stats in connection.scalars(select(runs.c.stats).where(runs.c.stats.isnot(None))):
            said = json.loads(stats)
            found.update({name: number for name, number in said.items() if name.startswith(DROPPED)})
    return found
