"""What a field is in a typed column, and how it is read back. Imports pyarrow: to be imported where it is needed."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import IO, Any, get_args, get_origin, get_type_hints, is_typeddict

import pyarrow as pa
import pyarrow.parquet as pq

from newsspider.feeds.hints import bare, zone
from newsspider.items import Article, Zone

OFFSETS = b"newsspider:offsets"
"""In the file's metadata, JSON: column -> offset -> the rows whose moment has another one than the column's zone."""
PLAIN = {str: pa.string(), int: pa.int64(), bool: pa.bool_(), type(None): pa.null()}


GROUP = 32 * 1024 * 1024
"""Bytes of a row group, packed and not yet compressed: what is in memory, and what a reader has to take at once."""


class Table:
    """A file on its way. What is not closed is no Parquet file, and nothing more is written to it."""

    def __init__(self, file: IO[bytes], columns: Mapping[str, Any]) -> None:
        """Column -> hint of its field."""
        self.schema = pa.schema([(name, column(hint)) for name, hint in columns.items()])
        self.zones = {name: there for name, hint in columns.items() if (there := zone(hint))}
        self.offsets: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self.batches: list[pa.RecordBatch] = []
        self.number = 0
        self.writer = _Writer(file, self.schema, compression="zstd")

    def add(self, rows: list[dict[str, Any]]) -> None:
        """Raises OSError. The rows are changed."""
        for name, usual in self.zones.items():
            self._as_moments(rows, name, usual.offset)
        self.number += len(rows)
        self.batches.append(pa.RecordBatch.from_pylist(rows, schema=self.schema))
        if sum(batch.nbytes for batch in self.batches) >= GROUP:
            self._write()

    def close(self) -> None:
        """Raises OSError."""
        self._write()
        if self.offsets:
            self.writer.add_key_value_metadata({OFFSETS: json.dumps(self.offsets)})
        self.writer.close()

    def _as_moments(self, rows: list[dict[str, Any]], name: str, usual: str) -> None:
        for number, row in enumerate(rows, start=self.number):
            if text := row[name]:
                row[name] = datetime.fromisoformat(text)
                if not text.endswith(usual) and (offset := row[name].isoformat()[-len(usual) :]) != usual:
                    self.offsets[name][offset].append(number)

    def _write(self) -> None:
        table = pa.Table.from_batches(self.batches, schema=self.schema)
        self.batches = []
        self.writer.write_table(table, row_group_size=max(table.num_rows, 1))


class _Writer(pq.ParquetWriter):  # type: ignore[misc]  # pyarrow has no hints
    def __del__(self) -> None:
        """Not to be closed here: its file is closed already."""


def column(hint: Any) -> pa.DataType:
    """Of a field's type."""
    if there := zone(hint):
        return pa.timestamp("ms", tz=there.name)
    kind = bare(hint)
    if get_origin(kind) is list:
        return pa.list_(column(get_args(kind)[0]))
    if is_typeddict(kind):
        return pa.struct([(name, column(of)) for name, of in get_type_hints(kind, include_extras=True).items()])
    return PLAIN.get(kind, pa.string())


def read(path: str | Path) -> Iterator[dict[str, Any]]:
    """See `read_parquet`."""
    with pq.ParquetFile(path) as file:
        said = json.loads((file.metadata.metadata or {}).get(OFFSETS, "{}"))
        others = {name: {row: offset for offset in of for row in of[offset]} for name, of in said.items()}
        zones = {field.name: _usual(field.type.tz) for field in file.schema_arrow if pa.types.is_timestamp(field.type)}
        number = 0
        for batch in file.iter_batches(batch_size=500):
            for row in _numbered(batch, zones).to_pylist():
                for name, usual in zones.items():
                    row[name] = _text(row[name], others.get(name, {}).get(number, usual))
                yield row
                number += 1


def _numbered(batch: pa.RecordBatch, names: Iterable[str]) -> pa.Table:
    """Moments as milliseconds since 1970."""
    table = pa.Table.from_batches([batch])
    for name in names:
        table = table.set_column(table.schema.get_field_index(name), name, table[name].cast(pa.int64()))
    return table


def _usual(name: str) -> str:
    zones = (zone(hint) for hint in get_type_hints(Article, include_extras=True).values())
    return next((each.offset for each in zones if each and each.name == name), Zone("UTC", "+00:00").offset)


def _text(milliseconds: int | None, offset: str) -> str | None:
    """
    >>> _text(1641663000000, "+07:00")
    '2022-01-09T00:30:00+07:00'
    """
    if milliseconds is None:
        return None
    minutes = int(offset[1:3]) * 60 + int(offset[4:])
    there = timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
    return datetime.fromtimestamp(milliseconds / 1000, there).isoformat()
