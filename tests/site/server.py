"""The site's server: a proxy on loopback that answers for every host itself, so that a crawl runs on it unchanged.

`python -m tests.site.server` serves the sample and prints the environment for a crawl: `eval` it, then `scrapy crawl`.
"""

import asyncio
import gzip
import shlex
import socket
import struct
import sys
import threading
from collections.abc import Iterable
from contextlib import ExitStack, aclosing, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from ssl import SSLContext
from tempfile import TemporaryDirectory
from time import monotonic
from types import TracebackType
from typing import Self

from tests.site import Page, Pages
from tests.site.certificates import Authority
from tests.site.faults import CERTIFICATES, HTML, WIRES, Fault, ResetError, Wire, head

MISSING = Page(b"<html><body>Tidak ada.</body></html>", 404, HTML)
GONE = (OSError, asyncio.IncompleteReadError)


@dataclass(frozen=True)
class Entry:
    """One request that arrived."""

    time: float
    """When it arrived, monotonic seconds."""
    method: str
    url: str
    status: int
    """What was answered; of a fault on the wire, what was pretended."""
    headers: dict[str, str]
    """As sent, names in lower case."""

    @property
    def user_agent(self) -> str | None:
        return self.headers.get("user-agent")


@lru_cache(4096)
def _compressed(body: bytes) -> bytes:
    return gzip.compress(body, 1, mtime=0)


class Site:
    """`with Site(pages) as site:` serves until the block ends; `site.env` is what a crawling process needs."""

    def __init__(self, pages: Pages, *, delay: float = 0.0, faults: Iterable[Fault] = ()) -> None:
        self.pages = pages
        self.delay = delay
        self.faults = list(faults)
        self.log: list[Entry] = []
        self.tunnels: list[str] = []
        """host:port of every CONNECT."""

    def urls(self) -> list[str]:
        """Every URL that was asked for, in order."""
        return [entry.url for entry in self.log]

    @property
    def env(self) -> dict[str, str]:
        """Variables that lead a process through this proxy and make it trust this authority."""
        names = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
        return dict.fromkeys(names, f"http://127.0.0.1:{self.port}") | {
            "no_proxy": "",
            "NO_PROXY": "",
            "SSL_CERT_FILE": str(self.authority.pem),
        }

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        trusted, other = (Path(self._stack.enter_context(TemporaryDirectory())) for _ in range(2))
        self.authority, self._stranger = Authority(trusted), Authority(other)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._stack.close()

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._connections: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port: int = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections)
        await asyncio.sleep(0.01)  # transports close in the loop's next rounds

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        with suppress(*GONE, asyncio.CancelledError):
            await self._converse(reader, writer)
            await _close(writer)
        _abort(writer)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Request after request, until the client or a fault ends the connection."""
        origin = ""
        while True:
            method, target, headers = await _request(reader)
            if method == "CONNECT":
                origin = await self._tunnel(writer, target)
            else:
                url = target if "://" in target else (origin or f"http://{headers.get('host', '')}") + target
                if not await self._answer(writer, method, url, headers):
                    return

    async def _tunnel(self, writer: asyncio.StreamWriter, target: str) -> str:
        """Turn the connection to TLS; the origin (https://host) that it now speaks for."""
        self.tunnels.append(target)
        host, _, port = target.rpartition(":")
        writer.write(b"HTTP/1.1 200 -\r\n\r\n")
        await writer.start_tls(self._context(host))
        return f"https://{host}" if port == "443" else f"https://{target}"

    def _context(self, host: str) -> SSLContext:
        fault = self._fault(f"https://{host}/", certificate=True)
        if fault is None:
            return self.authority.context(host)
        return self.authority.context("wrong.test") if fault.kind == "wrong-host" else self._stranger.context(host)

    def _fault(self, url: str, *, certificate: bool = False) -> Fault | None:
        asked = (fault for fault in self.faults if (fault.kind in CERTIFICATES) == certificate)
        return next((fault for fault in asked if fault.strikes(url)), None)

    async def _answer(self, writer: asyncio.StreamWriter, method: str, url: str, headers: dict[str, str]) -> bool:
        """Answer one request; False when the connection is to end."""
        arrived = monotonic()
        page, fault = self.pages.get(url, MISSING), self._fault(url)
        if fault:
            page = fault.page(page)
        self.log.append(Entry(arrived, method, url, page.status, headers))
        await asyncio.sleep(self.delay)
        if fault and fault.kind in WIRES:
            await _break(writer, WIRES[fault.kind](page))
            return False
        await _send(writer, _whole(page, method, headers))
        return headers.get("connection", "").lower() != "close"


async def _request(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str]]:
    """Method, target and headers of the next request; its body is read and dropped."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
    method, target, _ = lines[0].split(" ")
    pairs = (line.partition(":") for line in lines[1:] if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    await reader.readexactly(int(headers.get("content-length", 0)))
    return method, target, headers


def _whole(page: Page, method: str, asked: dict[str, str]) -> bytes:
    """The page as it should be: compressed where that is accepted and worth it, with its length."""
    body, extra = page.body, {}
    if "gzip" in asked.get("accept-encoding", "") and len(body) > 1024 and "Content-Encoding" not in page.headers:
        body, extra = _compressed(body), {"Content-Encoding": "gzip"}
    return head(page, extra | {"Content-Length": str(len(body))}) + (b"" if method == "HEAD" else body)


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


def _abort(writer: asyncio.StreamWriter) -> None:
    with suppress(AttributeError):  # Python 3.11, where TLS is gone already
        writer.transport.abort()


async def _break(writer: asyncio.StreamWriter, wire: Wire) -> None:
    try:
        async with aclosing(wire):
            async for data in wire:
                await _send(writer, data)
    except ResetError:
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        _abort(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    """Let what was written arrive, but wait for no one who does not hang up."""
    writer.close()
    with suppress(*GONE, TimeoutError):
        await asyncio.wait_for(writer.wait_closed(), 1)
    _abort(writer)


def main() -> None:
    """Serve the sample until interrupted."""
    from tests.site.content import pages

    with Site(pages()) as site, suppress(KeyboardInterrupt):
        exports = (f"export {name}={shlex.quote(value)}" for name, value in site.env.items())
        sys.stdout.write("\n".join(exports) + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
