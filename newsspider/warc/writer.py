"""Writing WARC 1.1: each record a gzip member of its own, so that a file cut short is readable up to the cut."""

import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]

CONVERSION = "conversion"
GZIP = zlib.MAX_WBITS | 16
FAST, STORED = 1, 0
"""Levels of compression; what came compressed is not compressed twice."""


class Message(NamedTuple):
    """One HTTP message, as on the wire."""

    start_line: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def level(self) -> int:
        encoded = any(name.lower() == b"content-encoding" for name, _ in self.headers)
        return STORED if encoded else FAST


class Head(StatusAndHeaders):  # type: ignore[misc]  # warcio is untyped
    """Start line and headers byte for byte; warcio's own would percent-encode what is not ASCII."""

    def __init__(self, message: Message) -> None:
        super().__init__("", [])
        lines = [message.start_line, *(name + b": " + value for name, value in message.headers)]
        self.raw = b"\r\n".join(lines) + b"\r\n\r\n"

    def __bool__(self) -> bool:
        return True

    def to_ascii_bytes(self, filter_func: object = None) -> bytes:
        return self.raw


class Writer:
    """One file. Errors of the disk come as OSError, and leave what was written before whole."""

    def __init__(self, path: Path, info: Mapping[str, str]) -> None:
        """Begin the file at `path`, which must not exist, with a warcinfo record of `info`."""
        self.path = path
        self._builder = WARCWriter(BytesIO(), gzip=False, warc_version="WARC/1.1")
        self._file = path.open("xb", buffering=0)
        warcinfo = self._builder.create_warcinfo_record(path.name, info)
        self._info_id = warcinfo.rec_headers["WARC-Record-ID"]
        self._append(_member(warcinfo, FAST))

    def exchange(self, url: str, request: Message, response: Message, ip_address: str | None = None) -> int:
        """Write one request and its response; returns how many bytes the file grew."""
        date = self._builder.curr_warc_date()
        fields = {"WARC-Date": date, "WARC-Warcinfo-ID": self._info_id}
        if ip_address:
            fields["WARC-IP-Address"] = ip_address
        answer = self._record(url, "response", response, fields)
        fields["WARC-Concurrent-To"] = answer.rec_headers["WARC-Record-ID"]
        question = self._record(url, "request", request, fields)
        return self._append(_member(question, request.level) + _member(answer, response.level))

    def conversion(self, url: str, kind: str, body: bytes) -> int:
        """Write what was made of an answer, of a media type; returns how many bytes the file grew."""
        fields = {"WARC-Date": self._builder.curr_warc_date(), "WARC-Warcinfo-ID": self._info_id}
        record = self._builder.create_warc_record(
            url, CONVERSION, payload=BytesIO(body), length=len(body), warc_content_type=kind, warc_headers_dict=fields
        )
        return self._append(_member(record, FAST))

    def close(self) -> None:
        self._file.close()

    def _record(self, url: str, kind: str, message: Message, fields: Mapping[str, str]) -> Any:
        return self._builder.create_warc_record(
            url,
            kind,
            payload=BytesIO(message.body),
            length=len(message.body),
            http_headers=Head(message),
            warc_headers_dict=fields,
        )

    def _append(self, data: bytes) -> int:
        end, rest = self._file.tell(), memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:
            self._file.seek(end)
            self._file.truncate()
            raise
        return len(data)


def _member(record: Any, level: int) -> bytes:
    plain = BytesIO()
    WARCWriter(plain, gzip=False).write_record(record)
    gzip = zlib.compressobj(level, zlib.DEFLATED, GZIP)
    return gzip.compress(plain.getbuffer()) + gzip.flush()
