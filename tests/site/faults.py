"""What can go wrong with an answer, on demand.

PAGES change what is answered, WIRES how it travels, CERTIFICATES who answers.
"""

import asyncio
import gzip
import re
import zlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from functools import cache

from tests.site import Page

HTML = {"Content-Type": "text/html; charset=utf-8"}
MEGABYTE = 2**20


@dataclass
class Fault:
    """One rule: `Fault(r"/read/1/", "429", times=1, value="2")`."""

    url: str
    """Regular expression, searched for in the absolute URL; in `https://host/` for a kind of CERTIFICATES."""
    kind: str
    """A status ("404", "503" …), or a key of PAGES, WIRES or CERTIFICATES."""
    times: int | None = None
    """How often it strikes; None: always."""
    value: str = ""
    """Retry-After of a status, Location of a redirect."""

    def strikes(self, url: str) -> bool:
        """Whether it is this request's turn; counts down."""
        if self.times == 0 or not re.search(self.url, url):
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def page(self, page: Page) -> Page:
        """What is answered instead of the page."""
        if self.kind.isdigit():
            headers = HTML | ({"Retry-After": self.value} if self.value else {})
            return Page(b"<html><body>Galat.</body></html>", int(self.kind), headers)
        return PAGES[self.kind](page, self.value) if self.kind in PAGES else page


def _broken_markup(page: Page, _: str) -> Page:
    """Closing tags missing and stray bytes between, and still whole to its end."""
    broken = re.sub(rb"</(?:p|li|a|strong)>", b"", page.body).replace(b"</body>", b"<<div \x00></span></body>")
    return replace(page, body=broken)


def _cp1252(page: Page, _: str) -> Page:
    return replace(page, body=page.body.decode().encode("cp1252", "xmlcharrefreplace"), headers=HTML)


def _meta_refresh(_: Page, url: str) -> Page:
    return Page(f'<html><meta http-equiv="refresh" content="0;url={url}"></html>'.encode(), 200, HTML)


PAGES: dict[str, Callable[[Page, str], Page]] = {
    "redirect": lambda _, location: Page(b"", 302, HTML | {"Location": location}),
    "meta-refresh": _meta_refresh,
    "soft-404": lambda *_: Page(b"<html><body><h1>Halaman tidak ditemukan</h1></body></html>", 200, HTML),
    "empty": lambda *_: Page(b"", 200, HTML),
    "latin-1-header": lambda page, _: replace(page, headers={"Content-Type": "text/html; charset=ISO-8859-1"}),
    "cp1252-bytes": _cp1252,
    "broken-markup": _broken_markup,
}

CERTIFICATES = frozenset(["wrong-authority", "wrong-host"])


def head(page: Page, headers: dict[str, str]) -> bytes:
    """Status line and headers, as on the wire."""
    lines = [f"{name}: {value}\r\n" for name, value in (page.headers | headers).items()]
    return f"HTTP/1.1 {page.status} -\r\n{''.join(lines)}\r\n".encode("latin-1")


Wire = AsyncGenerator[bytes, None]
"""The bytes of an answer; the connection ends after them."""


async def _truncated_gzip(page: Page) -> Wire:
    body = gzip.compress(page.body)
    body = body[: len(body) * 2 // 3]
    yield head(page, {"Content-Encoding": "gzip", "Content-Length": str(len(body))}) + body


async def _short(page: Page) -> Wire:
    yield head(page, {"Content-Length": str(len(page.body))}) + page.body[: len(page.body) // 2]


async def _cut(page: Page) -> Wire:
    yield head(page, {"Connection": "close"}) + page.body[: len(page.body) // 2]


async def _cut_chunked(page: Page) -> Wire:
    half = page.body[: len(page.body) // 2]
    yield head(page, {"Transfer-Encoding": "chunked"}) + f"{len(half):x}\r\n".encode() + half + b"\r\n"


async def _close_delimited(page: Page) -> Wire:
    """Whole, though nothing but the end of the connection says so."""
    yield head(page, {"Connection": "close"}) + page.body


async def _drip(page: Page) -> Wire:
    yield head(page, {"Content-Length": "100000"})
    while True:
        yield b" "
        await asyncio.sleep(0.1)


async def _silence(_: Page) -> Wire:
    await asyncio.Event().wait()
    yield b""


async def _huge(page: Page) -> Wire:
    yield head(page, {"Connection": "close"})
    for _ in range(300):
        yield b" " * MEGABYTE


async def _bomb(page: Page) -> Wire:
    body = _zeros(1024)
    yield head(page, {"Content-Encoding": "gzip", "Content-Length": str(len(body))}) + body


@cache
def _zeros(megabytes: int) -> bytes:
    """Many zeros as gzip: one compressed block over and over, and an honest trailer."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = deflate.compress(bytes(MEGABYTE)) + deflate.flush(zlib.Z_FULL_FLUSH)
    crc = 0
    for _ in range(megabytes):
        crc = zlib.crc32(bytes(MEGABYTE), crc)
    trailer = crc.to_bytes(4, "little") + (megabytes * MEGABYTE).to_bytes(4, "little")
    return b"\x1f\x8b\x08\0\0\0\0\0\2\xff" + block * megabytes + deflate.flush() + trailer


class ResetError(Exception):
    """The connection is to be reset, not closed."""


async def _reset(_: Page) -> Wire:
    raise ResetError
    yield b""


WIRES: dict[str, Callable[[Page], Wire]] = {
    "truncated-gzip": _truncated_gzip,
    "short": _short,
    "cut": _cut,
    "cut-chunked": _cut_chunked,
    "close-delimited": _close_delimited,
    "drip": _drip,
    "silence": _silence,
    "huge": _huge,
    "bomb": _bomb,
    "reset": _reset,
}
