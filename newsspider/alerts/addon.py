"""The door: off unless one of the settings in WAYS is set; nothing else is imported then."""

from scrapy.exceptions import NotConfigured
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from newsspider.alerts.ways import WAYS


class AlertsAddon:
    """Tells people of a run's end."""

    def update_settings(self, settings: BaseSettings) -> None:
        if not any(settings.get(switch) for switch in WAYS):
            raise NotConfigured
        calls = load_object("newsspider.alerts.calls.Calls")
        settings.set_in_component_priority_dict("EXTENSIONS", calls, 700)  # after the monitors have judged
