"""All of it: find what is kept, read it, and hand over each article once, that with the newest capture first."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from typing import Protocol

from newsspider.items import Article
from newsspider.reextract import NothingError
from newsspider.reextract.articles import ERRORS, NO_ARTICLE, Batch, Kept, Sheets, Unread, read
from newsspider.reextract.captures import Captures
from newsspider.reextract.pieces import Findings, Piece, cut, find, guessed, right
from newsspider.reextract.places import Place
from newsspider.reextract.workers import Workers
from newsspider.warc.records import BEGINNING, Border

logger = logging.getLogger(__name__)

COUNTS = {
    "records": "answers kept",
    "other hosts": "of other sites",
    "no article": "of other pages",
    "other answers": "not 200",
    "truncated": "truncated",
    "too large": "too large",
    "foreign": "foreign",
    "torn": "torn",
    "damaged": "damaged",
    "again": "under a second address",
}
"""What is counted, and how it is told."""
A_BATCH = 150
"""Articles that a worker reads at a time."""
PARTS = 4
"""Of a batch that killed its readers: each is read on its own."""
KILLED = "its reader was killed by it"


class Watch(Protocol):
    """Someone who is told how far it is."""

    def begin(self, what: str, total: int) -> None: ...
    def add(self, number: int) -> None: ...


@dataclass
class Run:
    """What it was about, and what came of it."""

    orders: bytes
    places: list[Place]
    workers: Workers
    watch: Watch
    failed: dict[str, str] = field(default_factory=dict)
    """Files that could not be read, or not to their end, and why."""
    counts: Counter[str] = field(default_factory=Counter)
    """Of records, see COUNTS; `pages` were read."""
    stats: Counter[str] = field(default_factory=Counter)
    """The stats that a crawl of these pages would have."""
    articles: int = 0
    """How many came out."""

    def batches(self) -> Iterator[list[Article]]:
        """The articles, some at a time."""
        captures = Captures(self.places)
        try:
            self.look(captures, cut(self.places, self.workers.count))
            self.watch.begin("articles", len(captures))
            seen: set[bytes] = set()
            for batch in self._read(_in_batches(captures.articles(), A_BATCH)):
                articles = [article for article in batch.articles if self._once(article, seen)]
                self.articles += len(articles)
                yield articles
                self.watch.add(batch.asked)
        finally:
            captures.close()

    def _once(self, article: Article, seen: set[bytes]) -> bool:
        """Captures of one article may stand under several addresses; its newest came first."""
        digest = blake2b(article.url.encode(), digest_size=16).digest()
        if digest in seen:
            self.counts["again"] += 1
            return False
        seen.add(digest)
        return True

    def check(self) -> None:
        """Says which files could not be read. Raises NothingError."""
        for place, why in self.failed.items():
            logger.warning("%s cannot be read: %s", place, why)
        if not self.articles:
            raise NothingError(
                f"no article came out ({self._counted_records() or 'no answer kept'}); the files are as they were"
            )

    @property
    def objections(self) -> list[str]:
        """What is not as it should be."""
        told = {"files could not be read to their end": len(self.failed), "pages raised an error": self.stats[ERRORS]}
        return [f"{number} {what}" for what, number in told.items() if number]

    def told(self, seconds: float) -> str:
        """For the last line."""
        but = ", but " + " and ".join(self.objections) if self.objections else ""
        speed = self.counts["pages"] / seconds if seconds else 0
        return (
            f"extracted again{but}; {self.articles} articles, {self.stats[NO_ARTICLE]} without one,"
            f" {self._counted_records()}; {seconds:.0f} s, {speed:.0f} pages/s"
        )

    def _counted_records(self) -> str:
        return ", ".join(f"{self.counts[name]} {told}" for name, told in COUNTS.items() if self.counts[name])

    # What is kept

    def look(self, captures: Captures, pieces: list[Piece]) -> None:
        """Put into `captures` what is in the pieces, which are those of each file in order."""
        self.watch.begin("bytes", sum(place.size for place in self.places))
        calls = ((self.orders, piece, guessed(piece)) for piece in pieces)
        border = BEGINNING
        for (_, piece, _), findings in self.workers.each(find, calls):
            if piece.begin == 0:
                border = BEGINNING
            if findings is not None and not (findings.error or right(piece, findings, border)):
                ((_, findings),) = self.workers.each(find, [(self.orders, piece, border)])
            border = self._found(captures, piece, border, findings or Findings(error=KILLED))
            self.watch.add(piece.end - piece.begin)

    def _found(self, captures: Captures, piece: Piece, border: Border, findings: Findings) -> Border:
        """Where the next piece begins."""
        captures.add(piece.number, findings.found)
        self.counts += findings.counts
        for skipped in findings.skipped:
            self._tell(piece.place, skipped.offset, skipped.reason)
        if findings.error:
            self.failed.setdefault(str(piece.place), f"from byte {piece.begin} on: {findings.error}")
            return Border(piece.end, False)
        return border if border.whole and border.offset >= piece.end else findings.border

    def _tell(self, place: Place, offset: int, reason: str) -> None:
        logger.warning("%s: the record at byte %d is left out: %s", place, offset, reason)

    # What it says

    def _read(self, wanted: Iterable[list[Sheets]]) -> Iterator[Batch]:
        """Articles that kill their readers are looked for, and left out."""
        for (_, sheets), batch in self.workers.each(read, ((self.orders, some) for some in wanted)):
            if batch is None and len(sheets) > 1:
                yield from self._read(_in_batches(sheets, max(len(sheets) // PARTS, 1)))
            else:
                yield self._counted(batch or self._once_more(sheets))

    def _once_more(self, sheets: list[Sheets]) -> Batch:
        """It may have been another one that killed its readers."""
        ((_, batch),) = self.workers.each(read, [(self.orders, sheets)])
        return batch or _killed(sheets)

    def _counted(self, batch: Batch) -> Batch:
        self.stats += batch.stats
        self.counts["pages"] += batch.pages
        for (place, offset, _), reason in batch.skipped:
            self.counts["damaged"] += 1
            self._tell(place, offset, reason)
        return batch


def _killed(sheets: list[Sheets]) -> Batch:
    return Batch(skipped=[Unread(kept, KILLED) for each in sheets for kept in _newest(each)], asked=len(sheets))


def _newest(sheets: Sheets) -> list[Kept]:
    return [captures[0] for captures in sheets.pages.values()]


def _in_batches(sheets: Iterable[Sheets], size: int) -> Iterator[list[Sheets]]:
    rest = iter(sheets)
    while some := list(islice(rest, size)):
        yield some
