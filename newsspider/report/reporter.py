"""Makes the report when a run has ended, and no run ends otherwise for that: what goes wrong is one warning."""

import logging
from pathlib import Path
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from newsspider.ledger import signals
from newsspider.ledger.database import Database
from newsspider.ledger.run import Run
from newsspider.report import files
from newsspider.report.contents import read

logger = logging.getLogger(__name__)


class Reporter:
    """Extension; heard of only where there is a ledger."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        reporter = cls(crawler)
        crawler.signals.connect(reporter.ended, signals.ended)
        return reporter

    def ended(self, run: Run, **_: Any) -> None:
        assert self.crawler.spider
        if run.broken:
            logger.warning("no report: the ledger could not be written")
            return
        settings = self.crawler.settings
        try:
            made = make(run.database, self.crawler.spider.name, run.id, settings)
            files.thin(made.parent, settings.getint("REPORTS_KEPT"))
        except OSError as error:
            place = error.filename or settings["REPORT_DIR"]
            logger.warning("no report: %s cannot be written: %s", place, error.strerror)
        except Exception as error:  # whatever it is, the run stands as it is
            logger.warning("no report: %s: %s; scrapy report makes it again", type(error).__name__, error)


def make(database: Database, spider: str, run: int | None, settings: BaseSettings) -> Path:
    """Write the report of a run (None: the last one); where it stands.

    Raises NoRunError where the spider has no such run, LedgerError, OSError.
    """
    from newsspider.report.page import page  # here: a crawl that ends early does not pay for it

    contents = read(database, spider, run)
    at = files.path(Path(settings["REPORT_DIR"]), spider, contents.run.id)
    files.write(at, page(contents, files.earlier(at.parent)), latest=contents.is_last)
    return at
