"""What `capture` and `probe` share: some pages are asked for with a crawl's manners, and nothing is written down."""

import asyncio
from pathlib import Path
from typing import Any

from scrapy.crawler import Crawler, CrawlerProcessBase
from scrapy.settings import BaseSettings
from scrapy.utils.conf import closest_scrapy_cfg

PAGES = Path("tests", "pages")
LEFT_OUT: dict[str, object] = {
    "ADDONS": {"newsspider.download.addon.DownloadAddon": 100, "newsspider.warc.addon.WarcAddon": 200},
    "JOBDIR": None,
    "FEEDS": {},
    "ITEM_PIPELINES": {},
    "EXTENSIONS": {},
}
"""What of a crawl makes no sense for some pages, or would fail while a site's rules are being written. Manners stay."""


def leave_out(settings: BaseSettings) -> None:
    """Also what the command line gave."""
    settings.setdict(LEFT_OUT, priority="cmdline")


def ask(process: CrawlerProcessBase, crawler: Crawler, **arguments: Any) -> BaseException | None:
    """Crawl to the end; why that could not start, if so."""
    crawl = process.crawl(crawler, **arguments)
    process.start()
    assert isinstance(crawl, asyncio.Task)
    return crawl.exception() if crawl.done() and not crawl.cancelled() else None


def cases_folder() -> Path:
    """Where the cases are: beside scrapy.cfg, seen from here where that is shorter."""
    folder = Path(closest_scrapy_cfg() or "scrapy.cfg").absolute().parent / PAGES
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
