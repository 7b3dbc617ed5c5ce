"""DATASHEET.md beside an export: where it may stand, and how it is written."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from newsspider.corpus.card import Facts, card
from newsspider.corpus.counts import Counts
from newsspider.corpus.files import whole
from newsspider.ledger.coverage import Day, days
from newsspider.ledger.database import Database, now
from newsspider.ledger.gaps import gaps
from newsspider.ledger.losses import losses
from newsspider.ledger.reading import day_of, moved

NAME = "DATASHEET.md"


def describe(database: Database, export: Path, chosen: Mapping[str, str], counts: Counts) -> str:
    """Writes the card of an export that stands there already; what a person is to be told. Raises OSError."""
    path = place(export)
    if path is None:
        return f"no data card, for {NAME} and {_named(export)} are not its own"
    missing = gaps(_days(database, chosen, counts))
    facts = Facts(export=export, made=now(), chosen=chosen, counts=counts, gaps=list(missing), losses=losses(database))
    with whole(path) as file:
        file.write("\n".join([_mark(export), *card(facts)]).encode() + b"\n")
    return f"{path} tells about them"


def _days(database: Database, chosen: Mapping[str, str], counts: Counts) -> Iterable[Day]:
    """Those of the period that are over."""
    first, last = counts.spans.get("published", ("", ""))
    since, until = chosen.get("since", first), min(chosen.get("until", last), moved(day_of(now()), -1))
    return days(database, since, until) if since else ()


def place(export: Path) -> Path | None:
    """Where the card of an export belongs: beside it, and never where something else is.

    DATASHEET.md; where that is another export's, or a person's own, DATASHEET.<name of the export>.md; None where that
    is taken, too.
    """
    places = [export.parent / name for name in (_named(export), NAME)]
    mine = (path for path in places if path.exists() and _first_line(path) == _mark(export))
    free = (path for path in reversed(places) if not path.exists())
    return next(mine, None) or next(free, None)


def _named(export: Path) -> str:
    return f"DATASHEET.{export.name}.md"


def _mark(export: Path) -> str:
    return f"<!-- The data card of {export.name}: `scrapy export` writes it anew whenever it writes that. -->"


def _first_line(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.readline().rstrip("\n")
