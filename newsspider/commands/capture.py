"""`scrapy capture KIND NAME URL`: save a page of a site as a test case."""

import argparse
import pkgutil
import sys
from collections.abc import AsyncIterator
from http.client import responses
from importlib import import_module
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from newsspider import cases, sites
from newsspider.commands.looking import PAGES, ask, cases_folder, leave_out
from newsspider.commands.options import check_log

SAVED, FAILED, WRONG_ARGUMENTS = 0, 1, 2


class Case(Spider):
    """One request; what came of it is in `saved` or `error`."""

    name = "capture"
    url: str
    kind: str
    case: str
    folder: Path

    saved: str | None = None
    error: str = "no answer"

    async def start(self) -> AsyncIterator[Request]:
        yield Request(self.url, self.parse, errback=self.failed, meta={"kind": self.kind})

    def parse(self, response: Response) -> None:
        if not (isinstance(response, TextResponse) and response.body):
            self.error = f"it is no page but {len(response.body)} bytes of {_content_type(response)}"
            return
        try:
            path = cases.save(self.folder, self.kind, self.case, response)
        except OSError as error:
            self.error = f"{error.filename} cannot be written: {error.strerror}"
        else:
            self.saved = f"{path}: {response.url}, {len(response.body)} bytes"

    def failed(self, failure: Failure) -> None:
        error = failure.value
        if isinstance(error, HttpError):
            self.error = f"{error.response.status} {responses.get(error.response.status, '')}".rstrip()
        else:
            self.error = str(error) or type(error).__name__


class Command(ScrapyCommand):
    """Exit codes: 0 saved, 1 failed, 2 wrong arguments."""

    requires_project = True

    def syntax(self) -> str:
        return "[options] KIND NAME URL"

    def short_desc(self) -> str:
        return "Save a page as a test case"

    def long_desc(self) -> str:
        return f"{self.short_desc()}: {PAGES}/<site>/KIND/NAME. KIND is one of {', '.join(cases.KINDS)}."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--force", action="store_true", help="replace the case of that name")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        self.settings.set("SPIDER_MODULES", [], priority="cmdline")  # it brings its own
        try:
            super().process_options(args, opts)
            leave_out(self.settings)
            self._check(args, opts)
            check_log(self.settings)
        except (UsageError, ValueError) as error:
            _end(str(error), WRONG_ARGUMENTS)
        except OSError as error:
            _end(f"{error.filename} cannot be written: {error.strerror}", FAILED)

    def _check(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 3:
            raise UsageError("give a kind, a name and a URL: scrapy capture article no-date https://...")
        kind, name, url = args
        cases.check(kind, name)
        folder = cases_folder() / _site(url)
        if (folder / kind / name).exists() and not opts.force:
            raise UsageError(f"{folder / kind / name} exists; take another name, or --force to replace it")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.crawler_process
        kind, name, url = args
        crawler = self.crawler_process.create_crawler(Case)
        folder, domains = cases_folder() / _site(url), [_domains()[_site(url)]]
        page = {"url": url, "kind": kind, "case": name, "folder": folder, "allowed_domains": domains}
        if error := ask(self.crawler_process, crawler, **page):
            _end(f"could not start: {error}", FAILED)
        assert isinstance(crawler.spider, Case)
        if crawler.spider.saved is None:
            _end(f"{url} could not be had: {crawler.spider.error}", FAILED)
        print(f"saved {crawler.spider.saved}; now fill in what is expected: pytest --rewrite -k {name}")


def _domains() -> dict[str, str]:
    """Every site that is known, and its domain."""
    names = [module.name for module in pkgutil.iter_modules(sites.__path__) if module.ispkg]
    return {name: import_module(f"{sites.__name__}.{name}.urls").DOMAIN for name in names}


def _site(url: str) -> str:
    domains, host = _domains(), _host(url)
    for name, domain in domains.items():
        if f".{host}".endswith(f".{domain}"):
            return name
    raise UsageError(f"{url!r} is of no site that is known here: {', '.join(domains.values())}")


def _host(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.hostname if parts.scheme in ("http", "https") else None


def _content_type(response: Response) -> str:
    return (response.headers.get("Content-Type") or b"unknown type").decode("latin-1")


def _end(message: str, code: int) -> NoReturn:
    print(f"scrapy capture: {message}", file=sys.stderr)
    sys.exit(code)
