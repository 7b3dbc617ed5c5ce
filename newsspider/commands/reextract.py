"""`scrapy reextract --warc PATH… -O FILE`: today's extraction over kept pages, without asking the site.

What it needs besides a crawl is imported when it runs: every command of the project is loaded with every other.
"""

import argparse
import logging
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, cast

from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.conf import arglist_to_dict
from scrapy.utils.misc import build_from_crawler, load_object

from newsspider.commands.options import check_format, check_words
from newsspider.corpus.files import target, whole
from newsspider.exits import FINISHED, NOT_FINISHED, OBJECTED, OUTPUT_FAILED
from newsspider.feeds.targets import TargetError, check
from newsspider.ledger.addon import FOLDER, ledger_url
from newsspider.ledger.command import LedgerCommand
from newsspider.ledger.errors import LedgerError
from newsspider.ledger.url import without_password
from newsspider.reextract import ReextractError
from newsspider.spiders.arguments import ArgumentError
from newsspider.spiders.base import NewsSpider

ARGUMENTS = ("channel", "subsections", "url")
Take = Callable[[list[Any]], Any]
OUTCOMES = ("new", "updated", "unchanged", "older")
"""What becomes of an article in the ledger."""
INTERRUPTED = "not finished (interrupted); the files are as they were: run it again"


