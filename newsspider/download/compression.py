"""A compressed body must reach its end mark: Scrapy takes what it gets."""

import sys
import zlib
from collections.abc import Callable, Iterable
from typing import cast

import brotli  # type: ignore[import-untyped]
from scrapy import Request, Spider
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.http import Response
from scrapy.utils._compression import _DecompressionMaxSizeExceeded

from newsspider.download import DamagedResponseError
from newsspider.download.whole import damaged

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP_MAGIC = b"\x1f\x8b"
MOST_MEMBERS = 100
BROKEN = (zlib.error, brotli.error, zstd.ZstdError)


class StrictCompressionMiddleware(HttpCompressionMiddleware):
    """Takes the place of Scrapy's; too much is refused as there, by DOWNLOAD_MAXSIZE."""

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        try:
            decoded = cast("Response", super().process_response(request, response))
        except DamagedResponseError as error:
            return damaged(response, str(error))
        except BROKEN:
            return damaged(response, "its compressed body is broken")
        if decoded.headers.get("Content-Encoding") and request.method != "HEAD":
            return damaged(response, "its encoding is unknown")
        return decoded

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        """Raises DamagedResponseError, one of BROKEN, or what Scrapy raises for too much."""
        return DECODERS[encoding](body, max_size) if body else body


def _ended(decoded: bytes, end: bool, limit: int) -> bytes:
    if limit and len(decoded) > limit:
        raise _DecompressionMaxSizeExceeded(len(decoded), limit)
    if not end:
        raise DamagedResponseError("its compressed body is cut")
    return decoded


def _inflated(body: bytes, limit: int, wbits: int) -> tuple[bytes, bytes]:
    """Decoded, and what follows; no more than a byte above the limit is ever decoded."""
    stream = zlib.decompressobj(wbits)
    decoded = stream.decompress(body, limit and limit + 1)
    return _ended(decoded, stream.eof, limit), stream.unused_data


def _gzip(body: bytes, limit: int) -> bytes:
    """One gzip after another, as the format allows; other bytes after the last are none of the page's."""
    decoded = b""
    for _ in range(MOST_MEMBERS):
        member, body = _inflated(body, limit, 16 + zlib.MAX_WBITS)
        decoded = _ended(decoded + member, True, limit)
        if not body or not GZIP_MAGIC.startswith(body[:2]):
            return decoded
    raise DamagedResponseError("its compressed body is in too many parts")


def _deflate(body: bytes, limit: int) -> bytes:
    try:
        return _inflated(body, limit, zlib.MAX_WBITS)[0]
    except zlib.error:  # some servers leave out the header
        return _inflated(body, limit, -zlib.MAX_WBITS)[0]


def _brotli(body: bytes, limit: int) -> bytes:
    stream = brotli.Decompressor()
    decoded = stream.process(body, output_buffer_limit=limit + 1) if limit else stream.process(body)
    return _ended(decoded, stream.is_finished(), limit)


def _zstd(body: bytes, limit: int) -> bytes:
    stream = zstd.ZstdDecompressor()
    decoded = stream.decompress(body, limit + 1 if limit else -1)
    return _ended(decoded, stream.eof, limit)


DECODERS: dict[bytes, Callable[[bytes, int], bytes]] = {
    b"gzip": _gzip,
    b"x-gzip": _gzip,
    b"deflate": _deflate,
    b"br": _brotli,
    b"zstd": _zstd,
}


def unpacked(body: bytes, encodings: Iterable[bytes], limit: int) -> bytes:
    """A body without its encodings, the last of which was put on last. Raises DamagedResponseError."""
    for encoding in reversed([name.strip().lower() for each in encodings for name in each.split(b",")]):
        if encoding not in DECODERS:
            raise DamagedResponseError("its encoding is unknown")
        try:
            body = DECODERS[encoding](body, limit) if body else body
        except BROKEN:
            raise DamagedResponseError("its compressed body is broken") from None
        except _DecompressionMaxSizeExceeded:
            raise DamagedResponseError("it is too large") from None
    return body
