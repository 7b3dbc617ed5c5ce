"""Which of the runs that share a job leads it? One of them reads what is to be read in order, and publishes, once.

It is the first that began, and when that one has ended or is no longer alive, the next that looks after it. Who leads
stands in `jobs.holder`. Where a run is alone, it leads.
"""

from collections.abc import Mapping
from enum import Enum
from json import dumps
from typing import Any

from sqlalchemy import Connection, bindparam, exists, or_, select, update

from newsspider.ledger.database import Database, again
from newsspider.ledger.leases import CLOCK, PENDING, UNTRIED, free
from newsspider.ledger.tables import indexes, jobs, owed, runs

GOING_ON = ("open", "publishing")


class Rest(Enum):
    """What is left for a run that finds nothing to ask for."""

    WAIT = "others hold something, or lead and have not published yet"
    LEAVE = "what is left is not for this run: lists that could not be read"
    PUBLISH = "nothing is owed, and this run leads"
    OVER = "the job was ended by another run"


MINE = jobs.c.id == bindparam("of")
LEAD = (
    update(jobs)
    .where(MINE, jobs.c.state.in_(GOING_ON), jobs.c.holder.is_distinct_from(bindparam("by")), free(jobs.c.holder))
    .values(holder=bindparam("by"))
)
STATE = select(jobs.c.state, jobs.c.holder).where(MINE)
SOMETHING = select(
    or_(
        exists().where(owed.c.job == bindparam("of")),
        exists(select(indexes.c.id).where(*PENDING, or_(UNTRIED, ~free(indexes.c.holder)))),
    )
)
UNREAD_LISTS = select(exists(select(indexes.c.id).where(*PENDING)))
LIVED = select(runs.c.alive > CLOCK).where(runs.c.id == bindparam("by"))
RENEWED = (
    update(runs)
    .where(runs.c.id == bindparam("by"), runs.c.ended.is_(None))
    .values(alive=CLOCK + bindparam("lease"), counts=bindparam("counted"))
)
HELD = (
    select(owed.c.page).where(owed.c.job == bindparam("of"), owed.c.holder == bindparam("by")),
    select(indexes.c.id).where(*PENDING, indexes.c.holder == bindparam("by")),
)


class Lead:
    """Of one job, in one run; `lease` in seconds."""

    def __init__(self, database: Database, job: int, run: int, lease: float) -> None:
        self.database = database
        self.me = {"of": job, "by": run}
        self.lease = lease
        self.mine = not database.shared
        """Whether this run leads, as far as it knows."""

    @again
    def take(self) -> bool:
        """Lead, if no other run does; whether this one does now."""
        if self.database.shared:
            with self.database.begin() as connection:
                self._take(connection)
        return self.mine

    @again
    def leave(self) -> None:
        """Another run may lead."""
        with self.database.begin() as connection:
            mine = (jobs.c.id == self.me["of"]) & (jobs.c.holder == self.me["by"])
            connection.execute(update(jobs).where(mine).values(holder=None))
            self.mine = False

    def _take(self, connection: Connection) -> str:
        """The job's state, too."""
        connection.execute(LEAD, self.me)
        state, holder = connection.execute(STATE, {"of": self.me["of"]}).one()
        self.mine = holder == self.me["by"]
        return str(state)

    @again
    def rest(self) -> Rest:
        """Now that there is nothing to ask for."""
        if not self.database.shared:
            return Rest.PUBLISH
        with self.database.begin() as connection:
            state = self._take(connection)
            if state not in GOING_ON:
                return Rest.OVER
            if connection.scalar(SOMETHING, self.me):
                return Rest.WAIT
            if connection.scalar(UNREAD_LISTS, {"of": self.me["of"]}):
                return Rest.LEAVE
            return Rest.PUBLISH if self.mine else Rest.WAIT

    @again
    def closes(self) -> bool:
        """Whether it is for this run to publish; the job takes no more pages then."""
        if not self.database.shared:
            return True
        with self.database.begin() as connection:
            connection.execute(STATE.with_for_update(key_share=True), {"of": self.me["of"]})
            state = self._take(connection)
            if state not in GOING_ON or not self.mine:
                return False
            if connection.scalar(SOMETHING, self.me) or connection.scalar(UNREAD_LISTS, {"of": self.me["of"]}):
                return False
            connection.execute(update(jobs).where(jobs.c.id == self.me["of"]).values(state="publishing"))
            return True

    @again
    def renew(self, counts: Mapping[str, int]) -> bool:
        """The run lives for another `lease`; whether it did until now, or others may have taken what it held."""
        with self.database.begin() as connection:
            lived = connection.scalar(LIVED, {"by": self.me["by"]})
            values: dict[str, Any] = {"by": self.me["by"], "lease": self.lease, "counted": dumps(dict(counts))}
            connection.execute(RENEWED, values)
            return bool(lived)

    @again
    def held(self) -> dict[str, set[int]]:
        """Ids of the pages that are still this run's, by kind."""
        with self.database.begin() as connection:
            articles, lists = (set(connection.scalars(statement, self.me)) for statement in HELD)
            return {"article": articles, "index": lists}
