"""The page of every article that gave no item, kept for a look: what a redesign of the site looks like at first."""

import logging
from pathlib import Path
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from newsspider import cases

logger = logging.getLogger(__name__)

REASONS = ("no title", "no text")
"""Why a page is kept; an article dropped for another reason (once more, too many) is no puzzle."""
MOST = 100
"""Pages kept in a run, where KEPT_MAX does not say otherwise; the others are counted."""


class Kept:
    """Pages go to KEPT_DIR/<spider>/article/<name>, as a case with its `reason`, ready to be moved to tests/pages."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.folder = Path(crawler.settings["KEPT_DIR"])
        self.left = crawler.settings.getint("KEPT_MAX", MOST)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        kept = cls(crawler)
        crawler.signals.connect(kept.dropped, signals.item_dropped)
        return kept

    def dropped(self, exception: Exception, response: Response | None, **_: Any) -> None:
        """An item was dropped: its page is saved, or counted where there is no room."""
        reason = str(exception)
        if response is None or reason not in REASONS:
            return
        if self.left <= 0:
            self._count("over")
            return
        self.left -= 1
        self._save(response, reason)

    def _save(self, response: Response, reason: str) -> None:
        assert self.crawler.spider
        try:
            path = cases.save(
                self.folder / self.crawler.spider.name, "article", cases.named(response.url), response, reason=reason
            )
        except OSError as error:
            self._count("failed")
            logger.warning("%s (%s) could not be kept for a look: %s", response.url, reason, error)
        else:
            self._count("pages")
            logger.info("%s: %s; kept in %s", response.url, reason, path)

    def _count(self, what: str) -> None:
        self.crawler.stats.inc_value(f"kept/{what}")
