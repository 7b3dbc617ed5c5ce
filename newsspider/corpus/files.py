"""Where an export is written: a file, or a folder of months; whole or not at all."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from scrapy.extensions.postprocessing import GzipPlugin, PostProcessingManager

MONTH = "published_month="
"""Begins the name of a month's folder, as Hive names partitions."""
UNDATED = "undated"
"""Hive's own word for none is a null, and pandas cannot read one beside others."""


class TakenError(Exception):
    """What is there is not an export's; the message says what it is and what to do, in one line."""


def target(file: str) -> tuple[Path | None, str]:
    """Path (None: the standard output) and format.

    >>> target("a/b.jsonl.gz"), target("-:csv")
    ((PosixPath('a/b.jsonl.gz'), 'jsonl'), (None, 'csv'))
    """
    name, _, given = file.rpartition(":") if ":" in file else (file, "", "")
    ending = Path(name.removesuffix(".gz")).suffix.removeprefix(".")
    return None if name == "-" else Path(name), given or ending


@contextmanager
def whole(path: Path | None) -> Iterator[IO[bytes]]:
    """A file that takes its place when the block is left; a link stays a link."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    path = path.resolve()
    part = _beside(path, "part")
    try:
        with part.open("wb") as raw:
            packed = PostProcessingManager([GzipPlugin], raw, {}) if path.suffix == ".gz" else None
            yield packed or raw  # type: ignore[misc]  # Scrapy's manager is as good as a file
            if packed:
                packed.close()
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A folder that takes the other's place, all in it, when the block is left; what a kill left half done is mended.

    Two renames, one behind the other: for that moment there is none. Raises TakenError.
    """
    path = path.resolve()
    part, old = _beside(path, "part"), _beside(path, "old")
    _mend(path, part, old)
    check_folder(path)
    try:
        part.mkdir(parents=True)
        yield part
        if path.exists():
            path.rename(old)
        part.rename(path)
    finally:
        _mend(path, part, old)


def _mend(path: Path, part: Path, old: Path) -> None:
    """What was there is there."""
    if old.exists() and not path.exists():
        old.rename(path)
    for left in (part, old):
        shutil.rmtree(left, ignore_errors=True)


def check_folder(path: Path) -> None:
    """Raises TakenError where something stands that no export by month wrote."""
    if path.exists() and not path.is_dir():
        raise TakenError(f"{path} is a file, and an export by month is a folder: name another, or move it away")
    others = (each for each in path.rglob("*") if not _is_ours(each, path))
    if other := next(others, None):
        raise TakenError(f"{path} would be replaced, but {other} is none of an export: name another folder")


def month_file(folder: Path, month: str | None, name: str) -> Path:
    """`folder/published_month=2022-01/articles.jsonl`; its folder is made."""
    path = folder / f"{MONTH}{month or UNDATED}" / name
    path.parent.mkdir()
    return path


def month_name(path: Path, form: str) -> str:
    """What the file of a month is called."""
    ending = "jsonl" if form == "jsonlines" else form
    return f"articles.{ending}" + (".gz" if path.suffix == ".gz" else "")


def _is_ours(each: Path, folder: Path) -> bool:
    month, *rest = each.relative_to(folder).parts
    return month.startswith(MONTH) and (
        not rest or (len(rest) == 1 and rest[0].startswith(("articles.", ".articles.")))
    )


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f".{path.name}.{ending}")
