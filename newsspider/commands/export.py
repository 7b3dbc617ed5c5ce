"""`scrapy export -O FILE`: the corpus from the ledger, at any time, in any format of the feeds."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Any

from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.extensions.postprocessing import GzipPlugin, PostProcessingManager
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.conf import arglist_to_dict
from scrapy.utils.misc import build_from_crawler, load_object

from newsspider.exits import OUTPUT_FAILED
from newsspider.ledger.articles import Articles, selection
from newsspider.ledger.command import LedgerCommand
from newsspider.ledger.errors import LedgerError

ENDINGS = {"jsonl": "jsonlines", "jl": "jsonlines"}
ARGUMENTS = ("since", "until", "subsection", "revision")


class Command(LedgerCommand):
    """Exit codes: 0, 2 wrong arguments, 5 the ledger cannot be read or FILE not be written."""

    def short_desc(self) -> str:
        return "Write the articles of the ledger to a file"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}. FILE ends with .jsonl, .json, .csv, .parquet or .xml, and .gz behind it compresses;"
            " FILE:FORMAT names the format; - is the standard output. -a since=2022-01-01, until=2022-01-31"
            " (both included), subsection=Eropa, revision=1 (or all; otherwise the latest of each)."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-O", dest="file", metavar="FILE", help="where to write; what stands there is replaced")
        parser.add_argument("-a", dest="chosen", action="append", default=[], metavar="NAME=VALUE")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        try:
            self._read(opts)
        except (UsageError, ValueError) as error:
            self.refuse(str(error))
        if len(self.chosen) != 1:
            self.refuse(f"name one spider: scrapy export -O FILE SPIDER; known are {', '.join(self.chosen)}")

    def _read(self, opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if not opts.file:
            raise UsageError("give a file: scrapy export -O FILE")
        self.path, self.format = _target(opts.file)
        known = self.settings.getwithbase("FEED_EXPORTERS")
        if self.format not in known:
            raise UsageError(f"unknown format {self.format!r}; known are {', '.join(known)}")
        if self.format == "parquet" and self.path and self.path.suffix == ".gz":
            raise UsageError("Parquet is compressed already; leave out the .gz")
        if wrong := next((pair for pair in opts.chosen if "=" not in pair), None):
            raise UsageError(f"-a {wrong}: write -a NAME=VALUE")
        self.asked = arglist_to_dict(opts.chosen)
        if unknown := set(self.asked) - set(ARGUMENTS):
            raise UsageError(f"unknown argument {min(unknown)!r}; allowed are {', '.join(ARGUMENTS)}")
        for name in {"since", "until"} & set(self.asked):
            self.asked[name] = _day(name, self.asked[name])
        if not (self.asked.get("revision", "all") == "all" or self.asked["revision"].isdecimal()):
            raise UsageError("revision is a number, or all")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            for _, database in self.ledgers():
                with _file(self.path) as file:
                    number = self._write(file, Articles(database))
                print(f"{number} articles in {self.path or 'the standard output'}", file=sys.stderr)
        except LedgerError as error:
            self.refuse(str(error), error.exitcode)
        except OSError as error:
            self.refuse(f"{self.path} cannot be written: {error.strerror}", OUTPUT_FAILED)

    def _write(self, file: IO[bytes], articles: Articles) -> int:
        assert self.settings is not None
        crawler = Crawler(get_spider_loader(self.settings).load(self.chosen[0]), self.settings)
        exporter_class: Any = load_object(self.settings.getwithbase("FEED_EXPORTERS")[self.format])
        exporter = build_from_crawler(exporter_class, crawler, file, encoding=self.settings["FEED_EXPORT_ENCODING"])
        exporter.start_exporting()
        number = 0
        for article in articles.matching(selection(**self.asked)):
            exporter.export_item(article)
            number += 1
        exporter.finish_exporting()
        return number


def _day(name: str, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()  # it also reads 20220101
    except ValueError:
        raise UsageError(f"{name}={text} is no day; write {name}=2022-01-31") from None


def _target(file: str) -> tuple[Path | None, str]:
    """Path (None: the standard output) and format.

    >>> _target("a/b.jsonl.gz"), _target("-:csv")
    ((PosixPath('a/b.jsonl.gz'), 'jsonlines'), (None, 'csv'))
    """
    name, _, given = file.rpartition(":") if ":" in file else (file, "", "")
    ending = Path(name.removesuffix(".gz")).suffix.removeprefix(".")
    return None if name == "-" else Path(name), given or ENDINGS.get(ending, ending)


@contextmanager
def _file(path: Path | None) -> Iterator[IO[bytes]]:
    """Whole or not at all."""
    if path is None:
        yield sys.stdout.buffer
        return
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as raw:
            packed = PostProcessingManager([GzipPlugin], raw, {}) if path.suffix == ".gz" else None
            yield packed or raw  # type: ignore[misc]  # Scrapy's manager is as good as a file
            if packed:
                packed.close()
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
