"""The door. LEDGER_URL names the ledger, and empty turns it off; unset, it is a file in JOBDIR, named after the spider.

Scrapy's own use of JOBDIR is turned off either way: its queues on disk do not survive a kill.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.extensions.feedexport import FeedExporter
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings
from scrapy.utils.misc import load_object

from newsspider.ledger.database import Database
from newsspider.ledger.errors import LedgerError
from newsspider.ledger.lock import Lock
from newsspider.ledger.run import Run
from newsspider.ledger.seconds import seconds
from newsspider.ledger.url import read_url

FOLDER = ".newsspider"
ROOM = "newsspider.ledger"
COMPONENTS = (
    ("SPIDER_MIDDLEWARES", 10, "middleware.LedgerMiddleware"),
    ("ITEM_PIPELINES", 10_000, "pipeline.LedgerPipeline"),
    ("EXTENSIONS", 10, "feeder.Feeder"),
    ("EXTENSIONS", 10, "exporter.LedgerExporter"),
    ("EXTENSIONS", 10, "ending.Ending"),
    ("EXTENSIONS", 10, "deadline.Deadline"),
    ("EXTENSIONS", 10, "heartbeat.Heartbeat"),
    ("DOWNLOADER_MIDDLEWARES", 10, "heartbeat.Held"),
)
LEASE = "60s"
SHORTEST_LEASE = 1.0
"""Seconds."""
ABOVE_ALL = SETTINGS_PRIORITIES["cmdline"] + 1


def ledger_url(settings: BaseSettings, spider: str) -> str:
    """The URL of a spider's ledger; empty where it is turned off."""
    url = settings.get("LEDGER_URL")
    folder = Path(settings.get("JOBDIR") or FOLDER)
    return str(url) if url is not None else f"sqlite:///{folder / spider}.sqlite"


def locked(url: str, folder: Path, spider: str) -> Lock:
    """The lock of the ledger at `url`; `folder` is where it lies if the ledger is no file. Raises BusyError."""
    file = read_url(url).database if url.startswith("sqlite") else None
    return Lock(Path(f"{file}.lock") if file else folder / f"{spider}.lock", spider)


class LedgerAddon:
    """Opens the ledger before anything else is built, so that what is wrong with it is said at once."""

    run: Run
    revisit: timedelta | None = None

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @classmethod
    def run_of(cls, crawler: Crawler) -> Run:
        """The run that a component belongs to."""
        addon = crawler.get_addon(cls)
        assert addon
        return addon.run

    @classmethod
    def revisit_of(cls, crawler: Crawler) -> timedelta | None:
        """LEDGER_REVISIT."""
        addon = crawler.get_addon(cls)
        assert addon
        return addon.revisit

    def update_settings(self, settings: BaseSettings) -> None:
        """Raises NotConfigured where it is turned off, LedgerError, BusyError."""
        spider: Any = self.crawler.spider
        url = ledger_url(settings, spider.name)
        folder = Path(settings.get("JOBDIR") or FOLDER)
        settings.set("JOBDIR", None, ABOVE_ALL)
        if not url:
            if span := settings.get("RUN_DEADLINE"):
                settings.set("CLOSESPIDER_TIMEOUT", seconds(str(span)), "addon")
            raise NotConfigured
        if revisit := settings.get("LEDGER_REVISIT"):
            self.revisit = timedelta(seconds=seconds(str(revisit)))
        lock = locked(url, folder, spider.name) if url.startswith("sqlite") else None
        lease = max(seconds(str(settings["LEDGER_LEASE"] or LEASE)), SHORTEST_LEASE)
        try:
            self.run = Run(self.crawler, Database(url), lock, spider.given, marks=spider.is_newest_walk, lease=lease)
        except LedgerError:
            if lock:
                lock.release()
            raise
        self._build(settings)

    def _build(self, settings: BaseSettings) -> None:
        if self.run.database.shared:
            settings.set("DOWNLOAD_PACE", f"{ROOM}.pace.SharedPace", "addon")
        settings.set_in_component_priority_dict("EXTENSIONS", FeedExporter, None)
        for kind, place, name in COMPONENTS:
            settings.setdefault_in_component_priority_dict(kind, load_object(f"{ROOM}.{name}"), place)
