"""The site of the crawl: day indexes and article pages, each answer made once and compressed, plain HTTP on loopback.

`python -m benchmarks.server ARTICLES [SECONDS]` prints its port, then serves until its standard input closes; each
answer takes so many seconds more, as over a long line.
"""

import asyncio
import gzip
import sys
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import uvloop

from benchmarks.pages import DAY, FIRST_DAY, padded, page, stories
from tests.site.lists import list_pages
from tests.site.markup import date_text
from tests.site.stories import Story

STEP = 20
"""Entries on one page of a day's index."""
HEAD = "HTTP/1.1 {status}\r\nContent-Type: {type}; charset=utf-8\r\nContent-Length: {length}\r\n{more}\r\n"
MISSING = HEAD.format(status="404 Not Found", type="text/html", length=0, more="").encode()


def answer(body: bytes, kind: str = "text/html") -> bytes:
    """A whole response, gzip as the site sends it."""
    packed = gzip.compress(body, 6)
    more = "Content-Encoding: gzip\r\n"
    return HEAD.format(status="200 OK", type=kind, length=len(packed), more=more).encode() + packed


def _day(number: int, listed: list[Story]) -> dict[str, bytes]:
    base = "https://www.sindonews.com/indeks/9"
    query = f"?t={FIRST_DAY + timedelta(number)}"
    pages = list_pages(listed, lambda offset: [f"{base}/{offset}{query}"], STEP, "2024", date_text, "international")
    return {url: padded(each.body) for url, each in pages.items()}


def site(count: int) -> dict[bytes, bytes]:
    """Host and path of every page -> its answer."""
    articles = stories(count)
    bodies = {each.url: each.body for each in map(page, articles)}
    for number, start in enumerate(range(0, count, DAY)):
        bodies |= _day(number, articles[start : start + DAY])
    answers = {_key(url): answer(body) for url, body in bodies.items()}
    robots = answer(b"User-agent: *\nDisallow: /search\n", "text/plain")
    return answers | {_key(f"https://{host}.sindonews.com/robots.txt"): robots for host in ("www", "international")}


def _key(url: str) -> bytes:
    parts = urlsplit(url)
    return f"{parts.netloc}{parts._replace(scheme='', netloc='').geturl()}".encode()


class Server(asyncio.Protocol):
    """HTTP/1.1 as far as these crawlers speak it: GET without a body, the connection stays open."""

    def __init__(self, answers: dict[bytes, bytes], latency: float) -> None:
        self.answers = answers
        self.latency = latency
        self.asked = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        *requests, self.asked = (self.asked + data).split(b"\r\n\r\n")
        for request in requests:
            answer = self.answers.get(self._wanted(request), MISSING)
            asyncio.get_running_loop().call_later(self.latency, self._write, answer)

    def _write(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)

    def _wanted(self, request: bytes) -> bytes:
        first, *lines = request.split(b"\r\n")
        headers = dict(line.lower().split(b": ", 1) for line in lines)
        return headers[b"host"] + first.split(b" ")[1]


async def serve(answers: dict[bytes, bytes], latency: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Server(answers, latency), "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(serve(site(int(sys.argv[1])), float(*sys.argv[2:])))
