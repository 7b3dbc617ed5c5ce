"""The records of a WARC file, whole ones only; what is torn is skipped and said."""

import logging
import zlib
from collections.abc import Iterator
from io import SEEK_END, BytesIO
from typing import BinaryIO, Literal, NamedTuple, Protocol

logger = logging.getLogger(__name__)

GZIP = zlib.MAX_WBITS | 16
CHUNK = 1 << 14
MAX_HEAD = 1 << 14
"""Bytes; no record's own headers are longer."""
BLANK_LINE = b"\r\n\r\n"
GZIP_START, PLAIN_START = b"\x1f\x8b\x08", b"WARC/1."


class TornError(Exception):
    """A record that is not whole."""


class Record(NamedTuple):
    """A whole record; of its `block` no more than the beginning unless all of it was asked for."""

    offset: int
    """Where it begins in the file, bytes."""
    fields: dict[str, str]
    """Its own headers, names in lower case."""
    block: bytes
    end: int
    """Where the next record begins."""


class Place(Protocol):
    """Where a file lies: a path, or what is read like one."""

    @property
    def name(self) -> str: ...
    def open(self, mode: Literal["rb"]) -> BinaryIO: ...


class Border(NamedTuple):
    """Where the reading of a file's part ended."""

    offset: int
    whole: bool
    """False: inside a hole."""


BEGINNING = Border(0, True)


class WarcFile:
    """One file, .warc or .warc.gz. Errors of the disk come as OSError."""

    def __init__(self, path: Place, start: bytes | None = None) -> None:
        """`start`: its first bytes, where they are known."""
        self.path = path
        self.torn = 0
        """How many holes were met; each has its warning in the log."""
        self.border = BEGINNING
        """Where `walk` stopped."""
        plain = _is_plain(path, _first(path) if start is None else start)
        self._start, self._read = (PLAIN_START, _plain_record) if plain else (GZIP_START, _gzip_record)

    def __iter__(self) -> Iterator[Record]:
        """Every whole record, without its block; reads the file once and keeps nothing of it."""
        return self.walk(BEGINNING)

    def walk(self, border: Border, end: int | None = None) -> Iterator[Record]:
        """The whole records that begin at the border or behind it, and before `end` (None: the file's).

        From one border to the next, a file read in parts gives what it gives when it is read at once.
        """
        with self.path.open("rb") as file:
            (offset, whole), size = border, file.seek(0, SEEK_END) if end is None else end
            while offset < size:
                try:
                    record = self._read(file, offset, False)
                except TornError as error:
                    if whole:
                        self.skip(offset, error)
                    whole, offset = False, _find(file, self._start, offset + 1, size)
                else:
                    yield record
                    whole, offset = True, record.end
            self.border = Border(offset, whole)

    def record(self, offset: int) -> Record:
        """The record that begins at `offset`, with its block. Raises TornError."""
        with self.path.open("rb") as file:
            return self._read(file, offset, True)

    def skip(self, offset: int, error: Exception) -> None:
        """Count and say that what stands at `offset` is left out."""
        self.torn += 1
        logger.warning("%s: the record at byte %d is torn and left out: %s", self.path, offset, error)


def parse(data: bytes) -> Record:
    """The record, .gz or not, that these bytes are. Raises TornError."""
    read = _plain_record if data.startswith(PLAIN_START) else _gzip_record
    return read(BytesIO(data), 0, True)


def _first(path: Place) -> bytes:
    with path.open("rb") as file:
        return file.read(len(PLAIN_START))


def _is_plain(path: Place, start: bytes) -> bool:
    """By its first bytes; by its name where these are damaged."""
    return start.startswith(PLAIN_START) or not (start.startswith(GZIP_START) or path.name.endswith(".gz"))


def _gzip_record(file: BinaryIO, offset: int, whole: bool) -> Record:
    data, size, end = _inflate(file, offset, None if whole else MAX_HEAD)
    fields, start, length = _fields(data)
    rest = size - start - length
    if rest < 0:
        raise TornError("it is shorter than its Content-Length")
    if rest > len(BLANK_LINE):
        raise TornError("its gzip member holds more than one record; `warcio recompress` mends that")
    return Record(offset, fields, data[start : start + length], end)


def _inflate(file: BinaryIO, offset: int, keep: int | None) -> tuple[bytes, int, int]:
    """The gzip member at `offset`: its first bytes (`keep` or more), its whole size, and where the next one begins."""
    file.seek(offset)
    inflater, kept, size = zlib.decompressobj(GZIP), bytearray(), 0
    while not inflater.eof:
        chunk = file.read(CHUNK)
        try:
            plain = inflater.decompress(chunk)
        except zlib.error as error:
            raise TornError(str(error)) from error
        if not chunk:
            raise TornError("the file ends inside it")
        size += len(plain)
        if keep is None or len(kept) < keep:
            kept += plain[:keep]
    return bytes(kept), size, file.tell() - len(inflater.unused_data)


def _plain_record(file: BinaryIO, offset: int, whole: bool) -> Record:
    file.seek(offset)
    fields, start, length = _fields(file.read(MAX_HEAD))
    file.seek(offset + start)
    block = file.read(length if whole else min(length, MAX_HEAD))
    file.seek(offset + start + length)
    if file.read(len(BLANK_LINE)) != BLANK_LINE:
        raise TornError("it does not end where its Content-Length says")
    return Record(offset, fields, block, file.tell())


def _fields(data: bytes) -> tuple[dict[str, str], int, int]:
    """A record's headers, where its block starts in `data`, and the block's length."""
    head, blank, _ = data.partition(BLANK_LINE)
    if not (head.startswith(PLAIN_START) and blank):
        raise TornError("no record begins there")
    pairs = (line.partition(":") for line in head.decode("utf-8", "replace").split("\r\n")[1:])
    fields = {name.strip().lower(): value.strip() for name, _, value in pairs}
    if not fields.get("content-length", "").isdecimal():
        raise TornError("it has no Content-Length")
    return fields, len(head) + len(blank), int(fields["content-length"])


def _find(file: BinaryIO, start: bytes, offset: int, size: int) -> int:
    """Where `start` stands next, from `offset` on; `size` if nowhere."""
    while offset < size:
        file.seek(offset)
        chunk = file.read(CHUNK)
        found = chunk.find(start)
        if found >= 0:
            return offset + found
        offset += max(len(chunk) - len(start) + 1, 1)
    return size
