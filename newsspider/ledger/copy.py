"""A ledger moves to another database: batch by batch, and then what is read there is compared with what is here.

How far it is stands in the copy itself, as the row HALF of its `meta`, written with each batch; until that row is gone
the copy is no ledger. A ledger that was crawled with since the copy began is copied anew.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from math import ceil
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Row, Table, func, select, tuple_

from newsspider.ledger import half
from newsspider.ledger.database import Database, again
from newsspider.ledger.errors import BusyError, LedgerError
from newsspider.ledger.half import MARK, TABLES, Mark
from newsspider.ledger.leases import CLOCK, lives
from newsspider.ledger.search import fill_search
from newsspider.ledger.tables import HALF, meta, metadata, runs

BATCH = 500
"""Rows in memory at once."""
LEFT_OUT = (*half.OF_EACH, HALF)
"""Names in `meta` that are not copied."""
AS_OF = select(func.count(), func.max(runs.c.id), func.count(runs.c.ended), func.max(runs.c.ended))
"""Another one after every crawl, for each is a run."""
AT_WORK = select(runs.c.id, runs.c.alive - CLOCK).where(lives()).order_by(runs.c.id)


class Told(Protocol):
    """Someone who is told how far it is, in rows."""

    def begin(self, what: str, total: int) -> None: ...
    def add(self, number: int) -> None: ...


class Sum(NamedTuple):
    """Of what is in a table, in whatever order."""

    rows: int
    hash: str
    """128 bits, hexadecimal: the sum of the hashes of its rows."""


class Copy:
    """From `origin`, which is only read and with which nobody may crawl meanwhile, to `target`.

    Raises LedgerError where `target` holds anything else than nothing or a part of this very copy.
    """

    def __init__(self, origin: Database, target: Database, told: Told) -> None:
        self.origin, self.target, self.told = origin, target, told
        _check_free(origin)
        self.mark = self._begin(Mark(origin.id, _as_of(origin)))

    @property
    def goes_on(self) -> bool:
        """Something is copied already."""
        return self.mark.rows > 0

    def run(self) -> dict[str, Sum]:
        """All that is left to do; table -> what is in it, there as well as here."""
        total = sum(_fetch(self.origin, select(func.count()).select_from(table))[0][0] for table in TABLES)
        self.told.begin("copying", total)
        self._copy()
        asyncio.run(fill_search(self.target))
        self.told.begin("comparing", 2 * total)
        sums = {table.name: self._compared(table) for table in metadata.sorted_tables}
        self._end()
        return sums

    def _begin(self, first: Mark) -> Mark:
        found = _fetch(self.target, MARK)
        mark = Mark(*json.loads(found[0][0])) if found else None
        if mark and mark.id != first.id:
            raise LedgerError(f"{self.target.name} is a half copy of another ledger, and was left as it is")
        if mark and mark.as_of == first.as_of:
            return mark
        if mark:
            self.target.empty()
        elif any(_fetch(self.target, select(table).limit(1)) for table in TABLES):
            raise LedgerError(f"{self.target.name} holds a ledger already, and was left as it is; name an empty one")
        half.begin(self.target, first, _fetch(self.origin, select(meta).where(meta.c.name.not_in(LEFT_OUT))))
        return first

    def _copy(self) -> None:
        self.told.add(self.mark.rows)
        names = [table.name for table in TABLES]
        for table in TABLES[names.index(self.mark.table) if self.mark.table else 0 :]:
            after = self.mark.after if table.name == self.mark.table else ()
            for rows in _batches(self.origin, table, after):
                mark = self.mark._replace(
                    table=table.name, after=_key(table, rows[-1]), rows=self.mark.rows + len(rows)
                )
                values = [dict(zip(table.c.keys(), self._storable(row), strict=True)) for row in rows]
                half.write(self.target, self.mark, mark, table, values)
                self.mark = mark
                self.told.add(len(rows))

    def _compared(self, table: Table) -> Sum:
        here, there = (self._sum(database, table) for database in (self.origin, self.target))
        if here != there:
            half.write(self.target, self.mark, self.mark._replace(as_of=[]))
            counted = f"{here.rows} rows in one and {there.rows} in the other"
            raise LedgerError(
                f"{self.target.name} is not the same in {table.name} ({counted}); the same command copies it anew"
            )
        return there

    def _sum(self, database: Database, table: Table) -> Sum:
        total = number = 0
        for rows in _batches(database, table):
            for row in rows:
                if table is meta and row.name in LEFT_OUT:
                    continue
                value = repr(self._storable(row)).encode("utf-8", "surrogatepass")
                total += int.from_bytes(blake2b(value, digest_size=16).digest())
                number += 1
            self.told.add(len(rows))
        return Sum(number, f"{total % 2**128:032x}")

    def _storable(self, row: Row[Any]) -> tuple[Any, ...]:
        """PostgreSQL has no character U+0000; articles have none, but what else sites say may."""
        if not self.target.shared:
            return tuple(row)
        return tuple(value.replace("\0", "") if isinstance(value, str) else value for value in row)

    def _end(self) -> None:
        _check_free(self.origin)
        if _as_of(self.origin) != self.mark.as_of:
            raise BusyError(f"{self.origin.name} was crawled with meanwhile; the same command copies it anew")
        half.end(self.target, self.mark)


def _batches(database: Database, table: Table, after: Sequence[Any] = ()) -> Iterator[list[Row[Any]]]:
    """All rows by primary key, from behind that of the last one."""
    key = tuple_(*table.primary_key)
    statement = select(table).order_by(*table.primary_key).limit(BATCH)
    while rows := _fetch(database, statement.where(key > tuple(after)) if after else statement):
        yield rows
        after = _key(table, rows[-1])


def _key(table: Table, row: Row[Any]) -> tuple[Any, ...]:
    return tuple(getattr(row, column.name) for column in table.primary_key)


def _as_of(database: Database) -> list[Any]:
    return list(_fetch(database, AS_OF)[0])


def _check_free(database: Database) -> None:
    """A SQLite file has a lock for that. Raises BusyError."""
    if database.shared and (found := _fetch(database, AT_WORK)):
        told = f"run {', '.join(str(run) for run, _ in found)} is at work on {database.name}"
        rest = ceil(max(rest for _, rest in found))
        raise BusyError(f"{told}: copy it when that has ended; what was killed counts for {rest} seconds more")


@again
def _fetch(database: Database, statement: Any) -> list[Any]:
    with database.begin() as connection:
        return list(connection.execute(statement))
