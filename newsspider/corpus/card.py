"""What a data card says: what those who did not crawl a corpus have to know of it."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from newsspider import __version__
from newsspider.corpus.counts import Counts
from newsspider.feeds.hash import sha256
from newsspider.feeds.schema import explained
from newsspider.items import Clustered
from newsspider.ledger.gaps import Gap

MOST_GAPS = 100
"""Lines of a card."""


class Hashed(NamedTuple):
    """An export on the disk."""

    files: int
    size: int
    sha256: str
    """Of a folder: of what `sha256sum` prints of its files, by name."""


@dataclass(kw_only=True)
class Facts:
    """What a card tells."""

    export: Path
    made: str
    """When, ISO 8601 in UTC."""
    chosen: Mapping[str, str]
    """The arguments of the export: since, until, subsection, revision."""
    counts: Counts
    gaps: list[Gap]
    losses: Counter[str]

    @cached_property
    def hashed(self) -> Hashed:
        """Reads it once."""
        if self.export.is_file():
            return Hashed(1, self.export.stat().st_size, sha256(self.export))
        files = sorted(path for path in self.export.rglob("*") if path.is_file())
        listed = "".join(f"{sha256(path)}  {path.relative_to(self.export)}\n" for path in files)
        size = sum(path.stat().st_size for path in files)
        return Hashed(len(files), size, hashlib.sha256(listed.encode()).hexdigest())


def card(facts: Facts) -> Iterator[str]:
    """Lines of Markdown."""
    counts = facts.counts
    yield f"# {facts.export.name}: {counts.articles:,} articles of {SOURCE}\n"
    yield from _table(("what", "value"), _summary(facts))
    yield "\n## Counts\n\nArticles by the month in which they were published, and sub-section.\n"
    yield from _months(counts)
    yield "\n## Fields\n\nShare of articles in which a field is not empty.\n"
    yield from _fields(counts)
    yield "\n## What was cleaned\n"
    yield from _cleaned(facts)
    yield "\n## Gaps\n"
    yield from _gaps(facts)
    yield from _cited(facts)
    yield WHOSE.format(vanished=facts.losses["vanished"])


def _summary(facts: Facts) -> Iterator[tuple[str, str]]:
    counts, (files, size, digest) = facts.counts, facts.hashed
    yield "published", _span(counts, "published")
    yield "crawled", _span(counts, "crawled")
    yield "chosen", ", ".join(f"{name}={value}" for name, value in facts.chosen.items()) or "all"
    yield "revisions", facts.chosen.get("revision", "the latest of each article")
    yield "text", f"{counts.sums['paragraphs']:,} paragraphs, {counts.sums['words']:,} words, in Indonesian"
    if "cluster" in counts.fields:
        yield (
            "near-duplicates",
            f"articles that tell nearly what an earlier one told (`cluster`): {counts.sums['in a cluster']:,}",
        )
    yield "size", f"{size:,} bytes" + (f" in {files:,} files" if facts.export.is_dir() else "")
    yield "SHA-256", digest + (" (of the list that sha256sum prints, by name)" if facts.export.is_dir() else "")
    yield "made", f"{facts.made}, by newsspider {__version__}"
    yield "layouts read", ", ".join(f"{name}: {number:,}" for name, number in sorted(counts.layouts.items()))


def _span(counts: Counts, name: str) -> str:
    return " to ".join(dict.fromkeys(counts.spans.get(name, ["not known"])))


def _months(counts: Counts) -> Iterator[str]:
    labels = sorted({label for of in counts.months.values() for label in of})
    rows = [
        (month, *(f"{of[label]:,}" for label in labels), f"{of.total():,}")
        for month, of in sorted(counts.months.items())
    ]
    yield from _table(("month", *labels, "all"), rows)


def _fields(counts: Counts) -> Iterator[str]:
    said, all_of = explained(Clustered), max(counts.articles, 1)
    rows = ((f"`{name}`", f"{100 * counts.filled[name] / all_of:.1f} %", said[name]) for name in counts.fields)
    yield from _table(("field", "filled", "what it is"), rows)


def _cleaned(facts: Facts) -> Iterator[str]:
    sums, lost = facts.counts.sums, facts.losses
    dropped = (f"{name.removeprefix('dropped/')} {number:,}" for name, number in sorted(lost.items()) if "/" in name)
    yield f"- paragraphs removed as second copies: {sums['repeated']:,}; articles: {sums['with repeated']:,}"
    yield f"- cross references, now in `related`: {sums['related']:,}; articles: {sums['with related']:,}"
    yield f"- taken off the text, now fields: datelines {sums['dateline']:,}, initials of editors {sums['editor']:,}"
    yield f"- articles whose time is that of their address, for the page shows none: {sums['by address']:,}"
    yield f"- articles of which a part could not be had (`complete`): {sums['incomplete']:,}"
    yield f"- articles that changed since they were first crawled (`revision`): {sums['revised']:,}"
    yield f"- pages that became no article, of all that were ever crawled: {', '.join(dropped) or '0'}"
    yield "- advertisements, share buttons, page furniture, broken characters: gone; the words are as they were"


def _gaps(facts: Facts) -> Iterator[str]:
    lost = facts.losses
    yield (
        f"Of all articles that were ever found: still to be asked for {lost['owed']:,}, could not be had"
        f" {lost['failed']:,}, gone {lost['gone']:,}."
    )
    if not facts.gaps:
        yield "Every day of the period was read to its end, and `scrapy gaps` finds none."
        return
    yield f"Days with gaps, as `scrapy gaps` finds them: {sum(gap.days for gap in facts.gaps):,}. {MISSING}\n"
    rows = ((gap.first, gap.last, gap.told) for gap in facts.gaps[:MOST_GAPS])
    yield from _table(("from", "to", "what is missing"), rows)
    if len(facts.gaps) > MOST_GAPS:
        yield f"\n… and {len(facts.gaps) - MOST_GAPS:,} more."


def _cited(facts: Facts) -> Iterator[str]:
    yield CITED.format(
        source=SOURCE,
        number=f"{facts.counts.articles:,}",
        period=_span(facts.counts, "published"),
        crawled=_span(facts.counts, "crawled"),
        version=__version__,
        digest=facts.hashed.sha256[:16],
        year=facts.made[:4],
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield _row(head)
    yield _row(("---",) * len(head))
    yield from map(_row, rows)


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


SOURCE = "SINDOnews"
MISSING = (
    "Owed are articles that are still to be asked for, failed those that could not be had yet, given up those that are"
    " tried no more, gone those that the site no longer has. Usual is what days of the same weekday around have."
)
CITED = """
## How to cite

An article: its authors, title, {source}, `published`, `url`. The corpus, with your name in it:

```bibtex
@misc{{sindonews-corpus-{year},
  title = {{{source}: {number} news articles, published {period}}},
  author = {{YOUR NAME}},
  year = {{{year}}},
  note = {{Texts by {source}. Crawled {crawled} with newsspider {version}. SHA-256 {digest}…}},
}}
```
"""
WHOSE = """## Whose texts these are

Each text belongs to its publisher (`source`) and its authors. newsspider gives nobody a right to pass them on, and
neither does who gave you this file. What that means:

- Reading, counting and analysing for yourself is one thing, publishing or selling the texts another: ask the publisher,
  and look at what the law of your country says on research and quotation.
- Share freely what is no text: this card, addresses (`url`), counts, and what you found out. With the addresses others
  can make the corpus themselves: `scrapy crawl sindonews -a url=...`.
- Models and derived data can give texts back word for word: look before you publish them.
- The articles name people, and so do `authors` and `editor`: laws on personal data hold.
- Articles in the ledger that the site no longer has: {vanished}. Whoever took them down may have had a reason."""
