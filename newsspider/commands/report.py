"""`scrapy report`: the report of a run, made again from the ledger."""

import argparse
import sys

from newsspider.exits import OUTPUT_FAILED
from newsspider.ledger.command import LedgerCommand, saying, show
from newsspider.ledger.errors import LedgerError
from newsspider.report.reporter import make


class Command(LedgerCommand):
    """Exit codes: 0, 2 wrong arguments, 5 the ledger cannot be read or the report not be written."""

    def short_desc(self) -> str:
        return "Make the report of a run, the last one or that of --run N"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--run", metavar="N", help="the number of the run, as in run.json; left out: the last one")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        assert self.settings is not None
        if not self.settings["REPORT_DIR"]:
            self.refuse("REPORT_DIR is empty; name a folder: scrapy report -s REPORT_DIR=reports")
        if opts.run is not None and not opts.run.isdecimal():
            self.refuse(f"--run {opts.run}: give the number of a run, as in run.json")
        if opts.run is not None and len(self.chosen) > 1:
            self.refuse(f"name the spider whose run that is; known are {', '.join(self.chosen)}")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        number = None if opts.run is None else int(opts.run)
        try:
            for spider, database in self.ledgers():
                path = make(database, spider, number, self.settings)
                row = {"spider": spider, "report": str(path)}
                with saying():
                    show("", [row], as_json=True) if opts.json else sys.stdout.write(f"{path}\n")
        except LedgerError as error:
            self.refuse(str(error), error.exitcode)
        except OSError as error:
            place = error.filename or self.settings["REPORT_DIR"]
            self.refuse(f"{place} cannot be written: {error.strerror}", OUTPUT_FAILED)
