"""Where WARC files lie: paths, folders, globs, URLs and lists of these become places that can be opened."""

import gzip
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from errno import ENOENT
from functools import cache
from io import SEEK_CUR, SEEK_END, BufferedReader, RawIOBase
from os import strerror
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast
from urllib.parse import urljoin, urlsplit

import aiohttp
import fsspec  # type: ignore[import-untyped]
from fsspec.implementations.http import HTTPFileSystem  # type: ignore[import-untyped]
from fsspec.implementations.local import LocalFileSystem  # type: ignore[import-untyped]

from newsspider.reextract import PathError

WARCS = (".warc", ".warc.gz")
KEPT = (*WARCS, ".wacz")
LISTS = (".paths", ".paths.gz", ".txt", ".txt.gz")
COMMON_CRAWL, CRAWL_DATA = "https://data.commoncrawl.org/", "crawl-data/"
"""Where the paths of Common Crawl's listings begin, and how."""
AHEAD = 8 << 20
"""Bytes that are fetched at once of a file that lies elsewhere."""
TWO = {"maxblocks": 2}
"""So many of these are in memory: a record may begin in one and end in the next, and none is fetched twice."""
UNREADABLE: tuple[type[Exception], ...] = (
    *(OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error),
    *(aiohttp.ClientError, fsspec.exceptions.FSTimeoutError),
)
"""What reading a place may raise: of the disk, of the network, of what stands there."""
ZIP_HEAD = 30
"""Bytes of a local header in a ZIP file, before name and extra field."""
GLOB = frozenset("*?[")


@dataclass(frozen=True, order=True)
class Place:
    """One WARC file: all of what stands at `url`, or a part of a file, as a WACZ has them."""

    url: str
    """A path, or a URL that fsspec knows."""
    size: int
    """Bytes."""
    begin: int = 0
    inside: str = ""
    """Its name in the WACZ."""

    def __str__(self) -> str:
        return f"{self.url}!{self.inside}" if self.inside else self.url

    @property
    def name(self) -> str:
        return self.inside or self.url

    def open(self, mode: Literal["rb"] = "rb") -> BinaryIO:
        """Raises OSError, or what fsspec raises (UNREADABLE)."""
        file = _opened(self.url)
        return BufferedReader(_Part(file, self.begin, self.size)) if self.inside else file

    def first(self, length: int) -> bytes:
        """Its first bytes. Raises what `open` does."""
        (data,) = self.read([(0, length)])
        if isinstance(data, Exception):
            raise data
        return data

    def read(self, ranges: list[tuple[int, int]]) -> list[bytes | Exception]:
        """The bytes of each (offset, length), or why they cannot be had; of a file elsewhere, all at once."""
        files, path = _at(self.url)
        starts = [self.begin + offset for offset, _ in ranges]
        ends = [start + length for start, (_, length) in zip(starts, ranges, strict=True)]
        if not _is_local(files):
            return cast("list[bytes | Exception]", files.cat_ranges([path] * len(starts), starts, ends))
        try:
            with Path(path).open("rb") as file:
                return [_slice(file, start, end) for start, end in zip(starts, ends, strict=True)]
        except OSError as error:
            return [error] * len(ranges)


class _Part(RawIOBase):
    """A stretch of a file as a file."""

    def __init__(self, file: BinaryIO, begin: int, size: int) -> None:
        self._file, self._begin, self._size, self._at = file, begin, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + {SEEK_CUR: self._at, SEEK_END: self._size}.get(whence, 0)
        return self._at

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._begin + self._at)
        data = self._file.read(max(min(len(buffer), self._size - self._at), 0))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def places(given: Iterable[str], base: str = "") -> tuple[list[Place], dict[str, str]]:
    """The WARC files that these mean, each once and in the order of their names; and, of those that cannot be
    read, why. Raises PathError where a path leads nowhere.

    `base` is what the lines of lists are relative to, where it is not told by the list itself.
    """
    found: set[Place] = set()
    failed = {}
    for path in dict.fromkeys(each for one in given for each in _expanded(one, base)):
        try:
            size = _size(path)
            found.update(_in_wacz(path) if path.endswith(".wacz") else [Place(path, size)])
        except UNREADABLE as error:
            failed[path] = why(error)
    return sorted(found), failed


def why(error: BaseException) -> str:
    """An error in a few words, on one line."""
    if isinstance(error, FileNotFoundError) and not error.strerror:  # fsspec's, with the URL for a message
        error = error.__cause__ or FileNotFoundError(ENOENT, strerror(ENOENT))
    if isinstance(error, aiohttp.ClientResponseError):
        return f"{error.status} {error.message}"
    told = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(told.split())


