"""Reading a feed of any format back, one article at a time, and where in the file each stands."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, get_args, get_origin, is_typeddict

from lxml import etree

from newsspider.feeds import hints
from newsspider.feeds.cells import from_cell
from newsspider.feeds.parquet import read_parquet
from newsspider.items import Clustered

CHUNK = 1 << 20
LONGEST = 64 << 20
"""Characters of one article; what is longer is none."""


class UnreadableError(Exception):
    """The file cannot be read as what its name says; the message says why, in one line."""


class Entry(NamedTuple):
    """What stands in one place of a feed. Bytes that are no UTF-8 are lone surrogates in the values."""

    place: int
    """The line where it begins; of Parquet the row, of XML the item, the first is 1."""
    values: dict[str, Any] | None
    """With the types that JSON has."""
    wrong: str = ""
    """Why there are no values."""


def ending(path: Path) -> str:
    """
    >>> ending(Path("a.b.jsonl.gz")), ending(Path("a.parquet")), ending(Path("a"))
    ('jsonl', 'parquet', '')
    """
    return Path(path.name.removesuffix(".gz")).suffix.removeprefix(".")


def unit(path: Path) -> str:
    """What a place of a feed is called."""
    return {"parquet": "row", "xml": "item"}.get(ending(path), "line")


def read(path: Path) -> Iterator[Entry]:
    """Raises UnreadableError."""
    try:
        if ending(path) == "parquet":
            yield from (Entry(row, values) for row, values in enumerate(read_parquet(path), start=1))
            return
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            yield from READERS[ending(path)](file)  # type: ignore[arg-type]  # as good as any binary file
    except (OSError, EOFError, zlib.error, csv.Error, ValueError) as error:
        told = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise UnreadableError(f"{path} cannot be read: {told}") from None


def _lines(file: IO[bytes]) -> Iterator[Entry]:
    for number, line in enumerate(file, start=1):
        if line.strip():
            yield _parsed(number, line.decode("utf-8", "surrogateescape"))


def _parsed(place: int, text: str) -> Entry:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Entry(place, None, f"no JSON: {getattr(error, 'msg', 'nested too deep')}")
    return Entry(place, values) if isinstance(values, dict) else Entry(place, None, "no object")


def _document(file: IO[bytes]) -> Iterator[Entry]:
    """A JSON list, however it is indented, of which only a piece is in memory."""
    with _text(file) as text:
        yield from _listed(_Ahead(text))


def _listed(ahead: "_Ahead") -> Iterator[Entry]:
    if ahead.next() != "[":
        yield Entry(ahead.line, None, "no JSON list")
        return
    ahead.skip()
    while (sign := ahead.next()) not in ("]", ""):
        if sign == ",":
            ahead.skip()
            continue
        entry = ahead.value()
        yield entry
        if entry.wrong and not entry.wrong.startswith("no object"):
            return
    if not sign:
        yield Entry(ahead.line, None, "the list has no end")


class _Ahead:
    """The text from here on."""

    def __init__(self, file: IO[str]) -> None:
        self.file, self.text, self.at, self.line = file, "", 0, 1
        self.decoder = json.JSONDecoder()

    def next(self) -> str:
        """The character behind the white space; empty at the end."""
        while True:
            while self.at < len(self.text) and self.text[self.at].isspace():
                self.skip()
            if self.at < len(self.text):
                return self.text[self.at]
            if not self._more():
                return ""

    def skip(self) -> None:
        self.line += self.text[self.at] == "\n"
        self.at += 1

    def value(self) -> Entry:
        while True:
            try:
                value, end = self.decoder.raw_decode(self.text, self.at)
            except (ValueError, RecursionError) as error:
                if not self._is_cut(error) or len(self.text) - self.at > LONGEST or not self._more():
                    return Entry(self.line, None, f"no JSON from here on: {getattr(error, 'msg', 'nested too deep')}")
                continue
            entry = Entry(self.line, value) if isinstance(value, dict) else Entry(self.line, None, "no object")
            self.line += self.text.count("\n", self.at, end)
            self.at = end
            return entry

    def _is_cut(self, error: Exception) -> bool:
        """Whether it may be for what is not read yet."""
        return isinstance(error, json.JSONDecodeError) and (
            error.msg.startswith("Unterminated") or error.pos > len(self.text) - 16
        )

    def _more(self) -> bool:
        more = self.file.read(CHUNK)
        self.text, self.at = self.text[self.at :] + more, 0
        return bool(more)


def _table(file: IO[bytes]) -> Iterator[Entry]:
    csv.field_size_limit(2**31 - 1)
    with _text(file, encoding="utf-8-sig") as text:
        yield from _rows(csv.reader(text))


def _rows(rows: Any) -> Iterator[Entry]:
    names: list[str] = next(rows, [])
    place = rows.line_num + 1
    while True:
        try:
            cells = next(rows, None)
        except csv.Error as error:
            yield Entry(place, None, f"no CSV from here on: {error}")
            return
        if cells is None:
            return
        if cells:
            yield _row(place, names, cells)
        place = rows.line_num + 1


def _row(place: int, names: list[str], cells: list[str]) -> Entry:
    if len(cells) != len(names):
        return Entry(place, None, f"{len(cells)} cells, but the header has {len(names)}")
    values = {}
    for name, cell in zip(names, cells, strict=True):
        try:
            values[name] = from_cell(name, cell)
        except ValueError:
            return Entry(place, None, f"the cell of {name} is no JSON")
    return Entry(place, values)


def _elements(file: IO[bytes]) -> Iterator[Entry]:
    """XML as Scrapy writes it: what it cannot tell apart, None and the text "None", is None where a field may be."""
    known, number = hints.of(Clustered), 0
    try:
        for _, item in etree.iterparse(file, tag="item"):
            number += 1
            yield Entry(number, {str(field.tag): _typed(field, known.get(str(field.tag), str)) for field in item})
            item.clear()
            while item.getprevious() is not None:
                del item.getparent()[0]  # type: ignore[union-attr]  # what has a neighbour has a parent
    except etree.XMLSyntaxError as error:
        yield Entry(number + 1, None, f"no XML from here on: {error.msg}")


def _typed(element: etree._Element, hint: Any) -> Any:
    kind, text = hints.bare(hint), element.text or ""
    if get_origin(kind) is list:
        return [_typed(each, get_args(kind)[0]) for each in element]
    if is_typeddict(kind):
        of = hints.of(kind)
        return {str(each.tag): _typed(each, of.get(str(each.tag), str)) for each in element}
    if text == "None" and hints.optional(hint):
        return None
    if kind is int and text.isdecimal():
        return int(text)
    return {"True": True, "False": False}.get(text, text) if kind is bool else text


def _text(file: IO[bytes], encoding: str = "utf-8") -> IO[str]:
    return io.TextIOWrapper(file, encoding, errors="surrogateescape", newline="")


READERS: dict[str, Callable[[IO[bytes]], Iterator[Entry]]] = {
    "jsonl": _lines,
    "jl": _lines,
    "json": _document,
    "csv": _table,
    "xml": _elements,
}
ENDINGS = (*READERS, "parquet")
