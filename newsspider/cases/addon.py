"""The door: off unless KEPT_DIR is set."""

from scrapy.exceptions import NotConfigured
from scrapy.settings import BaseSettings

from newsspider.cases.kept import Kept


class CasesAddon:
    """Keeps the pages of articles that gave no item."""

    def update_settings(self, settings: BaseSettings) -> None:
        if not settings.get("KEPT_DIR"):
            raise NotConfigured
        settings.set_in_component_priority_dict("EXTENSIONS", Kept, 500)
