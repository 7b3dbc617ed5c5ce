"""What only PostgreSQL needs: a connection that waits for no server that is gone, and errors in words."""

from functools import partial
from time import monotonic
from typing import Any, Self
from uuid import uuid4

import psycopg
from psycopg import errors
from psycopg.abc import PQGen
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from newsspider.ledger.errors import LedgerError, LedgerUrlError, LostError, SilentError

Error = psycopg.Error

LIBPQ: dict[str, Any] = {
    "client_encoding": "utf8",
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 4000,
}
"""What a URL may say otherwise: ?connect_timeout=10. 2 seconds are the least that can be said."""
SESSION = (
    "-c lock_timeout=4s"
    " -c idle_in_transaction_session_timeout=3s"  # less than the others wait for a lock of one who sleeps
    " -c client_connection_check_interval=10s"
)
SILENCE = 1.0
"""Seconds after which a server that says nothing is asked whether it is there; then after twice as many, and so on."""
LONGEST = {True: 120.0, False: 3600.0}
"""Seconds that a statement may take, of one who writes (a crawl hears no signal meanwhile), and of one who reads."""

END_FORMER = """
SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
WHERE application_name = current_setting('application_name') AND pid != pg_backend_pid()
"""
ON_DISK = """
SELECT set_config('synchronous_commit', 'local', false) WHERE current_setting('synchronous_commit') = 'off'
"""
"""What is committed stays: the crawl goes on from there."""

SILENT = "the database does not answer{}; run the same command again when it does"
RIGHTS = "this user has no right to do that ({}): GRANT it, or name another user"
STATES = {
    "25006": "it is read-only; make it writable and run the same command again",
    "3F000": "there is no schema for its tables ({})",
    "42501": RIGHTS,
    "42P01": "its tables are not those of a ledger ({})",
    "42703": "its tables are not those of a ledger ({})",
    "53100": "the disk is full; make room and run the same command again",
    "55P03": "another program holds it; end that and run the same command again",
}
"""SQLSTATE -> what is wrong, and what to do."""
LOST_STATES = frozenset(("40001", "40P01", "25P03", "57P01", "57P02", "57P03", "57P05", "53300"))
"""And all of class 08: what may go well over a new connection."""
FIRM = {
    "Name or service not known": "there is no such host ({})",
    "permission denied": RIGHTS,
    "password authentication failed": "the password or the user is wrong ({})",
    "no password supplied": "it wants a password: give it in PGPASSWORD or in ~/.pgpass",
    'database "': "there is no such database ({}): make it with createdb, or name another one",
    'role "': "there is no such user ({})",
    "no pg_hba.conf entry": "it lets nobody in from here ({}): see its pg_hba.conf",
}
"""Signs in what a server says to one who connects, in its own language: of these no patience mends any."""


def engine(url: URL, *, writes: bool) -> Engine:
    """Raises LedgerUrlError, ImportError."""
    if url.get_driver_name() != "psycopg":
        raise LedgerUrlError("LEDGER_URL: PostgreSQL is spoken to with psycopg: write postgresql+psycopg://...")
    made = create_engine(url, poolclass=NullPool)
    event.listen(made, "do_connect", partial(_connect, f"newsspider {uuid4()}", LONGEST[writes]))
    return made


def _connect(name: str, longest: float, dialect: Any, record: Any, args: Any, given: dict[str, Any]) -> "Patient":
    options = f"{SESSION} {given.get('options', '')}".strip()
    made = Patient.connect(**{**LIBPQ, **given, "options": options, "application_name": name}, autocommit=True)
    made.longest = longest
    _check_encoding(made)
    _end_former(made)
    made.execute(ON_DISK)
    made.autocommit = False
    return made


def _end_former(connection: psycopg.Connection[Any]) -> None:
    """A commit that was cut off may be under way: what follows must know what came of it. Raises OperationalError."""
    if not all(ended for (ended,) in connection.execute(END_FORMER)):
        connection.close()
        raise psycopg.OperationalError("the former connection does not end")


def _check_encoding(connection: psycopg.Connection[Any]) -> None:
    """Raises LedgerUrlError."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        name = connection.info.dbname
        connection.close()
        raise LedgerUrlError(
            f"LEDGER_URL: the database {name} holds {encoding}: make it with createdb -E UTF8 -T template0"
        )


class Patient(psycopg.Connection[Any]):
    """Waits for a slow statement as long as the server answers others, and for no server that does not."""

    _given: dict[str, Any]
    longest = LONGEST[False]

    @classmethod
    def connect(cls, *args: Any, **given: Any) -> Self:
        made = super().connect(*args, **given)
        made._given = given
        return made

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Raises ConnectionTimeout; the connection is then closed."""
        end, silence = monotonic() + self.longest, timeout or SILENCE
        while True:
            try:
                return super().wait(gen, interval, silence)
            except errors._WaitTimeout:
                if timeout:
                    raise
                if monotonic() > end or not self._answers():
                    self.pgconn.finish()
                    raise errors.ConnectionTimeout("timeout expired") from None
                silence *= 2

    def rollback(self) -> None:
        """Of a connection that is cut, too: what cut it is what is told."""
        if not self.closed:
            super().rollback()

    def _answers(self) -> bool:
        """Whether it says anything at all to one who comes."""
        try:
            psycopg.connect(**self._given).close()
        except errors.ConnectionTimeout:
            return False
        except psycopg.OperationalError:
            pass
        return True


def failure(error: BaseException | None, name: str) -> LedgerError:
    """In the words of the person who can mend it; a LostError where it is worth while to run it again."""
    reason = (str(error).splitlines() or [type(error).__name__])[0].removeprefix("connection failed: ")
    state = getattr(error, "sqlstate", None) or ""
    if isinstance(error, errors.ConnectionTimeout):
        return SilentError(f"{name}: {SILENT.format('')}")
    if state in LOST_STATES or state.startswith("08"):
        return LostError(f"{name}: {SILENT.format('')}")
    if state or not isinstance(error, psycopg.OperationalError):
        return LedgerError(f"{name}: {STATES.get(state, '{}').format(reason)}")
    for sign, told in FIRM.items():
        if sign in reason:
            return LedgerError(f"{name}: {told.format(reason)}")
    return LostError(f"{name}: {SILENT.format(f' ({reason})')}")
