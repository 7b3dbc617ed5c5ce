"""Where feeds are to be written, tried before the crawl: afterwards it would be for nothing."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import urlsplit

from w3lib.url import file_uri_to_path


class TargetError(Exception):
    """A feed that could not be written; the message says which and why, in one line."""


def check(uris: Iterable[str | Path]) -> None:
    """Those that are paths; folders that are not there yet stay to be made. Raises TargetError."""
    for uri in map(str, uris):
        if urlsplit(uri).scheme in ("", "file"):
            path = Path(file_uri_to_path(uri))
            try:
                _try(path)
            except OSError as error:
                raise TargetError(f"the feed {path} cannot be written: {error.strerror}") from None


def _try(path: Path) -> None:
    """Raises OSError."""
    there = next(each for each in (path, *path.absolute().parents) if each.exists())
    if there == path:
        path.open("ab").close()
    else:
        TemporaryFile(dir=there).close()
