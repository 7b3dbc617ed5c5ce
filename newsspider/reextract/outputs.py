"""Where articles go, besides a feed: into the ledger, and into a comparison."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import IO, Any

from newsspider.exits import FINISHED, NOT_FINISHED
from newsspider.items import Article
from newsspider.ledger.addon import locked
from newsspider.ledger.chosen import Chosen
from newsspider.ledger.database import Database
from newsspider.ledger.revisions import Revisions
from newsspider.ledger.url import without_password
from newsspider.reextract import NothingError
from newsspider.reextract.diff import Comparison, feed
from newsspider.reextract.report import written

Take = Callable[[list[Article]], Any]


@contextmanager
def into_ledger(url: str, folder: Path, spider: str, counts: Counter[str]) -> Iterator[Take]:
    """As revisions, while no crawl is at work on it; `counts` gets what became of them. Raises LedgerError."""
    with ExitStack() as stack:
        stack.callback(locked(url, folder, spider).release)
        database = stack.enter_context(closing(Database(url)))
        revisions = Revisions(database, spider)
        try:
            yield revisions.store
        except NothingError as nothing:
            revisions.end(nothing.exitcode, finished=True)
            raise
        except BaseException:
            revisions.end(NOT_FINISHED, finished=False)
            raise
        revisions.end(FINISHED, finished=True)
        counts += revisions.counts


@contextmanager
def compared(old: Path | str, report: AbstractContextManager[IO[bytes]], path: Path) -> Iterator[Take]:
    """With a feed (a path) or with the ledger at a URL, as it is now. Raises LedgerError, PathError, OSError."""
    if isinstance(old, Path):
        comparison = Comparison(str(old), feed(old))
    else:
        comparison = Comparison(without_password(old), _stored(old))
    yield comparison.take
    with report as file:
        file.write(written(comparison.result(), path).encode())


def _stored(url: str) -> Iterator[Article]:
    """The latest revision of each."""
    with closing(Database(url, create=False)) as database:
        yield from Chosen(database)
