"""`scrapy status`: jobs, articles, the last run and its exit, what is owed, the days covered."""

import argparse
from typing import Any

from newsspider.ledger.command import LedgerCommand, show
from newsspider.ledger.errors import LedgerError
from newsspider.ledger.overview import status


class Command(LedgerCommand):
    """Exit codes: 0, or the ledger's."""

    def short_desc(self) -> str:
        return "Show what the ledger knows: jobs, articles, the last run, what is owed"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            found = [status(database, spider) for spider, database in self.ledgers()]
        except LedgerError as error:
            self.refuse(str(error), error.exitcode)
        if opts.json:
            show("", found, as_json=True)
            return
        for each in found:
            rows = [{"": name, each["spider"]: value} for name, value in _rows(each).items()]
            show(str(each["ledger"]), rows, as_json=False)


def _rows(found: dict[str, Any]) -> dict[str, Any]:
    last, days = found["last_run"] or {}, found["days"]
    ended = f"{last['reason']}, exit {last['exitcode']}" if last.get("ended") else "still at work, or killed"
    return {
        "articles": found["articles"],
        "jobs": ", ".join(f"{number} {state}" for state, number in found["jobs"].items()),
        "last run": f"{last['started']}: {ended}" if last else None,
        "owed": found["owed"],
        "failed": found["pages"].get("failed", 0),
        "gone": found["pages"].get("gone", 0),
        "days": f"{days['covered']} ({days['first']} to {days['last']})" if days["covered"] else None,
    }
