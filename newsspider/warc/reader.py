"""Reading what was recorded, by a crawl or by another tool; knows nothing of a crawl."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from warcio.bufferedreaders import ChunkedDataReader  # type: ignore[import-untyped]

from newsspider.warc.records import BLANK_LINE, Place, Record, TornError, WarcFile

CONVERSION = "conversion"
SUFFIXES = (".warc", ".warc.gz")

Headers = list[tuple[bytes, bytes]]


class Found(NamedTuple):
    """Where an answer is recorded."""

    url: str
    time: datetime
    """In UTC."""
    offset: int
    """Where its record begins in the file, bytes."""
    rendered: bool
    """It is no answer, but what a browser made of one."""


class Capture(NamedTuple):
    """One recorded answer."""

    url: str
    time: datetime
    """In UTC."""
    status: int
    headers: Headers
    body: bytes
    """Chunks joined, otherwise as transferred: Content-Encoding is still on it."""
    path: Place
    offset: int
    rendered: bool = False
    """By a browser."""


def files(path: Path) -> list[Path]:
    """The WARC files that a path means: itself, or those in the folder, by name."""
    return sorted(found for found in path.iterdir() if found.name.endswith(SUFFIXES)) if path.is_dir() else [path]


def captures(path: Path) -> Iterator[Capture]:
    """Every whole answer in a file or folder, in the order it was written."""
    for file in files(path):
        warc = WarcFile(file)
        for found in answers(warc):
            try:
                if not found.rendered:
                    yield read(warc, found.offset)
            except TornError as error:
                warc.skip(found.offset, error)


def answers(warc: WarcFile) -> Iterator[Found]:
    """Where the answers of a file are, and the rendered pages; their bodies are not kept."""
    for record in warc:
        kind = record.fields.get("warc-type")
        if kind in ("response", CONVERSION) and target(record).startswith(("http://", "https://")):
            try:
                yield Found(target(record), moment(record), record.offset, kind == CONVERSION)
            except ValueError as error:
                warc.skip(record.offset, error)


def read(warc: WarcFile, offset: int) -> Capture:
    """The answer whose record begins at `offset`. Raises TornError."""
    return capture(warc.record(offset), warc.path)


def capture(record: Record, path: Place) -> Capture:
    """The answer that a whole record in `path` holds. Raises TornError."""
    if record.fields.get("warc-type") == CONVERSION:
        headers = [(b"Content-Type", record.fields.get("content-type", "").encode())]
        return Capture(target(record), moment(record), 200, headers, record.block, path, record.offset, True)
    head, _, body = record.block.partition(BLANK_LINE)
    start_line, *lines = head.split(b"\r\n")
    headers = [(name, value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    try:
        status = int(start_line.split()[1])
    except (IndexError, ValueError) as error:
        raise TornError(f"its status line is {start_line[:40]!r}") from error
    return Capture(target(record), moment(record), status, *_joined(headers, body), path, record.offset)


def target(record: Record) -> str:
    """The URL that was asked for; empty where there is none."""
    return record.fields.get("warc-target-uri", "").strip("<>")  # wget 1.19 writes <URL>


def moment(record: Record) -> datetime:
    """When it came, in UTC. Raises ValueError."""
    time = datetime.fromisoformat(record.fields.get("warc-date", ""))
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _joined(headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    """Chunks, which other tools record as they came, made one."""
    if (b"transfer-encoding", b"chunked") not in ((name.lower(), value.lower()) for name, value in headers):
        return headers, body
    reader = ChunkedDataReader(BytesIO(body))
    return [pair for pair in headers if pair[0].lower() != b"transfer-encoding"], b"".join(iter(reader.read, b""))
