"""CSV as a feed: one header a file, also when it is appended to, and cells that can be read back. JSON Lines, fast."""

import os
from collections.abc import Mapping
from io import UnsupportedOperation
from typing import IO, Any

import orjson
from scrapy import Field
from scrapy.exporters import CsvItemExporter, JsonLinesItemExporter

from newsspider.feeds.cells import to_cell
from newsspider.items import Article

BOM = "\ufeff"
"""Spreadsheets take a CSV without it for a code page of their own."""


class CsvExporter(CsvItemExporter):
    """`.csv` of the feeds; see `cells.py` for what stands in a cell."""

    def __init__(self, file: IO[bytes], **kwargs: Any) -> None:
        kwargs.setdefault("include_headers_line", not _has_content(file))
        super().__init__(file, **kwargs)  # type: ignore[arg-type]  # Scrapy's hint says BytesIO, any binary file does

    def serialize_field(self, field: Mapping[str, Any] | Field, name: str, value: Any) -> Any:
        return to_cell(value)

    def _write_headers_and_set_fields_to_export(self, item: Any) -> None:
        if self.include_headers_line:
            self.stream.write(BOM)
        super()._write_headers_and_set_fields_to_export(item)


def _has_content(file: IO[bytes]) -> bool:
    # The size on the disk, not the position: a gzip writer has put its header into the buffer before we are asked.
    raw = getattr(file, "file", file)
    try:
        return os.fstat(raw.fileno()).st_size > 0
    except (UnsupportedOperation, AttributeError):
        return False


class JsonLinesExporter(JsonLinesItemExporter):
    """`.jsonl` of the feeds: what Scrapy's own writes, without blanks between, and several times as fast."""

    def export_item(self, item: Any) -> None:
        if self.fields_to_export is None and self.encoding == "utf-8" and isinstance(item, Article):
            self.file.write(orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE))
        else:
            super().export_item(item)
