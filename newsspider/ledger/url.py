"""LEDGER_URL: which database, and how it is shown to people."""

import re

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from newsspider.ledger.errors import LedgerUrlError

WRITE = "write sqlite:///folder/file.sqlite or postgresql+psycopg://user@host/database"
SQLITE = ("sqlite", "sqlite+pysqlite")


def read_url(url: str) -> URL:
    """Raises LedgerUrlError, in which no password stands."""
    try:
        found = make_url(url)
    except (ArgumentError, ValueError):  # of a port that is no number
        raise LedgerUrlError(f"LEDGER_URL {without_password(url)!r} is no database; {WRITE}") from None
    if found.drivername not in SQLITE and found.get_backend_name() != "postgresql":
        raise LedgerUrlError(f"LEDGER_URL {without_password(url)}: there is no database {found.drivername}; {WRITE}")
    if "@" in (found.host or ""):
        raise LedgerUrlError(f"LEDGER_URL {without_password(url)!r}: an @ in its password is written %40")
    return found


def without_password(url: str) -> str:
    """For people to see; also of what is no URL, and may have a password in it all the same.

    >>> without_password("postgresql+psycopg://me:secret@host/ledger?password=secret")
    'postgresql+psycopg://***@host/ledger'
    >>> without_password("me:sec@ret@host/ledger"), without_password("sqlite:///a@b.sqlite")
    ('***@host/ledger', 'sqlite:///a@b.sqlite')
    """
    return url if url.startswith("sqlite") else re.sub(r"^(.*?//)?.*@", r"\1***@", url.partition("?")[0])
