"""A ledger that is not whole yet: how far its copying is stands in itself, written together with the rows."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

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
    text,
    update,
)

from newsspider.ledger.database import Database, again
from newsspider.ledger.errors import BusyError
from newsspider.ledger.tables import HALF, meta, metadata

TABLES = [table for table in metadata.sorted_tables if table is not meta]
"""What a row refers to comes before it."""
OF_EACH = ("version", "searchable")
"""Names in `meta` that each database has for itself."""
MARK = select(meta.c.value).where(meta.c.name == HALF)
NUMBERED = [table.c.id for table in TABLES if table.autoincrement_column is not None]
ANALYZE = text(f"ANALYZE {', '.join(table.name for table in TABLES)}")
"""PostgreSQL learns what it has got; until it came to that by itself, a crawl would be slow."""


class Mark(NamedTuple):
    """How far a copy is, as it stands in it."""

    id: str
    """Of the ledger that is copied."""
    as_of: list[Any]
    """Its runs when that began; empty: what was copied is not to be gone on with."""
    table: str = ""
    after: Sequence[Any] = ()
    """The primary key of the last row that is there."""
    rows: int = 0
    """How many are."""

    def __str__(self) -> str:
        return json.dumps(self)


@again
def begin(database: Database, mark: Mark, named: Sequence[Row[Any]]) -> None:
    """In an empty ledger; `named` is what stands in the `meta` of the one that is copied."""
    with database.begin() as connection:
        connection.execute(delete(meta).where(meta.c.name.not_in(OF_EACH)))
        rows = [*(row._asdict() for row in named), {"name": HALF, "value": str(mark)}]
        connection.execute(insert(meta), rows)


@again
def write(
    database: Database, before: Mark, mark: Mark, table: Table | None = None, rows: Sequence[dict[str, Any]] = ()
) -> None:
    """Rows, and with them how far it is."""
    with database.begin() as connection:
        if database.rerun and connection.scalar(MARK) == str(mark):
            return
        _change(connection, before, update(meta).values(value=str(mark)))
        if table is not None:
            connection.execute(insert(table), rows)


@again
def end(database: Database, before: Mark) -> None:
    """All is there, and the same: from now on it is a ledger."""
    with database.durable() as connection:
        if database.shared:
            for column in NUMBERED:
                connection.execute(_next_id(column))
            connection.execute(ANALYZE)
        if not database.rerun or connection.scalar(MARK) is not None:
            _change(connection, before, delete(meta))


def _change(connection: Connection, before: Mark, change: Update | Delete) -> None:
    """The mark, if it is as this process left it. Raises BusyError."""
    if connection.execute(change.where(meta.c.name == HALF, meta.c.value == str(before))).rowcount != 1:
        raise BusyError("another copy to the same place is at work")


def _next_id(column: Column[Any]) -> Select[Any]:
    """PostgreSQL's own count of a table goes on behind what was copied."""
    last = func.max(column)
    sequence = func.pg_get_serial_sequence(column.table.name, column.name)
    return select(func.setval(sequence, func.coalesce(last, 1), last.isnot(None)))
