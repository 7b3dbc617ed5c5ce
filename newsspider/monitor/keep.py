"""The pages that show a finding become cases: where mending the site's rules starts."""

import logging
from pathlib import Path

from scrapy.settings import BaseSettings

from newsspider import cases
from newsspider.monitor.pages import Shown
from newsspider.monitor.words import Objection

logger = logging.getLogger(__name__)


class Keeper:
    """Pages go to KEPT_DIR/<spider>/<kind>/<name>, next to those that gave no item; nowhere without KEPT_DIR."""

    def __init__(self, settings: BaseSettings, spider: str) -> None:
        self.folder = Path(settings["KEPT_DIR"]) / spider if settings["KEPT_DIR"] else None

    def keep(self, objection: Objection, lists: list[Shown]) -> None:
        """A page of `lists` is an index."""
        for shown in objection.shown:
            if self.folder is None or shown.page is None:
                continue
            kind = "index" if shown in lists else "article"
            try:
                path = cases.save(
                    self.folder, kind, cases.named(shown.page.url), shown.page, reason=objection.finding.name
                )
            except OSError as error:
                logger.warning("%s could not be kept for a look: %s", shown.url, error)
                return
            objection.finding.kept.append(str(path))
