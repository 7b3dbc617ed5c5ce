"""Everything that a report shows, read from the ledger in one go."""

from dataclasses import dataclass

from newsspider.items import Article
from newsspider.ledger import coverage
from newsspider.ledger.database import Database, again, now
from newsspider.report import calendar, corpus
from newsspider.report.past import Past, last, until


@dataclass(frozen=True, kw_only=True)
class Contents:
    """Of the report of one run."""

    spider: str
    ledger: str
    past: list[Past]
    """The runs up to the one that is reported, which is the last of them."""
    is_last: bool
    """No run came after it."""
    days: list[corpus.Day]
    newest: list[Article]
    brought: bool
    """Whether `newest` are of this run; otherwise they are of all before."""
    calendar: list[coverage.Day]
    made: str

    @property
    def run(self) -> Past:
        return self.past[-1]


@again
def read(database: Database, spider: str, run: int | None) -> Contents:
    """What the ledger tells of a run (None: the last one). Raises NoRunError, LedgerError."""
    with database.begin() as connection:
        past = until(connection, spider, run)
        ids = corpus.of_run(connection, past[-1])
        newest = corpus.newest(connection, ids)
        days = corpus.by_day(connection, ids, past[-1].ended or now())
        before = [] if newest else corpus.newest(connection, range(ids.stop))
        is_last = past[-1].id == last(connection, spider)
    return Contents(
        spider=spider,
        ledger=database.name,
        past=past,
        is_last=is_last,
        days=days,
        newest=newest or before,
        brought=bool(newest),
        calendar=calendar.days(database, past[-1].arguments),
        made=now(),
    )
