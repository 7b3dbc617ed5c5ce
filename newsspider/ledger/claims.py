"""Whose is a feed? A note beside it says which ledger publishes there: of two, an article would stand in it twice."""

from contextlib import suppress
from pathlib import Path

from newsspider.ledger.errors import FeedError, FeedTakenError


def claim(path: Path, ledger: str, file: str) -> None:
    """For the ledger of this id in this file. Raises FeedTakenError, or FeedError where that cannot be noted."""
    try:
        _claim(path, ledger, file)
    except OSError as error:
        raise FeedError(f"the feed {path} cannot be written: {error.strerror}") from None


def _claim(path: Path, ledger: str, file: str) -> None:
    note = _note(path)
    at = Path(file).absolute()
    mine = f"{ledger} {at}"
    try:
        with note.open("x") as new:
            new.write(mine)
    except FileExistsError:
        holder, _, other = note.read_text().partition(" ")
        if holder == ledger or not other or Path(other) == at or not Path(other).exists():
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


def _note(path: Path) -> Path:
    return path.with_name(f".{path.name}.ledger")