class Command(LedgerCommand):
    """Exit codes: see `exits.py`."""

    def short_desc(self) -> str:
        return "Extract again from kept pages (WARC), without asking the site"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}. PATH is a .warc, .warc.gz or .wacz file, a folder, a glob, or a list of these"
            " (.paths, .txt, also .gz), here or at s3://… or https://…; Common Crawl's warc.paths.gz is such a list."
            " The feed has the article with the newest capture first. -a channel=, subsections=, url= choose articles."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add = parser.add_argument
        add("--warc", nargs="+", action="extend", default=[], metavar="PATH", help="what to read")
        add("--base", default="", metavar="URL", help="what the lines of a list are relative to")
        add("-O", dest="file", metavar="FILE", help="the feed: .jsonl, .json, .csv, .parquet or .xml; it is replaced")
        add("--into-ledger", action="store_true", help="what came out otherwise becomes the next revision")
        add("--diff", metavar="REPORT", help="what came out otherwise than before, as text or as a page (.html)")
        add("--against", metavar="FEED", help="what --diff compares with: an earlier feed instead of the ledger")
        add("--workers", type=_count, metavar="N", help="processes of this machine; by default one a core")
        add("--scheduler", metavar="URL", help="a Dask cluster that does the work: tcp://host:8786")
        add("-a", dest="chosen", action="append", default=[], metavar="NAME=VALUE")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        try:
            check_words(args, opts.chosen, "reextract")
            self._check(opts)
            check(filter(None, (self.feed, opts.diff)))
        except (UsageError, ArgumentError, ValueError) as error:
            self.refuse(str(error))
        except TargetError as error:
            self.refuse(str(error), OUTPUT_FAILED)

    def _check(self, opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if len(self.chosen) != 1:
            raise UsageError(f"name one spider, behind the other options; known are {', '.join(self.chosen)}")
        if not opts.warc:
            raise UsageError("give what to read: scrapy reextract --warc PATH -O FILE")
        if not (opts.file or opts.into_ledger or opts.diff):
            raise UsageError("give what is to come of it: -O FILE, --into-ledger or --diff REPORT")
        if opts.against and not opts.diff:
            raise UsageError("--against says what --diff compares with; give --diff REPORT, too")
        if opts.workers and opts.scheduler:
            raise UsageError("--workers is for this machine and --scheduler for a cluster; give one of them")
        self.feed, self.format = target(opts.file) if opts.file else (None, "")
        if opts.file:
            check_format(self.feed, self.format, self.settings)
        self.asked = arglist_to_dict(opts.chosen)
        if unknown := set(self.asked) - set(ARGUMENTS):
            raise UsageError(f"unknown argument {min(unknown)!r}; allowed are {', '.join(ARGUMENTS)}")
        self.spider = cast("type[NewsSpider]", get_spider_loader(self.settings).load(self.chosen[0]))
        if "url" not in self.asked:
            self.asked.setdefault("channel", "all")
        self.spider.check(self.asked)
        self.revised: Counter[str] = Counter()
        self.ledger = ledger_url(self.settings, self.spider.name)
        if not self.ledger and (opts.into_ledger or (opts.diff and not opts.against)):
            raise UsageError("LEDGER_URL is empty: there is no ledger to write to, or to compare with")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        logging.basicConfig(format="%(message)s", level=logging.WARNING, force=True)
        try:
            self._run(opts, monotonic())
        except (ReextractError, LedgerError) as error:
            self.refuse(str(error), error.exitcode)
        except KeyboardInterrupt:
            self.refuse(INTERRUPTED, NOT_FINISHED)
        except OSError as error:
            self.refuse(
                f"{error.filename or self.feed or opts.diff} cannot be written: {error.strerror}", OUTPUT_FAILED
            )
        except sqlite3.Error as error:
            self.refuse(f"the temporary folder cannot be written: {error}; TMPDIR names another one", OUTPUT_FAILED)

    def _run(self, opts: argparse.Namespace, began: float) -> None:
        assert self.settings is not None
        from tqdm.contrib.logging import logging_redirect_tqdm

        from newsspider.reextract.places import places
        from newsspider.reextract.run import Run
        from newsspider.reextract.site import orders
        from newsspider.reextract.watch import Bar
        from newsspider.reextract.workers import workers

        found, failed = places(opts.warc, opts.base)
        given = orders(self.spider, self.asked, self.settings)
        with ExitStack() as stack:
            stack.enter_context(logging_redirect_tqdm())
            bar = stack.enter_context(closing(Bar()))
            takes = [stack.enter_context(output) for output in self._outputs(opts)]
            size = sum(place.size for place in found)
            run = Run(given, found, stack.enter_context(workers(opts.workers, opts.scheduler, size)), bar, failed)
            for articles in run.batches():
                for take in takes:
                    take(articles)
            bar.close()
            run.check()
        self.exitcode = OBJECTED if run.objections else FINISHED
        told = f"{run.told(monotonic() - began)}{self._revised()}{self._places(opts)}"
        print(f"{self.spider.name}: {told}", file=sys.stderr)

    def _outputs(self, opts: argparse.Namespace) -> Iterator[AbstractContextManager[Take]]:
        """In this order: the ledger tells an article its revision, and is compared with as it was."""
        from newsspider.reextract import outputs

        if opts.diff:
            against = Path(opts.against) if opts.against else self.ledger
            yield outputs.compared(against, whole(Path(opts.diff)), Path(opts.diff))
        if opts.into_ledger:
            assert self.settings is not None
            folder = Path(self.settings.get("JOBDIR") or FOLDER)
            yield outputs.into_ledger(self.ledger, folder, self.spider.name, self.revised)
        if opts.file:
            yield self._written()

    @contextmanager
    def _written(self) -> Iterator[Take]:
        """To the feed."""
        assert self.settings is not None
        exporter_class: Any = load_object(self.settings.getwithbase("FEED_EXPORTERS")[self.format])
        crawler = Crawler(self.spider, self.settings)
        with whole(self.feed) as file:
            exporter = build_from_crawler(exporter_class, crawler, file, encoding=self.settings["FEED_EXPORT_ENCODING"])
            exporter.start_exporting()
            yield lambda articles: [exporter.export_item(article) for article in articles]
            exporter.finish_exporting()

    def _revised(self) -> str:
        told = ", ".join(f"{number} {what}" for what in OUTCOMES if (number := self.revised[what]))
        return f"; {told}" if told else ""

    def _places(self, opts: argparse.Namespace) -> str:
        ledger = f"the ledger {without_password(self.ledger)}" if opts.into_ledger else ""
        return "".join(f"; {place}" for place in (opts.file, ledger, opts.diff) if place)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError("give a number of processes, from 1 on")
    return int(text)
