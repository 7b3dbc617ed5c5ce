"""`scrapy owed`: what is still owed, failed or gone, and why."""

import argparse

from newsspider.ledger.command import LedgerCommand, show
from newsspider.ledger.errors import LedgerError
from newsspider.ledger.overview import still_owed


class Command(LedgerCommand):
    """Exit codes: 0, or the ledger's."""

    def short_desc(self) -> str:
        return "List the pages that are still owed, failed or gone, and why"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            rows = [{"spider": spider, **row} for spider, database in self.ledgers() for row in still_owed(database)]
        except LedgerError as error:
            self.refuse(str(error), error.exitcode)
        show("Owed", rows, as_json=opts.json)
