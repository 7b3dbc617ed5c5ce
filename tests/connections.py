"""Ways in which a connection to PostgreSQL ends: what is between it and a crawl fails, or the server does."""

import random
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self

import psutil

from tests.postgres import Postgres

PIECE = 65536
STILL = 20.0


class Wire:
    """Stands between clients and the server; `port` is where it listens."""

    def __init__(self, server: Postgres) -> None:
        self.server = server
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]
        self.dead = False
        """Nothing comes through any more, and nobody is told."""
        self.loses = 0.0
        """The share of commits that are passed on while their answer is not."""
        self.lost = 0
        self._chance = random.Random(3)
        self.clients: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listening.shutdown(socket.SHUT_RDWR)
        for each in (self.listening, *self.clients):
            each.close()

    def url(self, database: str) -> str:
        return self.server.url(database).replace(f":{self.server.port}/", f":{self.port}/")

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listening.accept()
                self.clients.append(client)
                if not self.dead:
                    threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(("127.0.0.1", self.server.port)) as there:
            while not self.dead:
                ready, _, _ = select.select([client, there], [], [], 0.05)
                for each in ready:
                    piece = each.recv(PIECE)
                    if not piece:
                        return
                    if each is client and self._loses(piece):
                        there.sendall(piece)
                        return
                    (there if each is client else client).sendall(piece)
            time.sleep(STILL)

    def _loses(self, piece: bytes) -> bool:
        if b"COMMIT" not in piece or not self.loses:
            return False
        lost = self._chance.random() < self.loses
        self.lost += lost
        return lost


@contextmanager
def frozen(server: Postgres) -> Iterator[None]:
    """None of its processes does anything, and each connection stands."""
    assert server.process
    main = psutil.Process(server.process.pid)
    found = [main, *main.children(recursive=True)]
    try:
        _tell(found, signal.SIGSTOP)
        yield
    finally:
        _tell(found, signal.SIGCONT)


def _tell(found: list[psutil.Process], number: signal.Signals) -> None:
    for each in found:
        with suppress(psutil.NoSuchProcess):  # it was about to end
            each.send_signal(number)


def restart(server: Postgres, how: signal.Signals) -> None:
    server.stop(how)
    server.start()
