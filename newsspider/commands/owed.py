"""`scrapy owed`: what is still owed, failed or gone, and why."""

import argparse

from newsspider.ledger.command import LedgerCommand, saying, show
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
        if opts.json or not rows:
            show("Owed", rows, as_json=opts.json)
            return
        with saying():
            for row in rows:
                print("{spider}: {kind} {state}, {tries} tries".format(**row) + _next(row["next_try"]))
                print(f"  {row['url']}\n  {row['reason'] or 'not asked for yet'}")


def _next(next_try: str | None) -> str:
    return f", next {next_try}" if next_try else ""
