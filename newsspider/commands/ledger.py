"""`scrapy ledger copy FROM TO`: a ledger moves from SQLite to PostgreSQL, or back, or to another place of the kind."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import NoReturn

from scrapy.exceptions import UsageError
from sqlalchemy import URL

from newsspider.ledger.command import SIGNALLED, LedgerCommand, show
from newsspider.ledger.copy import Copy
from newsspider.ledger.database import Database
from newsspider.ledger.errors import LedgerError
from newsspider.ledger.lock import Lock
from newsspider.ledger.url import read_url
from newsspider.reextract.watch import Bar


class Command(LedgerCommand):
    """Exit codes: 0, 2 wrong arguments, 5 a ledger cannot be read or written or TO is in use, 6 a run is at work."""

    def syntax(self) -> str:
        return "[options] copy FROM TO"

    def short_desc(self) -> str:
        return "Copy a ledger to another database, PostgreSQL or SQLite, and compare what is there then"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}. FROM and TO are files, or URLs as LEDGER_URL takes them. FROM is only read, and no"
            " crawl may be at work on it; TO is empty. A copy that was cut off is no ledger: the same command goes on"
            " with it. Afterwards, go on with one of the two only: for the site and for feeds they are the same ledger."
        )

    def _choose(self, args: list[str]) -> list[str]:
        if len(args) != 3 or args[0] != "copy":
            raise UsageError("write scrapy ledger copy FROM TO; each is a file, or a URL as LEDGER_URL takes it")
        try:
            self.origin, self.target = (_url(place) for place in args[1:])
        except LedgerError as error:
            self.refuse(str(error), error.exitcode)
        if _place(self.origin) == _place(self.target):
            raise UsageError("FROM and TO are the same")
        return []

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        began = monotonic()
        try:
            with _opened(self.origin, create=False) as origin, _opened(self.target, half=True) as target:
                copy = Copy(origin, target, bar := Bar())
                if copy.goes_on:
                    print("scrapy ledger: goes on with what was copied before", file=sys.stderr)
                with closing(bar):
                    sums = copy.run()
        except LedgerError as error:
            self.refuse(str(error), error.exitcode)
        show("", [{"table": table, **each._asdict()} for table, each in sums.items()], as_json=opts.json)
        rows = sum(each.rows for each in sums.values())
        told = f"copied; {rows} rows of {len(sums)} tables, the same there as here; {monotonic() - began:.0f} s"
        print(f"scrapy ledger: {told}", file=sys.stderr)

    def _leave(self, number: int, frame: FrameType | None) -> NoReturn:
        self.refuse("interrupted; the same command goes on", SIGNALLED + number)


def _url(place: str) -> URL:
    """Raises LedgerError."""
    url = read_url(place) if "://" in place else URL.create("sqlite", database=place)
    if url.get_backend_name() == "sqlite" and not url.database:
        raise LedgerError(f"{place} is no file; write sqlite:///folder/file.sqlite")
    return url


def _place(url: URL) -> object:
    return Path(str(url.database)).resolve() if url.get_backend_name() == "sqlite" else url.set(drivername="")


@contextmanager
def _opened(url: URL, *, create: bool = True, half: bool = False) -> Iterator[Database]:
    """Raises LedgerError; BusyError while a run or another copy is at work on a file."""
    with ExitStack() as stack:
        if url.get_backend_name() == "sqlite" and (create or Path(str(url.database)).exists()):
            file = Path(str(url.database))
            stack.callback(Lock(Path(f"{file}.lock"), file.stem).release)
        text = url.render_as_string(hide_password=False)
        yield stack.enter_context(closing(Database(text, create=create, half=half)))
