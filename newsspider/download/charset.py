"""The bytes say what they are: what is UTF-8 is read as UTF-8, whatever the header claims."""

import codecs

from scrapy import Request
from scrapy.http import HtmlResponse, Response, TextResponse, XmlResponse
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

_ONE_BYTE = {"utf-8", "cp1252", "latin-1", "iso8859-1", "ascii"}
"""Declarations that prove nothing: servers put them on everything."""


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Where bytes are not UTF-8 they are cp1252, as in browsers: also its five holes have a character."""
    assert isinstance(error, UnicodeDecodeError)
    strays = error.object[error.start : error.end]
    return "".join(bytes([stray]).decode("cp1252", "ignore") or chr(stray) for stray in strays), error.end


codecs.register_error("newsspider.cp1252", _as_cp1252)


def text(body: bytes, declared: str) -> str:
    """A body as text, without mojibake and without U+FFFD for what can be read; `declared` is a codec's name.

    >>> text("“Jum'at” – é".encode("cp1252"), "utf-8")
    "“Jum'at” – é"
    >>> text("“Jum'at”".encode() + b" \\x96", "cp1252")
    "“Jum'at” –"
    """
    if codecs.lookup(declared).name not in _ONE_BYTE:
        try:
            return body.decode(declared)
        except UnicodeDecodeError:
            pass
    return body.decode("utf-8-sig", "newsspider.cp1252")


class CharsetMiddleware:
    """After the answer is known to be whole."""

    def process_response(self, request: Request, response: Response) -> Response:
        if not isinstance(response, HtmlResponse | XmlResponse):
            return response
        return response.replace(encoding="utf-8") if is_utf8(response.body) else _recoded(response)


def is_utf8(body: bytes) -> bool:
    """
    >>> is_utf8("é".encode()), is_utf8(b"\\xe9")
    (True, False)
    """
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _recoded(response: TextResponse) -> Response:
    return response.replace(body=text(response.body, _declared(response)).encode(), encoding="utf-8")


def _declared(response: TextResponse) -> str:
    """Never Scrapy's guess, which may be another alphabet."""
    header = response.headers.get("Content-Type", b"") or b""
    return (
        read_bom(response.body)[0]
        or http_content_type_encoding(header.decode("latin-1"))
        or html_body_declared_encoding(response.body)
        or "utf-8"
    )
