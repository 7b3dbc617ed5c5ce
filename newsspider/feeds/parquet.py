"""Parquet as a feed: typed columns, zstd, row groups of a bounded size. pyarrow is imported when there is one."""

from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from scrapy.exporters import BaseItemExporter

from newsspider.feeds import hints
from newsspider.items import Article

if TYPE_CHECKING:
    from newsspider.feeds.arrow import Table

ROWS = 500
"""Articles in memory as they are; then they are packed into columns."""


class ParquetExporter(BaseItemExporter):
    """`.parquet` of the feeds; the columns are the fields of `items.py`, their types in `arrow.py`."""

    def __init__(self, file: IO[bytes], **kwargs: Any) -> None:
        super().__init__(dont_fail=True, **kwargs)
        self.file = file
        self.rows: list[dict[str, Any]] = []
        self.table: Table | None = None

    def export_item(self, item: Any) -> None:
        if self.table is None:
            self.table = self._table(type(item))
        self.rows.append(dict(self.get_serialized_fields(item, include_empty=True)))
        if len(self.rows) == ROWS:
            self._pack(self.table)

    def finish_exporting(self) -> None:
        table = self.table or self._table(Article)
        self._pack(table)
        table.close()

    def _pack(self, table: "Table") -> None:
        table.add(self.rows)
        self.rows = []

    def _table(self, item: type) -> "Table":
        from newsspider.feeds.arrow import Table

        known = hints.of(item if is_dataclass(item) else Article)
        return Table(self.file, {name: known.get(field, type(None)) for field, name in self._names(known)})

    def _names(self, known: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Field and column."""
        chosen = self.fields_to_export or known.keys()
        return list(chosen.items()) if isinstance(chosen, Mapping) else [(name, name) for name in chosen]


def read_parquet(path: str | Path) -> Iterator[dict[str, Any]]:
    """The articles of a Parquet feed with the values that the JSON feeds have, one dict an article."""
    from newsspider.feeds import arrow

    return arrow.read(path)
