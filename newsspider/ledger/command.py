"""What `status`, `owed` and `export` have in common: the ledgers of this project."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from types import FrameType
from typing import Any, NoReturn

from rich.console import Console
from rich.table import Table
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from newsspider.exits import OUTPUT_FAILED, WRONG_ARGUMENTS
from newsspider.ledger.addon import ledger_url
from newsspider.ledger.database import Database
from newsspider.ledger.errors import NoLedgerError

SIGNALLED = 128
"""And the number of the signal: the exit code by which shells say so."""


class LedgerCommand(ScrapyCommand):
    """Reads ledgers; `[SPIDER]` chooses one."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] [SPIDER]"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="for programs")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` has seen enough
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._leave)
        try:
            super().process_options(args, opts)
            self.chosen = self._choose(args)
        except UsageError as error:
            self.refuse(str(error))

    def _choose(self, args: list[str]) -> list[str]:
        assert self.settings is not None
        known = get_spider_loader(self.settings).list()
        if len(args) > 1 or not set(args) <= set(known):
            raise UsageError(f"name one spider, or none for all; known are {', '.join(known)}")
        return args or known

    def ledgers(self) -> Iterator[tuple[str, Database]]:
        """Spider and ledger, of those that there are. Raises LedgerError."""
        assert self.settings is not None
        missing: NoLedgerError | None = None
        found = False
        for spider in self.chosen:
            try:
                database = Database(ledger_url(self.settings, spider), create=False)
            except NoLedgerError as error:
                missing = error
                continue
            found = True
            with closing(database):
                yield spider, database
        if missing and not found:
            raise missing

    def _leave(self, number: int, frame: FrameType | None) -> NoReturn:
        self.refuse("interrupted", SIGNALLED + number)

    def refuse(self, message: str, code: int = WRONG_ARGUMENTS) -> NoReturn:
        sys.stderr.write(f"scrapy {type(self).__module__.rpartition('.')[2]}: {message}\n")
        let_stdout_go()
        sys.exit(code)


def let_stdout_go() -> None:
    """When all is told: what it holds and cannot write is given up, or Python's own end would say so once more."""
    try:
        if not sys.stdout.closed:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def saying() -> Iterator[None]:
    """Where a command prints: when the standard output takes nothing, that is said, and the process ends with 5."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        sys.stderr.write(f"scrapy: the standard output cannot be written: {error.strerror}\n")
        let_stdout_go()
        sys.exit(OUTPUT_FAILED)


def show(title: str, rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """Rows of the same names as a table, or as JSON, one object a line."""
    with saying():
        if as_json:
            for row in rows:
                sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        else:
            Console().print(_table(title, rows) if rows else f"{title}: none")


def _table(title: str, rows: list[dict[str, Any]]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in rows[0]:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    return table
