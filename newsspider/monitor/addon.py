"""The door: MONITOR_ENABLED, on unless it is turned off."""

from scrapy.exceptions import NotConfigured
from scrapy.settings import BaseSettings

from newsspider.monitor.collect import Collect
from newsspider.monitor.judge import Judge


class MonitorAddon:
    """Counts while the run lasts, and judges it when it is over."""

    def update_settings(self, settings: BaseSettings) -> None:
        if not settings.getbool("MONITOR_ENABLED"):
            raise NotConfigured
        settings.set_in_component_priority_dict("EXTENSIONS", Collect, 600)
        settings.set_in_component_priority_dict("EXTENSIONS", Judge, 601)
