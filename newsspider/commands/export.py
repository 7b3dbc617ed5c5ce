"""`scrapy export -O FILE`: the corpus from the ledger, at any time, in any format of the feeds."""

import argparse
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import IO, Any

from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.conf import arglist_to_dict
from scrapy.utils.misc import build_from_crawler, load_object

from newsspider.commands.options import check_format
from newsspider.corpus.clusters import Clusters
from newsspider.corpus.counts import Counts
from newsspider.corpus.files import TakenError, check_folder, month_file, month_name, target, whole, whole_folder
from newsspider.exits import OUTPUT_FAILED
from newsspider.feeds.targets import TargetError
from newsspider.feeds.targets import check as check_targets
from newsspider.items import Article
from newsspider.ledger.chosen import Chosen
from newsspider.ledger.command import LedgerCommand
from newsspider.ledger.database import Database
from newsspider.ledger.errors import LedgerError

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
        parser.add_argument(
            "--partition",
            choices=["month"],
            help="FILE is a folder, with a folder of each month in it: published_month=2022-01/articles.parquet",
        )
        parser.add_argument(
            "--cluster", action="store_true", help="a last column names the first of the articles that tell the same"
        )
        parser.add_argument(
            "--no-datasheet",
            dest="datasheet",
            action="store_false",
            help="write no DATASHEET.md beside FILE, which tells others what they have to know about it",
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        try:
            self._read(opts)
            self._check_target(opts.partition)
        except (UsageError, ValueError, TakenError) as error:
            self.refuse(str(error))
        except TargetError as error:
            self.refuse(str(error), OUTPUT_FAILED)
        if len(self.chosen) != 1:
            self.refuse(f"name one spider: scrapy export -O FILE SPIDER; known are {', '.join(self.chosen)}")

    def _read(self, opts: argparse.Namespace) -> None:
        if not opts.file:
            raise UsageError("give a file: scrapy export -O FILE")
        self.path, self.format = target(opts.file)
        assert self.settings is not None
        check_format(self.path, self.format, self.settings)
        if opts.partition and self.path is None:
            raise UsageError("--partition makes a folder: give its name and the format, as in -O corpus:parquet")
        if wrong := next((pair for pair in opts.chosen if "=" not in pair), None):
            raise UsageError(f"-a {wrong}: write -a NAME=VALUE")
        self.asked = arglist_to_dict(opts.chosen)
        if unknown := set(self.asked) - set(ARGUMENTS):
            raise UsageError(f"unknown argument {min(unknown)!r}; allowed are {', '.join(ARGUMENTS)}")
        for name in {"since", "until"} & set(self.asked):
            self.asked[name] = _day(name, self.asked[name])
        if self.asked.get("since", "") > self.asked.get("until", "9999"):
            raise UsageError("since={since} is after until={until}".format(**self.asked))
        if not (self.asked.get("revision", "all") == "all" or self.asked["revision"].isdecimal()):
            raise UsageError("revision is a number, or all")

    def _check_target(self, partition: str | None) -> None:
        if self.path and partition:
            check_folder(self.path)
        if self.path:
            check_targets([self.path / "articles" if partition else self.path])

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            for _, database in self.ledgers():
                chosen = Chosen(database, **self.asked)
                self.clusters = Clusters(chosen) if opts.cluster else None
                self.counts = Counts()
                if opts.partition:
                    self._write_months(chosen)
                else:
                    self._write(self.path, chosen)
                told = f"{self.counts.articles} articles in {self.path or 'the standard output'}"
                print(told + self._describe(database, opts.datasheet), file=sys.stderr)
        except LedgerError as error:
            self.refuse(str(error), error.exitcode)
        except TakenError as error:
            self.refuse(str(error))
        except OSError as error:
            what = error.filename or self.path or "the standard output"
            self.refuse(f"{what} cannot be written: {error.strerror}", OUTPUT_FAILED)

    def _write_months(self, chosen: Chosen) -> None:
        assert self.path
        name = month_name(self.path, self.format)
        with whole_folder(self.path) as folder:
            for month in chosen.months():
                self._write(month_file(folder, month, name), chosen.of(month))

    def _write(self, path: Path | None, articles: Iterable[Article]) -> None:
        with whole(path) as file:
            exporter = self._exporter(file)
            exporter.start_exporting()
            for article in self.counts.count(self._columns(articles)):
                exporter.export_item(article)
            exporter.finish_exporting()

    def _describe(self, database: Database, wanted: bool) -> str:
        """Writes the data card; what is to be said of it."""
        from newsspider.corpus.datasheet import describe

        return f"; {describe(database, self.path, self.asked, self.counts)}" if self.path and wanted else ""

    def _columns(self, articles: Iterable[Article]) -> Iterable[Article]:
        return self.clusters.clustered(articles) if self.clusters else articles

    def _exporter(self, file: IO[bytes]) -> Any:
        assert self.settings is not None
        crawler = Crawler(get_spider_loader(self.settings).load(self.chosen[0]), self.settings)
        exporter_class: Any = load_object(self.settings.getwithbase("FEED_EXPORTERS")[self.format])
        return build_from_crawler(exporter_class, crawler, file, encoding=self.settings["FEED_EXPORT_ENCODING"])


def _day(name: str, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()  # it also reads 20220101
    except ValueError:
        raise UsageError(f"{name}={text} is no day; write {name}=2022-01-31") from None
