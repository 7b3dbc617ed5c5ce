"""A ledger moves to another database: batch by batch, and then what is read there is compared with what is here.

How far it is stands in the copy itself, as the row HALF of its `meta`, written with each batch; until that row is gone
the copy is no ledger. A ledger that was crawled with since the copy began is copied anew.
"""

import asyncio
import json
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol

from sqlalchemy import (
    Column,
    Connection,
    Delete,
    Row,
    Select,
    Table,
    Update,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)

from newsspider.ledger.database import Database, fill_search
from newsspider.ledger.errors import BusyError, LedgerError
from newsspider.ledger.tables import HALF, meta, metadata, runs

BATCH = 500
"""Rows in memory at once."""
TABLES = [table for table in metadata.sorted_tables if table is not meta]
"""What a row refers to comes before it."""
NUMBERED = [table.c.id for table in TABLES if table.autoincrement_column is not None]
OF_EACH = ("version", "searchable", HALF)
"""Names in `meta` that each database has for itself."""
Key = tuple[Any, ...]


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
        self.id, self.as_of = origin.id, _as_of(origin)
        _check_free(origin)
        self.mark = self._begin()

    @property
    def goes_on(self) -> bool:
        """Something is copied already."""
        return json.loads(self.mark)["table"] is not None

    def run(self) -> dict[str, Sum]:
        """All that is left to do; table -> what is in it, there as well as here."""
        self._copy()
        asyncio.run(fill_search(self.target))
        sums = self._compare()
        self._end()
        return sums

    # The mark

    def _begin(self) -> str:
        with self.target.begin() as connection:
            mark: str | None = connection.scalar(select(meta.c.value).where(meta.c.name == HALF))
            used = mark is None and any(connection.execute(select(table).limit(1)).first() for table in TABLES)
        if used:
            raise LedgerError(f"{_name(self.target)} holds a ledger already and was left as it is; name an empty one")
        begun = json.loads(mark or "{}")
        if mark and begun["id"] != self.id:
            raise LedgerError(f"{_name(self.target)} is a half copy of another ledger; it was left as it is")
        if mark and begun["as_of"] == self.as_of:
            return mark
        if mark:
            self.target.renew()
        return self._mark_first()

    def _mark_first(self) -> str:
        mark = self._marked(None, None)
        with self.origin.begin() as connection:
            rows = connection.execute(select(meta).where(meta.c.name.not_in(OF_EACH))).mappings().all()
        with self.target.begin() as connection:
            connection.execute(delete(meta).where(meta.c.name.not_in(OF_EACH)))
            connection.execute(insert(meta), [*map(dict, rows), {"name": HALF, "value": mark}])
        return mark

    def _marked(self, table: str | None, after: Key | None) -> str:
        return json.dumps({"id": self.id, "as_of": self.as_of, "table": table, "after": after})

    def _mine(self, connection: Connection, change: Update | Delete) -> None:
        """Change the mark, if it is as this process left it. Raises BusyError."""
        mine = (meta.c.name == HALF) & (meta.c.value == self.mark)
        if connection.execute(change.where(mine)).rowcount != 1:
            raise BusyError(f"another copy to {_name(self.target)} is at work")

    # The rows

    def _copy(self) -> None:
        begun = json.loads(self.mark)
        names = [table.name for table in TABLES]
        first = names.index(begun["table"]) if begun["table"] else 0
        self.told.begin("copying", sum(_counts(self.origin)) - sum(_counts(self.target)))
        for table in TABLES[first:]:
            after = tuple(begun["after"]) if table.name == begun["table"] else None
            for rows in _batches(self.origin, table, after):
                self._write(table, rows)

    def _write(self, table: Table, rows: list[Row[Any]]) -> None:
        mark = self._marked(table.name, _key(table, rows[-1]))
        values = [dict(zip(table.c.keys(), self._storable(row), strict=True)) for row in rows]
        with self.target.begin() as connection:
            self._mine(connection, update(meta).values(value=mark))
            connection.execute(insert(table), values)
        self.mark = mark
        self.told.add(len(rows))

    def _storable(self, row: Iterable[Any]) -> tuple[Any, ...]:
        """PostgreSQL has no character U+0000; an article never has it, but what else sites say may."""
        return tuple(value.replace("\0", "") if isinstance(value, str) else value for value in row)

    # The end

    def _compare(self) -> dict[str, Sum]:
        self.told.begin("comparing", 2 * sum(_counts(self.origin)))
        sums = {}
        for table in metadata.sorted_tables:
            here, there = (self._sum(database, table) for database in (self.origin, self.target))
            if here != there:
                self._spoil()
                counted = f"{here.rows} rows in one and {there.rows} in the other"
                raise LedgerError(
                    f"{_name(self.target)} is not the same in {table.name} ({counted}); the same command copies it anew"
                )
            sums[table.name] = there
        return sums

    def _sum(self, database: Database, table: Table) -> Sum:
        total = number = 0
        for rows in _batches(database, table, None):
            for row in rows:
                if table is meta and row.name in OF_EACH:
                    continue
                value = repr(self._storable(row)).encode("utf-8", "surrogatepass")
                total += int.from_bytes(blake2b(value, digest_size=16).digest())
                number += 1
            self.told.add(len(rows))
        return Sum(number, f"{total % 2**128:032x}")

    def _spoil(self) -> None:
        """What is there is not to be gone on with."""
        self.as_of = []
        with self.target.begin() as connection:
            self._mine(connection, update(meta).values(value=self._marked(None, None)))

    def _end(self) -> None:
        _check_free(self.origin)
        if _as_of(self.origin) != self.as_of:
            raise BusyError(f"{_name(self.origin)} was crawled with meanwhile; the same command copies it anew")
        with self.target.durable() as connection:
            if _is_postgres(self.target):
                for column in NUMBERED:
                    connection.execute(_next_id(column))
            self._mine(connection, delete(meta))


