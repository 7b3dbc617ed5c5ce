"""`scrapy gaps`: what is missing of the corpus, day by day, and with `--fill` the job that gets it."""

import argparse
import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from textwrap import shorten

from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.conf import arglist_to_dict

from newsspider.exits import OBJECTED
from newsspider.ledger.command import LedgerCommand, saying, show
from newsspider.ledger.coverage import Day, days
from newsspider.ledger.database import Database, now
from newsspider.ledger.errors import LedgerError
from newsspider.ledger.missing import Missing
from newsspider.ledger.overview import open_jobs
from newsspider.ledger.reading import Scope, covers, day_of, moved
from newsspider.spiders.arguments import ArgumentError, ranges, spelled
from newsspider.spiders.base import WIB, NewsSpider

ARGUMENTS = ("since", "until", "channel", "subsections")
SCOPE = ("channel", "subsections")
TOLD = 400
"""Characters of the crawl's command that are shown."""


class Command(LedgerCommand):
    """Exit codes: 0 nothing is missing, 3 something is, 2 wrong arguments, or the ledger's; --fill: the crawl's."""

    def short_desc(self) -> str:
        return "List the days of which something is missing; --fill gets it"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}. -a since=2022-01-01, until=2022-01-31 (both included; otherwise all days from the"
            " first known one to yesterday), channel=, subsections= (otherwise the whole of the usual channel). Ends"
            " with 3 when something is missing. --fill crawls the days concerned and nothing else, with -s, -O and -o"
            " as `scrapy crawl` has them."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-a", dest="given", action="append", default=[], metavar="NAME=VALUE")
        parser.add_argument("--fill", action="store_true", help="crawl the days of which something can be had")
        for letter, what in (("-o", "append"), ("-O", "overwrite")):
            parser.add_argument(
                letter, dest=what, metavar="FILE", action="append", default=[], help="with --fill: the crawl's feed"
            )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        try:
            self._read(opts)
        except (UsageError, ArgumentError) as error:
            self.refuse(str(error))

    def _read(self, opts: argparse.Namespace) -> None:
        if wrong := next((pair for pair in opts.given if "=" not in pair), None):
            raise UsageError(f"-a {wrong}: write -a NAME=VALUE")
        asked = arglist_to_dict(opts.given)
        if unknown := set(asked) - set(ARGUMENTS):
            raise UsageError(f"unknown argument {min(unknown)!r}; allowed are {', '.join(ARGUMENTS)}")
        if not opts.fill and (opts.append or opts.overwrite):
            raise UsageError("-o and -O name the feeds of a crawl; add --fill")
        if opts.fill and opts.json:
            raise UsageError("--json and --fill exclude each other")
        if opts.fill and len(self.chosen) != 1:
            raise UsageError(f"name one spider: scrapy gaps --fill SPIDER; known are {', '.join(self.chosen)}")
        self.asked = {spider: self._asked(self._spider(spider), asked) for spider in self.chosen}

    def _asked(self, spider: type[NewsSpider], asked: dict[str, str]) -> tuple[str | None, str, Scope]:
        """Since, until and scope. Raises ArgumentError."""
        raw = {"since": asked["until"], **asked} if "until" in asked else asked
        arguments, yesterday = spider.check(raw), moved(day_of(now()), -1)
        scope = spelled({name: asked[name] for name in SCOPE if name in asked}, arguments, spider.urls)
        since = str(arguments.since) if "since" in asked else None
        until = min(str(arguments.until or yesterday), yesterday)
        if str(arguments.since or until) > until:
            raise ArgumentError(f"{arguments.since} is not over yet; the last day to look at is {yesterday}")
        return since, until, scope

    def _spider(self, name: str) -> type[NewsSpider]:
        assert self.settings is not None
        spider = get_spider_loader(self.settings).load(name)
        assert issubclass(spider, NewsSpider)
        return spider

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        crawl: list[str] = []
        try:
            for spider, database in self.ledgers():
                missing = Missing(self._days(spider, database))
                self.exitcode = OBJECTED if missing.gaps else self.exitcode
                if opts.fill and missing.fillable:
                    crawl = self._crawl(spider, database, missing.fillable)
                else:
                    _show(spider, missing, as_json=opts.json)
        except LedgerError as error:
            self.refuse(str(error), error.exitcode)
        if crawl:
            _start(crawl, _passed(opts))

    def _days(self, spider: str, database: Database) -> Iterator[Day]:
        since, until, scope = self.asked[spider]
        urls = self._spider(spider).urls

        def address(url: str) -> str | None:
            epoch = getattr(urls.article_url(url), "epoch", None)
            return datetime.fromtimestamp(epoch, WIB).date().isoformat() if epoch else None

        return days(database, since, until, scope=scope, address=address)

    def _crawl(self, spider: str, database: Database, wanted: list[str]) -> list[str]:
        """The arguments of `scrapy`: of a fill that was interrupted, as long as it has to do with these days."""
        scope = self.asked[spider][2]
        for job in open_jobs(database):
            arguments = {name: str(value) for name, value in job["arguments"].items()}
            if "days" in arguments and covers(arguments, scope):
                chosen = self._spider(spider).check(arguments).days
                if {str(day) for day in chosen} & set(wanted):
                    print(f"scrapy gaps: goes on with what was to be filled since {job['started']}", file=sys.stderr)
                    return ["crawl", spider, *_arguments(arguments)]
        print(f"scrapy gaps: {len(wanted)} days are read", file=sys.stderr)
        chosen_days = ranges(map(date.fromisoformat, wanted))
        return ["crawl", spider, *_arguments({"days": chosen_days, **scope})]


def _start(crawl: list[str], passed: list[str]) -> None:
    """The crawl takes this process's place: signals, exit code and last line are its own.

    What is passed on is not shown: a setting may hold a password.
    """
    print(f"scrapy gaps: scrapy {shorten(shlex.join(crawl), TOLD)}", file=sys.stderr, flush=True)
    os.execv(sys.executable, [sys.executable, "-m", "scrapy", *crawl, *passed])  # noqa: S606 (this very program)


def _show(spider: str, missing: Missing, *, as_json: bool) -> None:
    if as_json:
        show("", [{"spider": spider, **record} for record in missing.records], as_json=True)
        return
    if missing.gaps:
        show(spider, list(missing.rows), as_json=False)
    with saying():
        print(f"{spider}: {missing.summary}")


def _arguments(given: Mapping[str, str]) -> list[str]:
    return [word for name, value in given.items() for word in ("-a", f"{name}={value}")]


def _passed(opts: argparse.Namespace) -> list[str]:
    """What of the command line is the crawl's."""
    given = {"-s": opts.set, "-o": opts.append, "-O": opts.overwrite}
    single = {"-L": opts.loglevel, "--logfile": opts.logfile, "--pidfile": opts.pidfile, "--profile": opts.profile}
    given |= {name: [value] for name, value in single.items() if value}
    words = [word for name, values in given.items() for value in values for word in (name, value)]
    return words + ["--nolog"] * opts.nolog
