"""Whose is a feed? A note beside it says which ledger publishes there: of two, an article would stand in it twice."""

import asyncio
import fcntl
from collections.abc import AsyncIterator, Iterable
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import IO

from newsspider.ledger.errors import FeedError, FeedTakenError

WAIT = 0.2
"""Seconds."""


def claim(path: Path, ledger: str, file: str) -> None:
    """For the ledger of this id in this file, or at this URL. Raises FeedTakenError, FeedError if it is not noted."""
    try:
        _claim(path, ledger, file)
    except OSError as error:
        raise FeedError(f"the feed {path} cannot be written: {error.strerror}") from None


def _claim(path: Path, ledger: str, file: str) -> None:
    note = _note(path)
    at = file if _is_url(file) else str(Path(file).absolute())
    mine = f"{ledger} {at}"
    try:
        with note.open("x") as new:
            new.write(mine)
    except FileExistsError:
        holder, _, other = note.read_text().partition(" ")
        if holder == ledger or other in ("", at) or not (_is_url(other) or Path(other).exists()):
            note.write_text(mine)
            return
        raise FeedTakenError(f"the feed {path} is written by another ledger, {other}; name another feed") from None


def reserve(path: Path, ledger: str, file: str) -> bool:
    """Whether a name that nobody has used yet is this ledger's now, until `release`."""
    try:
        claim(path, ledger, file)
    except FeedTakenError:
        return False
    if path.exists():
        release(path, ledger)
        return False
    return True


def release(path: Path, ledger: str) -> None:
    """What this ledger claimed."""
    with suppress(OSError):  # a note that stays does no harm
        if _note(path).read_text().startswith(ledger):
            _note(path).unlink()


@asynccontextmanager
async def turn(paths: Iterable[Path]) -> AsyncIterator[None]:
    """While another job of this ledger publishes to one of these paths, wait: what is appended to must stand still."""
    with ExitStack() as stack:
        for path in sorted(paths):
            note = stack.enter_context(_note(path).open("a"))
            while not _is_mine(note):
                await asyncio.sleep(WAIT)
        yield


def _is_mine(note: IO[str]) -> bool:
    try:
        fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_url(ledger: str) -> bool:
    return "://" in ledger


def _note(path: Path) -> Path:
    return path.with_name(f".{path.name}.ledger")
