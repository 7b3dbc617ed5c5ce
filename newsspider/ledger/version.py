"""The tables are made, or those of an older version become the newest: in one transaction, by one process alone."""

import uuid

from sqlalchemy import Connection, insert, inspect, select, text, update

from newsspider.ledger.errors import DAMAGED, LedgerError
from newsspider.ledger.tables import UPGRADES, VERSION, meta, metadata

ALONE = {
    "sqlite": ("BEGIN IMMEDIATE",),  # its driver begins none of its own for what makes or changes tables
    "postgresql": (
        "SET LOCAL lock_timeout = '60s'",
        "SELECT pg_advisory_xact_lock(1852143731)",
        "SET LOCAL lock_timeout = '4s'",
    ),
}
"""So that of several processes only one makes the tables; the others wait for it."""


def version_of(connection: Connection, name: str) -> int:
    """Of the ledger of this name; 0: there are no tables yet. Raises LedgerError."""
    if not inspect(connection).has_table(meta.name):
        return 0
    version = connection.scalar(select(meta.c.value).where(meta.c.name == "version"))
    if version is None:
        raise LedgerError(f"the ledger {name}: {DAMAGED}")
    return int(version)


def renew(connection: Connection, name: str) -> int:
    """The version that it has then. Raises LedgerError."""
    _alone(connection)
    version = version_of(connection, name)  # another process may have done it meanwhile
    if not version:
        _make(connection)
    elif version < VERSION:
        _upgrade(connection, version)
    return max(version, VERSION)


def begin_anew(connection: Connection) -> None:
    """Nothing is left of what was in it."""
    _alone(connection)
    metadata.drop_all(connection)
    _make(connection)


def _alone(connection: Connection) -> None:
    for statement in ALONE[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def _make(connection: Connection) -> None:
    metadata.create_all(connection)
    rows = {"version": str(VERSION), "id": uuid.uuid4().hex, "searchable": "0"}
    connection.execute(insert(meta), [{"name": name, "value": rows[name]} for name in rows])


def _upgrade(connection: Connection, version: int) -> None:
    for older in range(version, VERSION):
        for statement in UPGRADES[older]:
            connection.execute(text(statement))
    connection.execute(update(meta).where(meta.c.name == "version").values(value=str(VERSION)))
