"""`scrapy crawl`: the stock command, with arguments checked first and an exit code that tells the truth."""

import argparse
import asyncio
import atexit
import gc
import os
import signal
import sys
from typing import NoReturn

from scrapy import signals
from scrapy.commands.crawl import Command as CrawlCommand
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured, UsageError
from scrapy.extensions.feedexport import FeedExporter
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.conf import arglist_to_dict

from newsspider.commands import INTERRUPTED
from newsspider.commands.options import check_log, check_settings, check_words
from newsspider.exits import FINISHED, NOT_FINISHED, NOT_STARTED, OUTPUT_FAILED, WRONG_ARGUMENTS, of_stats
from newsspider.feeds.targets import TargetError
from newsspider.feeds.targets import check as check_targets
from newsspider.feeds.uris import FeedArgumentError, named, packed
from newsspider.feeds.uris import check as check_uris
from newsspider.ledger.command import let_stdout_go
from newsspider.ledger.ending import Ending
from newsspider.spiders.arguments import ArgumentError


class PatientCrawler(Crawler):
    """Scrapy's stops at once, also where feeds are being written: the run would leave without its end."""

    asked = False

    async def stop_async(self) -> None:
        """Once, when an end that is under way is written down; asked again, nobody waits for that."""
        if self.asked or not self.crawling:
            return
        self.asked = True
        if ending := _ending(self):
            await ending.settled()
        await super().stop_async()


class Command(CrawlCommand):
    """Exit codes: see `exits.py`."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        usual = self.settings.copy()
        if opts.output or opts.overwrite_output:
            self.settings.set("FEEDS", {}, priority="project")  # -o and -O replace the default feeds
        formats = self.settings.getwithbase("FEED_EXPORTERS")
        opts.output = [named(each, formats) for each in opts.output or ()]
        opts.overwrite_output = [named(each, formats) for each in opts.overwrite_output or ()]
        try:
            check_words(args, opts.spargs)
            super().process_options(args, opts)
            check_settings(arglist_to_dict(opts.set), usual)
            self._check(args, opts)
            check_log(self.settings)
            feeds, priority = packed(self.settings.getdict("FEEDS")), self.settings.getpriority("FEEDS")
            self.settings.set("FEEDS", feeds, priority or 0)
            check_uris(self.settings)
            check_targets(self.settings.getdict("FEEDS"))
        except (UsageError, ArgumentError, FeedArgumentError) as error:
            _end(str(error), WRONG_ARGUMENTS)
        except TargetError as error:
            _end(str(error), OUTPUT_FAILED)
        except OSError as error:
            _end(f"could not start: {error.filename} cannot be written: {error.strerror}", NOT_STARTED)

    def _check(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        loader = get_spider_loader(self.settings)
        known = ", ".join(loader.list())
        if len(args) != 1:
            raise UsageError(f"name one spider: scrapy crawl NAME [-a ARGUMENT=VALUE ...]; known are {known}")
        if args[0] not in loader.list():
            raise UsageError(f"unknown spider {args[0]!r}; known are {known}")
        loader.load(args[0]).check(opts.spargs)  # type: ignore[attr-defined]  # every spider here is a NewsSpider

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.crawler_process
        gc.freeze()
        gc.set_threshold(700, 5, 2)  # what waits in cycles is freed sooner, so that responses do not pile up
        spider = self.crawler_process.spider_loader.load(args[0])
        crawler = self._create_crawler(PatientCrawler(spider, self.settings))  # type: ignore[arg-type]  # it takes one
        crawler.signals.connect(_settled, signals.spider_opened)
        _check_storages(crawler)
        crawl = self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        assert isinstance(crawl, asyncio.Task)
        self.exitcode = self._exitcode(crawler, crawl)
        _leave_with(self.exitcode)

    def _exitcode(self, crawler: Crawler, crawl: asyncio.Task[None]) -> int:
        if not crawl.done() or crawl.cancelled():
            return self._cut(crawler)  # a second signal
        if error := crawl.exception():
            code: int = getattr(error, "exitcode", NOT_STARTED)
            print(f"scrapy crawl: {'could not start: ' * (code == NOT_STARTED)}{error}", file=sys.stderr)
            return code
        assert self.crawler_process
        told: int = crawler.stats.get_value("run/exitcode", of_stats(crawler.stats.get_stats()))
        return NOT_STARTED if self.crawler_process.bootstrap_failed and told == FINISHED else told

    def _cut(self, crawler: Crawler) -> int:
        ending = _ending(crawler)
        code, told = ending.cut("shutdown") if ending else (NOT_FINISHED, INTERRUPTED)
        print(f"scrapy crawl: {told}", file=sys.stderr)
        return code


def _ending(crawler: Crawler) -> Ending | None:
    return crawler.get_extension(Ending) if crawler.extensions else None


def _check_storages(crawler: Crawler) -> None:
    """Scrapy names the storage that it lacks in its log, and would crawl without any feed."""
    try:
        FeedExporter(crawler)
    except NotConfigured:
        if crawler.settings.getdict("FEEDS"):
            _end(
                "could not start: not all feeds can be written there; give paths, as in -O articles.jsonl", NOT_STARTED
            )


def _settled() -> None:
    """All is loaded, and stays: what came since the start is no longer looked through for what may be freed."""
    gc.freeze()


def _leave_with(code: int) -> None:
    """All is told: a signal while Python puts its things away, or waits for a thread, changes nothing any more."""
    let_stdout_go()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(code))
        atexit.register(signal.signal, number, signal.SIG_IGN)  # Python's own end would bring back the usual handlers


def _end(message: str, code: int) -> NoReturn:
    print(f"scrapy crawl: {message}", file=sys.stderr)
    sys.exit(code)
