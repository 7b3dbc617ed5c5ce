"""The door: off unless REPORT_DIR is set."""

from scrapy.exceptions import NotConfigured
from scrapy.settings import BaseSettings

from newsspider.report.reporter import Reporter


class ReportAddon:
    """A report of every run that has a ledger."""

    def update_settings(self, settings: BaseSettings) -> None:
        if not settings.get("REPORT_DIR"):
            raise NotConfigured
        settings.set_in_component_priority_dict("EXTENSIONS", Reporter, 900)
