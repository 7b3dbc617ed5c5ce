"""`scrapy probe`: one index page and five articles of a site, and where on them each field was found."""

import argparse
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.conf import arglist_to_dict

from newsspider import cases
from newsspider.commands.looking import ask, cases_folder, leave_out
from newsspider.commands.options import check_log, check_settings
from newsspider.commands.probed import Probed
from newsspider.exits import FINISHED, NOT_FINISHED, NOT_STARTED, OBJECTED, OUTPUT_FAILED, WRONG_ARGUMENTS
from newsspider.spiders.arguments import ArgumentError
from newsspider.spiders.base import NewsSpider

ARTICLES = 5
LONGEST = 60
"""Characters of a value that are shown."""
NO_CONTACT = "CONTACT is empty, so the site's people cannot write to you; set it in newsspider/settings.py"
IMPATIENT = {"NEWEST_PAGES": 1, "RETRY_TIMES": 1, "RETRY_AFTER_MAX": 10.0, "WARC_DIR": None, "LOG_LEVEL": "ERROR"}
"""Someone is waiting; `-s` has the last word, but for the one page of the index."""


class Command(ScrapyCommand):
    """Exit codes: 0, 3 something is missing, 4 the site cannot be asked, 2 wrong arguments, 5 a page cannot be kept."""

    requires_project = True

    def syntax(self) -> str:
        return "[options] [SPIDER]"

    def short_desc(self) -> str:
        return f"Ask a site for one index page and {ARTICLES} articles, and show which field is found where"

    def long_desc(self) -> str:
        return (
            f"{self.short_desc()}: for the day before the first crawl, and after a redesign. Nothing is written down,"
            " unless --keep. Ends with 3 when something is missing that every article has, and with 4 when the site"
            " cannot be reached or blocks."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-a", dest="given", action="append", default=[], metavar="channel=NAME")
        parser.add_argument("--url", action="append", default=[], help="this article, and no index; may be repeated")
        parser.add_argument("--keep", action="store_true", help="save the pages as test cases, like scrapy capture")
        parser.add_argument("--json", action="store_true", help="for programs: one object")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        usual = self.settings.copy()
        self.settings.setdict(IMPATIENT, priority="project")
        try:
            super().process_options(args, opts)
            check_settings(arglist_to_dict(opts.set), usual)
            self._check(args, opts)
            check_log(self.settings)
        except (UsageError, ArgumentError) as error:
            _end(str(error), WRONG_ARGUMENTS)
        except OSError as error:
            _end(f"could not start: {error.filename} cannot be written: {error.strerror}", NOT_STARTED)
        leave_out(self.settings)
        self.settings.set("NEWEST_PAGES", 1, priority="cmdline")

    def _check(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        known = get_spider_loader(self.settings).list()
        if wrong := next((pair for pair in opts.given if not pair.startswith("channel=")), None):
            raise UsageError(f"-a {wrong}: the one argument is channel, as in -a channel=nasional")
        if len(args) > 1 or not set(args) <= set(known) or (not args and len(known) > 1):
            raise UsageError(f"name one spider: scrapy probe SPIDER; known are {', '.join(known)}")
        self.name = (args or known)[0]
        given = arglist_to_dict(opts.given)
        self.arguments = given | ({"url": ",".join(opts.url)} if opts.url else {"limit": str(ARTICLES)})
        spider = get_spider_loader(self.settings).load(self.name)
        assert issubclass(spider, NewsSpider)
        spider.check(self.arguments)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.crawler_process
        crawler = self.crawler_process.create_crawler(self.name)
        probed = Probed(crawler)
        if error := ask(self.crawler_process, crawler, **self.arguments):
            _end(f"could not start: {error}", NOT_STARTED)
        probed.close()
        if not crawler.settings["CONTACT"]:
            print(f"scrapy probe: {NO_CONTACT}", file=sys.stderr)
        self.exitcode = NOT_FINISHED if probed.unreachable else OBJECTED if probed.objections else FINISHED
        kept = self._keep(probed) if opts.keep else []
        if opts.json:
            print(json.dumps(self._record(probed, kept), ensure_ascii=False))
        else:
            self._show(probed, kept)

    def _keep(self, probed: Probed) -> list[Path]:
        """One case a page, named after it, in the folder of its site."""
        folder = cases_folder() / self.name
        names = [(kind, f"probe-{cases.named(page.url)}", page) for kind, page in probed.responses]
        try:
            return [cases.save(folder, kind, name, page) for kind, name, page in names if page.status == 200]
        except OSError as error:
            _end(f"{error.filename} cannot be written: {error.strerror}", OUTPUT_FAILED)

    def _record(self, probed: Probed, kept: list[Path]) -> dict[str, object]:
        return {
            "spider": self.name,
            "probed": datetime.now(UTC).isoformat(timespec="seconds"),
            "user_agent": probed.crawler.settings["USER_AGENT"],
            "robots": [{"host": host, **asdict(robots)} for host, robots in probed.robots.items()],
            "asked": probed.asked,
            "read": len(probed.articles),
            "pages": [asdict(page) for page in probed.pages.values()],
            "fields": [asdict(field) for field in probed.fields],
            "unreachable": probed.unreachable,
            "objections": probed.objections,
            "kept": [str(path) for path in kept],
            "exitcode": self.exitcode,
        }

    # For a person

    def _show(self, probed: Probed, kept: list[Path]) -> None:
        # What is shown is the site's: nothing in it is markup.
        console, settings = Console(markup=False, highlight=False, emoji=False), probed.crawler.settings
        delay = settings.getfloat("DOWNLOAD_DELAY")
        print(f"asked as {settings['USER_AGENT']}, {delay:g} s and more between two requests")
        for host, robots in probed.robots.items():
            wish = f"Crawl-delay {robots.crawl_delay:g} s" if robots.crawl_delay else "no Crawl-delay"
            print(f"robots.txt of {host}: status {robots.status or 'unknown'}, {wish}")
        console.print(_pages(probed))
        if probed.articles:
            console.print(_fields(probed))
        if kept:
            site = kept[0].parents[1]
            print(f"kept {len(kept)} pages in {site}; what is expected of them: pytest --rewrite -k probe-")
        print(f"{self.name}: {self._told(probed)}")

    def _told(self, probed: Probed) -> str:
        if probed.unreachable:
            return probed.unreachable
        told = f"{len(probed.articles)} of {probed.asked} articles read"
        return f"{told}; {'; '.join(probed.objections) or 'every field that an article must have is found'}"


def _pages(probed: Probed) -> Table:
    table = _table("page", "status", "s", "KB", "encoding")
    table.add_column("address", no_wrap=True, overflow="ellipsis", ratio=1)
    table.expand = True
    for page in probed.pages.values():
        size = None if page.bytes is None else f"{page.bytes / 1000:.0f}"
        address = urlsplit(page.url)._replace(scheme="", netloc="").geturl()
        told = f"{page.reason}: {address}" if page.reason else address
        table.add_row(*map(_cell, (page.kind, page.status, page.seconds, size, page.encoding, told)))
    return table


def _fields(probed: Probed) -> Table:
    table = _table("field", "found", "layout, rule (pages)", "value")
    for field in probed.fields:
        table.add_row(*map(_cell, (field.field, f"{field.found} of {field.of}", field.told, _short(field.value))))
    return table


def _table(*columns: str) -> Table:
    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _short(value: str | None) -> str | None:
    return f"{value[:LONGEST]}…" if value and len(value) > LONGEST else value


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _end(message: str, code: int) -> NoReturn:
    print(f"scrapy probe: {message}", file=sys.stderr)
    sys.exit(code)