def _batches(database: Database, table: Table, after: Key | None) -> Iterator[list[Row[Any]]]:
    """All rows by primary key, from behind that of the last one."""
    key = tuple_(*table.primary_key)
    while True:
        statement = select(table).order_by(*table.primary_key).limit(BATCH)
        with database.begin() as connection:
            rows = list(connection.execute(statement.where(key > after) if after else statement))
        if not rows:
            return
        yield rows
        after = _key(table, rows[-1])


def _key(table: Table, row: Row[Any]) -> Key:
    return tuple(getattr(row, column.name) for column in table.primary_key)


def _counts(database: Database) -> Iterator[int]:
    with database.begin() as connection:
        for table in TABLES:
            yield connection.scalar(select(func.count()).select_from(table)) or 0


def _as_of(database: Database) -> list[Any]:
    """Another one after every crawl, for each is a run."""
    with database.begin() as connection:
        return list(connection.execute(AS_OF).one())


def _check_free(database: Database) -> None:
    """A SQLite file has a lock for that. Raises BusyError."""
    if _is_postgres(database):
        with database.begin() as connection:
            at_work = connection.scalars(AT_WORK).all()
        if at_work:
            numbers = ", ".join(map(str, at_work))
            raise BusyError(f"{_name(database)} is crawled with (run {numbers}); copy it when that has ended")


def _is_postgres(database: Database) -> bool:
    return database.engine.dialect.name == "postgresql"


def _next_id(column: Column[Any]) -> Select[Any]:
    """PostgreSQL's own count of a table goes on behind what was copied."""
    last = func.max(column)
    sequence = func.pg_get_serial_sequence(column.table.name, column.name)
    return select(func.setval(sequence, func.coalesce(last, 1), last.isnot(None)))


def _name(database: Database) -> str:
    return database.url.render_as_string() if _is_postgres(database) else str(database.url.database)


AS_OF = select(func.count(), func.max(runs.c.id), func.count(runs.c.ended), func.max(runs.c.ended))
AT_WORK = select(runs.c.id).where(runs.c.ended.is_(None), runs.c.alive > func.extract("epoch", func.clock_timestamp()))
