"""`scrapy status`: jobs, articles, the last run and its exit, what is owed, the days covered; who is at work on it."""

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
        "at work on": "\n".join(map(_progress, found["open"])) or None,
        "workers": "\n".join(map(_worker, found["workers"])) or None,
        "pace": "\n".join(map(_pace, found["paces"])) or None,
        "last run": f"{last['started']}: {ended}" if last else None,
        "owed": found["owed"],
        "failed": found["pages"].get("failed", 0),
        "gone": found["pages"].get("gone", 0),
        "days": f"{days['covered']} ({days['first']} to {days['last']})" if days["covered"] else None,
    }


def _progress(job: dict[str, Any]) -> str:
    given = " ".join(f"{name}={value}" for name, value in job["arguments"].items()) or "the newest"
    return f"{given}: {job['stored']} stored, {job['owed']} owed, {job['lists']} lists to read"


def _worker(worker: dict[str, Any]) -> str:
    left = worker["alive"]
    lives = f"alive for {left:.0f} s more" if left > 0 else f"not heard of; its lease ended {-left:.0f} s ago"
    leads = " (leads)" if worker["leads"] else ""
    return (
        f"{worker['host']}, process {worker['pid']}{leads}: {worker['counts'].get('new', 0)} new,"
        f" holds {worker['holds']} pages, since {worker['started']}, {lives}"
    )


def _pace(pace: dict[str, Any]) -> str:
    if pace["hold"] > 0:
        return f"{pace['host']}: asked to wait, {pace['hold']:.0f} s more"
    return f"{pace['host']}: next request in {max(pace['next'], 0):.1f} s"
