"""Who is told of a run's end, on loopback: a mail server, and a web server in the place of Slack and others."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

SLACK, TELEGRAM = "/api/chat.postMessage", "/sendMessage"


@dataclass
class Web:
    """Answers as the service would whose path is asked for; `answers`: end of a path -> status and body."""

    answers: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    hangs: bool = False
    log: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Path with query, and what was posted."""
    authorizations: list[str | None] = field(default_factory=list)
    url: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    def posted(self, end: str) -> list[dict[str, Any]]:
        """To paths that end so."""
        return [body for path, body in self.log if path.endswith(end)]

    def paths(self) -> list[str]:
        return [path for path, _ in self.log]


@contextmanager
def web(tls: SSLContext | None = None, **how: Any) -> Iterator[Web]:
    """Serves until the block ends; `how` is for Web."""
    found = Web(**how)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(json.loads(body))

        def answer(self, body: dict[str, Any]) -> None:
            found.log.append((self.path, body))
            found.authorizations.append(self.headers["Authorization"])
            if found.hangs:
                found.over.wait(60)
                return
            usual = (200, {"ok": True})
            status, said = next((how for end, how in found.answers.items() if self.path.endswith(end)), usual)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Whoever does not trust us hangs up."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    found.url = f"{'https' if tls else 'http'}://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Mails:
    """A mail server; `refuses`: receivers that it does not know; `fails`: it takes no mail at all."""

    refuses: tuple[str, ...] = ()
    fails: bool = False
    port: int = 0
    got: list[EmailMessage] = field(default_factory=list)
    receivers: list[str] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  # aiosmtpd names it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.fails:
            return "500 internal error"
        assert isinstance(envelope.content, bytes)
        self.got.append(cast(EmailMessage, message_from_bytes(envelope.content, policy=policy.default)))
        self.receivers += envelope.rcpt_tos
        return "250 OK"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, way: str, given: object) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.logins.append((given.login, given.password))
        return AuthResult(success=given.password == b"right", handled=False)


@contextmanager
def mails(tls: SSLContext | None = None, *, at_once: bool = False, **how: Any) -> Iterator[Mails]:
    """Serves until the block ends. With `tls`: STARTTLS and a login are a must; `at_once`: from the start."""
    found = Mails(**how)
    ready, loop = threading.Event(), asyncio.new_event_loop()
    login = {"authenticator": found.authenticate, "auth_require_tls": not at_once}
    starttls = {"require_starttls": True, "tls_context": tls, "auth_required": True}
    strict = (login if at_once else login | starttls) if tls else {}

    def protocol() -> SMTP:
        return SMTP(found, hostname="localhost", loop=loop, **strict)

    async def serve() -> None:
        server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls if at_once else None)
        found.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    stop = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    ready.wait(5)
    try:
        yield found
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


@contextmanager
def silence() -> Iterator[int]:
    """A port that accepts and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextmanager
def nobody() -> Iterator[int]:
    """A port that refuses: bound, and nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
