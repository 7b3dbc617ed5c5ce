"""A real PostgreSQL, started by the tests on a free port in a folder of its own."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

USER = "postgres"
"""Debian's; PostgreSQL refuses to run as root."""


def _programs() -> Path | None:
    """Debian keeps them out of PATH, a folder a version."""
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return places[-1] if places else None


PROGRAMS = _programs()
needs_postgres = pytest.mark.skipif(PROGRAMS is None, reason="no PostgreSQL is installed (apt-get install postgresql)")


class Postgres:
    """The server; `url(database)` is what LEDGER_URL takes. It ends with the process that began it."""

    def __init__(self, **settings: str) -> None:
        assert PROGRAMS
        self.settings = settings
        self.folder = Path(tempfile.mkdtemp(prefix="newsspider-postgres-"))
        self._as: list[str] = []
        if os.geteuid() == 0:
            shutil.chown(self.folder, USER, USER)
            self._as = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--pdeathsig=QUIT"]
        self.data = self.folder / "data"
        command = [*self._as, str(PROGRAMS / "initdb"), "-D", str(self.data), "-U", USER, "-A", "trust", "--no-sync"]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder)
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port: int = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Answers when this returns."""
        assert PROGRAMS
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off", **self.settings}
        options = {"port": self.port, **settings}
        given = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            command = [*self._as, str(PROGRAMS / "postgres"), "-D", str(self.data), *given]
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        end = time.monotonic() + 30
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((self.folder / "log").read_text())
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Cuts every connection. SIGINT: its files are whole; SIGQUIT: as if the machine had failed."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    def connect(self, database: str = USER) -> psycopg.Connection[Any]:
        return psycopg.connect(host="127.0.0.1", port=self.port, user=USER, dbname=database, autocommit=True)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{database}"

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)  # nothing of it is needed any more
        shutil.rmtree(self.folder, ignore_errors=True)


class Base:
    """A database of its own on that server, empty."""

    def __init__(self, server: Postgres, name: str) -> None:
        self.server, self.name = server, name
        with server.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())

    @property
    def url(self) -> str:
        return self.server.url(self.name)

    def sql(self, statement: str, *values: Any) -> list[Any]:
        """A look into it, or a change of it."""
        with self.server.connect(self.name) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []
