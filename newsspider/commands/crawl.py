"""`scrapy crawl`: the stock command, with arguments checked first and an exit code that tells the truth."""

import argparse
import asyncio
import gc
import sys
from collections.abc import Callable
from typing import NoReturn

from scrapy.commands.crawl import Command as CrawlCommand
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.conf import arglist_to_dict

from newsspider.spiders.arguments import ArgumentError

_BOOLEANS = ("0", "1", "True", "False", "true", "false")
_READERS: dict[type, Callable[[str], object]] = {int: int, float: float, bool: _BOOLEANS.index}

FINISHED, NOT_STARTED, WRONG_ARGUMENTS = 0, 1, 2


class Command(CrawlCommand):
    """Exit codes: 0 finished, 1 could not start, 2 wrong arguments."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        usual = self.settings.copy()
        if opts.output or opts.overwrite_output:
            self.settings.set("FEEDS", {}, priority="project")  # -o and -O replace the default feeds
        try:
            super().process_options(args, opts)
            _check_settings(arglist_to_dict(opts.set), usual)
            self._check(args, opts)
        except (UsageError, ArgumentError) as error:
            _refuse(str(error))

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
        gc.set_threshold(700, 5, 2)  # responses wait in cycles; measured in PITFALLS: 170 MB instead of 350
        crawl = self.crawler_process.crawl(self._create_crawler(args[0]), **opts.spargs)
        self.crawler_process.start()
        assert isinstance(crawl, asyncio.Task)
        error = crawl.exception() if crawl.done() and not crawl.cancelled() else None
        if error is not None:
            print(f"scrapy crawl: could not start: {error}", file=sys.stderr)
        self.exitcode = NOT_STARTED if self.crawler_process.bootstrap_failed else FINISHED


def _check_settings(given: dict[str, str], usual: BaseSettings) -> None:
    """A `-s` that Scrapy would trip over in the middle of the crawl."""
    for name, text in given.items():
        kind = type(usual.get(name))
        try:
            _READERS.get(kind, str)(text)
        except ValueError:
            raise UsageError(f"-s {name}={text}: {name} takes a value like {usual[name]}") from None


def _refuse(message: str) -> NoReturn:
    print(f"scrapy crawl: {message}", file=sys.stderr)
    sys.exit(WRONG_ARGUMENTS)
