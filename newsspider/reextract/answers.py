"""A kept answer as the spiders get one from the site: unpacked, whole, in UTF-8, and a page where it looks like one.

Other tools keep answers in other ways. Common Crawl's news of before May 2019 has the headers of what came over the
wire (Content-Encoding, Content-Length, chunks) above what was made of it; servers lie about the Content-Type.
"""

from scrapy import Request
from scrapy.http import HtmlResponse, Response

from newsspider.download import DamagedResponseError
from newsspider.download.charset import CharsetMiddleware, is_utf8
from newsspider.download.compression import unpacked
from newsspider.download.whole import damage
from newsspider.warc import RENDERED
from newsspider.warc.reader import Capture

CHARSET = CharsetMiddleware()
IDENTITY = (b"identity", b"none", b"")


def answer(request: Request, capture: Capture, limit: int) -> Response:
    """Raises DamagedResponseError, also where it is no page."""
    headers = {name.lower(): value for name, value in capture.headers}
    encodings = [] if (packed := headers.get(b"content-encoding", b"").strip().lower()) in IDENTITY else [packed]
    body = _unpacked(capture.body, encodings, limit)
    if not _is_page(body):
        raise DamagedResponseError("it is no page" if body.strip() else "it is empty")
    told = {"Content-Type": headers.get(b"content-type", b"")}
    if headers.get(b"content-length") == b"%d" % len(capture.body):
        told["Content-Length"] = headers[b"content-length"]  # the others prove nothing: whether the end is there does
    encoding = "utf-8" if is_utf8(body) else None
    flags = [RENDERED] if capture.rendered else []
    response = HtmlResponse(request.url, capture.status, told, body, flags, request, encoding=encoding)
    if reason := damage(request, response):
        raise DamagedResponseError(reason)
    return response if encoding else CHARSET.process_response(request, response)


def _unpacked(body: bytes, encodings: list[bytes], limit: int) -> bytes:
    try:
        return unpacked(body, encodings, limit)
    except DamagedResponseError:
        if not _is_page(body):
            raise
        return body  # it was unpacked before it was kept


def _is_page(body: bytes) -> bool:
    """By its first bytes, as browsers look; a byte order mark or blanks may stand before the first tag."""
    return body[:512].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1] == b"<"