def _expanded(given: str, base: str) -> Iterator[str]:
    files, path = _at(given)
    local = _is_local(files)
    try:
        if GLOB.intersection(given if local else given.partition("?")[0]):
            yield from _some(given, [_full(files, each) for each in files.glob(path) if each.endswith(KEPT)])
        elif local and not files.exists(path):
            yield from _some(given, [])
        elif given.endswith(LISTS):
            yield from (_absolute(_meant(line, given, base)) for line in _lines(files, path))
        elif not given.endswith(KEPT) and files.isdir(path):
            yield from _some(given, [_full(files, each) for each in files.find(path) if each.endswith(KEPT)])
        else:
            yield _absolute(given)
    except UNREADABLE as error:
        raise PathError(f"{given} cannot be read: {why(error)}") from None


def _absolute(given: str) -> str:
    files, path = _at(given)
    return path if _is_local(files) else given


def _some(given: str, found: list[str]) -> list[str]:
    if not found:
        raise PathError(
            f"{given}: no WARC file is there; give .warc, .warc.gz or .wacz files, folders or lists of them"
        )
    return found


def _full(files: Any, path: str) -> str:
    """As it is opened again: with the scheme, where it is none of this machine."""
    return path if _is_local(files) else str(files.unstrip_protocol(path))


def _lines(files: Any, path: str) -> Iterator[str]:
    with files.open(path, "rb") as file:
        data = file.read()
    text = (gzip.decompress(data) if path.endswith(".gz") else data).decode("utf-8")
    yield from (line for each in text.splitlines() if (line := each.strip()) and not line.startswith("#"))


def _meant(line: str, listing: str, base: str) -> str:
    """
    >>> _meant("crawl-data/CC-NEWS/a.warc.gz", "https://data.example/crawl-data/CC-NEWS/warc.paths.gz", "")
    'https://data.example/crawl-data/CC-NEWS/a.warc.gz'
    >>> _meant("crawl-data/CC-NEWS/a.warc.gz", "warc.paths", "s3://commoncrawl/")
    's3://commoncrawl/crawl-data/CC-NEWS/a.warc.gz'
    >>> _meant("b.warc.gz", "https://pages.example/kept/list.txt", "")
    'https://pages.example/kept/b.warc.gz'
    """
    if "://" in line or Path(line).is_absolute():
        return line
    if base:
        return f"{base.removesuffix('/')}/{line}"
    scheme, host, *_ = urlsplit(listing)
    if line.startswith(CRAWL_DATA):
        return f"{scheme}://{host}/{line}" if "://" in listing else f"{COMMON_CRAWL}{line}"
    if scheme in ("http", "https"):
        return urljoin(listing, line)
    return f"{listing.rpartition('/')[0] or '.'}/{line}"


def _size(path: str) -> int:
    files, at = _at(path)
    size = Path(at).stat().st_size if _is_local(files) else files.size(at)
    if size is None:
        raise OSError(0, "its server does not say how long it is")
    if isinstance(files, HTTPFileSystem):
        _check_parts(files, at)
    return int(size)


def _check_parts(files: Any, path: str) -> None:
    """Or each record would come with all of the file, and be looked for at its beginning."""
    with files.open(path, "rb", block_size=1, cache_type="none") as file:
        file.seek(1)
        try:
            file.read(1)
        except ValueError:
            raise OSError(0, "its server gives files only whole; fetch it, and give the file") from None


def _in_wacz(path: str) -> list[Place]:
    files, at = _at(path)
    with files.open(at, "rb") as file, zipfile.ZipFile(file) as zipped:
        entries = [entry for entry in zipped.infolist() if entry.filename.endswith(WARCS)]
        if packed := next((entry.filename for entry in entries if entry.compress_type != zipfile.ZIP_STORED), None):
            raise OSError(0, f"{packed} is compressed in it, against WACZ's rules; unpack it and give the folder")
        return [Place(path, entry.file_size, _data(file, entry.header_offset), entry.filename) for entry in entries]


def _data(file: BinaryIO, header: int) -> int:
    """Where an entry's bytes begin, behind its local header."""
    head = _slice(file, header, header + ZIP_HEAD)
    return header + ZIP_HEAD + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")


def _slice(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(end - start)


@cache
def _at(url: str) -> tuple[Any, str]:
    """File system and path. Raises PathError."""
    try:
        files, path = fsspec.core.url_to_fs(url)
    except (ValueError, ImportError) as error:
        raise PathError(f"{url}: {why(error)}") from None
    return files, path


def _opened(url: str) -> BinaryIO:
    files, path = _at(url)
    if _is_local(files):
        return Path(path).open("rb")
    return cast(BinaryIO, files.open(path, "rb", block_size=AHEAD, cache_type="blockcache", cache_options=TWO))


def _is_local(files: Any) -> bool:
    return isinstance(files, LocalFileSystem)
