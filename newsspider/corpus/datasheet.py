"""DATASHEET.md beside an export: where it may stand, and how it is written."""

from pathlib import Path

from newsspider.corpus.card import Facts, card
from newsspider.corpus.files import whole

NAME = "DATASHEET.md"


def place(export: Path) -> Path | None:
    """Where the card of an export belongs: beside it, and never where something else is.

    DATASHEET.md; where that is another export's, or a person's own, DATASHEET.<name of the export>.md; None where that
    is taken, too.
    """
    places = [export.parent / name for name in (f"DATASHEET.{export.name}.md", NAME)]
    mine = (path for path in places if path.exists() and _first_line(path) == _mark(export))
    free = (path for path in reversed(places) if not path.exists())
    return next(mine, None) or next(free, None)


def write(path: Path, facts: Facts) -> None:
    """Whole or not at all. Raises OSError."""
    with whole(path) as file:
        file.write("\n".join([_mark(facts.export), *card(facts)]).encode() + b"\n")


def _mark(export: Path) -> str:
    return f"<!-- The data card of {export.name}: `scrapy export` writes it anew whenever it writes that. -->"


def _first_line(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.readline().rstrip("\n")
