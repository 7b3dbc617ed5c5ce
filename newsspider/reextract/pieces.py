"""One file, shared by many: each piece is read on its own, and put together they say what one reader would have.

Where a piece begins is a guess, for inside a page there may stand what looks like a record. The piece before it knows:
it reads on to the end of its last record. Where the two disagree the piece is read again from where it should begin.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from newsspider.reextract.places import UNREADABLE, Place, why
from newsspider.reextract.site import Site, site
from newsspider.warc.reader import CONVERSION, moment, target
from newsspider.warc.records import BEGINNING, PLAIN_START, Border, Record, WarcFile

LARGEST, SMALLEST = 64 << 20, 1 << 20
"""Bytes of a piece, as they lie on the disk."""
A_WORKER = 4
"""Pieces for each worker, where they do not get too small by it: so none waits long for the last."""
MOST_BYTES = 10 << 20
"""Of an answer, as in a crawl (DOWNLOAD_MAXSIZE)."""
FOLLOWING = frozenset(("warcinfo", "request", "metadata"))
"""Records that only say something about others."""


class Piece(NamedTuple):
    """What one worker reads at a time."""

    number: int
    """Of the file."""
    place: Place
    begin: int
    end: int


class Found(NamedTuple):
    """A kept page of an article, and where it is."""

    article: str
    """Canonical URL."""
    page: int
    """Which page of it, see `Site.page`."""
    time: float
    offset: int
    length: int


class Skipped(NamedTuple):
    """A record that is left out."""

    offset: int
    reason: str


@dataclass
class Findings:
    """Of one piece."""

    first: int | None = None
    """Where the first whole record begins."""
    border: Border = BEGINNING
    """Where the next piece begins."""
    found: list[Found] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    error: str | None = None
    """Why the file cannot be read on."""


def cut(places: list[Place], workers: int) -> list[Piece]:
    """All files in pieces, in order."""
    size = sum(place.size for place in places) // (workers * A_WORKER)
    size = min(max(size, SMALLEST), LARGEST)
    return [piece for number, place in enumerate(places) for piece in _cut(number, place, size)]


def _cut(number: int, place: Place, size: int) -> Iterator[Piece]:
    """As even as they can be."""
    pieces = max(round(place.size / size), 1)
    borders = [place.size * n // pieces for n in range(pieces + 1)]
    for begin, end in pairwise(borders):
        yield Piece(number, place, begin, end)


def guessed(piece: Piece) -> Border:
    """Where a piece begins as long as nobody knows better."""
    return Border(piece.begin, piece.begin == 0)


def right(piece: Piece, findings: Findings, border: Border) -> bool:
    """Whether what was found from the guess on is what there is to find from the border on."""
    nothing = findings.first is None and border.offset >= piece.end
    return not border.whole or findings.first == border.offset or nothing


class _Skips(WarcFile):
    """Keeps what it leaves out instead of logging it, for that is done by a worker, elsewhere perhaps."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, place.first(len(PLAIN_START)))
        self.skipped: list[Skipped] = []

    def skip(self, offset: int, error: Exception) -> None:
        self.skipped.append(Skipped(offset, f"torn: {error}"))


def find(orders: bytes, piece: Piece, border: Border) -> Findings:
    """What the site's articles left in a piece, from the border on. Never raises for what stands in the file."""
    findings, here = Findings(), site(orders)
    try:
        warc = _Skips(piece.place)
        findings.skipped = warc.skipped
        for record in warc.walk(border, piece.end):
            if findings.first is None:
                findings.first = record.offset
            _look(record, here, findings)
        findings.border = warc.border
        findings.counts["torn"] = len(warc.skipped) - findings.counts["foreign"]
    except UNREADABLE as error:
        findings.error = why(error)
    return findings


def _look(record: Record, here: Site, findings: Findings) -> None:
    kind, url = record.fields.get("warc-type", ""), target(record)
    if kind in FOLLOWING:
        return
    findings.counts["records"] += 1
    if not here.has(url):
        findings.counts["other hosts"] += 1
    elif kind not in ("response", CONVERSION):
        _foreign(record, f"a {kind or 'nameless'} record, no response", findings)
    elif page := here.article(url):
        _take(record, *page, findings)
    else:
        findings.counts["no article"] += 1


def _foreign(record: Record, what: str, findings: Findings) -> None:
    findings.skipped.append(Skipped(record.offset, f"foreign: {what}"))
    findings.counts["foreign"] += 1


def _take(record: Record, article: str, page: int, findings: Findings) -> None:
    try:
        rendered = record.fields["warc-type"] == CONVERSION  # a page without what was said above it
        time, status = moment(record).timestamp(), 200 if rendered else int(record.block.split(None, 2)[1])
    except (ValueError, IndexError):
        _foreign(record, "its date or its status line is none", findings)
        return
    if record.fields.get("warc-truncated"):
        findings.counts["truncated"] += 1
    elif status != 200:
        findings.counts["other answers"] += 1
    elif int(record.fields["content-length"]) > MOST_BYTES:
        findings.counts["too large"] += 1
    else:
        findings.found.append(Found(article, page, time, record.offset, record.end - record.offset))
