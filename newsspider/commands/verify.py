"""`scrapy verify FILE…`: is a feed what it says it is?"""

import argparse
import json
import signal
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NoReturn

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsspider.exits import FINISHED, OBJECTED, OUTPUT_FAILED, WRONG_ARGUMENTS
from newsspider.feeds.reading import ENDINGS, UnreadableError, ending
from newsspider.ledger.command import saying


class Command(ScrapyCommand):
    """Exit codes: 0, 2 wrong arguments, 3 something is wrong with a feed, 5 a file cannot be read."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] FILE..."

    def short_desc(self) -> str:
        return "Check feeds: schema, uniqueness, dates, encoding, boilerplate, empty text, count and hash"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}. FILE ends with {', '.join(f'.{each}' for each in ENDINGS)}, and .gz behind it."
            " Each is a feed of its own, in which an article stands once; a folder (partitions, batches) is one feed of"
            " each format in it, and --together makes one of all. Count and SHA-256 are compared with run.json."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="for programs: one object a feed")
        parser.add_argument("--together", action="store_true", help="the FILEs are parts of one feed")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        for number in (signal.SIGPIPE, signal.SIGINT):  # `| head` has seen enough, and so has who interrupts
            signal.signal(number, signal.SIG_DFL)
        try:
            super().process_options(args, opts)
            self.feeds = list(_feeds([Path(arg) for arg in args], opts.together))
        except UsageError as error:
            self.refuse(str(error))
        except OSError as error:
            self.refuse(f"{error.filename} cannot be read: {error.strerror}", OUTPUT_FAILED)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from newsspider.verify.feed import verify

        self.exitcode = FINISHED
        try:
            for name, files in self.feeds:
                report = verify(name, files)
                lines = [json.dumps(report.as_dict(), ensure_ascii=False)] if opts.json else report.lines()
                with saying():
                    print(*lines, sep="\n")
                self.exitcode = OBJECTED if report.counts else self.exitcode
        except UnreadableError as error:
            self.refuse(str(error), OUTPUT_FAILED)

    def refuse(self, message: str, code: int = WRONG_ARGUMENTS) -> NoReturn:
        sys.stderr.write(f"scrapy verify: {message}\n")
        sys.exit(code)


def _feeds(paths: list[Path], together: bool) -> Iterator[tuple[str, list[Path]]]:
    """Name and files of each feed. Raises UsageError."""
    if not paths:
        raise UsageError("name a file: scrapy verify FILE...")
    found = [(path, file) for path in paths for file in _files(path)]
    if together:
        found = [(Path("all"), file) for _, file in found]
    for (path, form), pairs in groupby(sorted(found, key=_kind), key=_kind):
        files = [file for _, file in pairs]
        yield (str(path) if len(files) == 1 else f"{path}, {len(files)} files .{form}"), files


def _kind(pair: tuple[Path, Path]) -> tuple[Path, str]:
    return pair[0], ending(pair[1])


def _files(path: Path) -> list[Path]:
    """The feeds among the files of a folder, or the file. Raises UsageError."""
    if not path.is_dir():
        path.stat()
        if ending(path) not in ENDINGS:
            raise UsageError(f"{path} is no feed by its name: it should end with {', '.join(ENDINGS)}")
        return [path]
    inside = (each for each in sorted(path.rglob("*")) if each.is_file() and ending(each) in ENDINGS)
    files = [each for each in inside if each.name != "run.json" and not each.name.startswith(".")]
    if not files:
        raise UsageError(f"there is no feed in {path}")
    return files
