"""A local feed on its way: written as a part beside its path, with what stands there where it is appended to."""

import csv
import gzip
import os
import shutil
from pathlib import Path
from typing import IO, Any

from scrapy import Spider
from scrapy.extensions.feedexport import FileFeedStorage

LINES = frozenset(("csv", "jl", "jsonl", "jsonlines"))
"""Formats in which an article begins on a line of its own."""


class PartStorage(FileFeedStorage):
    """A link stays a link: what it leads to is replaced. A device or a pipe has no part and is written to as it is."""

    def __init__(self, uri: str, *, feed_options: dict[str, Any] | None = None) -> None:
        super().__init__(uri, feed_options=feed_options)
        self.options = feed_options or {}
        self.given = Path(self.path).absolute()
        self.target = self.given.resolve()
        self.is_file = not self.given.exists() or self.given.is_file()
        self.part = self.target.with_name(f".{self.target.name}.part")
        self.whole = False

    def name_part(self, mark: str) -> None:
        """The part's name, where others may write to this path at the same time."""
        self.part = self.target.with_name(f".{self.target.name}.{mark}.part")

    def open(self, spider: Spider) -> IO[bytes]:
        if not self.is_file:
            return self.given.open("wb")
        self.target.parent.mkdir(parents=True, exist_ok=True)
        if not self.target.exists():
            return self.part.open("wb")
        file = self.part.open("wb")
        shutil.copymode(self.target, self.part)
        if self.write_mode == "ab":
            self._copy(file)
        return file

    def _copy(self, file: IO[bytes]) -> None:
        with self.target.open("rb") as there:
            shutil.copyfileobj(there, file)
            if self.options.get("format") in LINES and not self.options.get("postprocessing") and there.tell():
                there.seek(-1, os.SEEK_END)
                file.write(b"" if there.read() == b"\n" else b"\n")
        file.flush()

    def store(self, file: IO[bytes]) -> None:
        file.flush()
        if self.is_file:
            os.fsync(file.fileno())
        file.close()
        self.whole = self.is_file

    def is_no_gzip(self) -> bool:
        """What stands there, though gzip is to be appended."""
        packs = self.write_mode == "ab" and self.target.suffix == ".gz" and self.options.get("postprocessing")
        if not packs or not self.target.is_file():
            return False
        with self.target.open("rb") as file:
            return file.read(2) not in (b"", b"\x1f\x8b")

    def columns(self) -> list[str]:
        """Of a CSV that is appended to; empty where none begins there."""
        if self.write_mode != "ab" or self.options.get("format") != "csv" or not self.target.is_file():
            return []
        opened = gzip.open if self.target.suffix == ".gz" else open
        with opened(self.target, "rt", encoding="utf-8-sig", errors="replace", newline="") as file:
            return next(csv.reader(file), [])
