"""A dead man's switch, of any make: its URL is called, and it raises the alarm where it is not."""

from typing import Any

from scrapy.settings import BaseSettings

from newsspider.alerts.web import ask


def call(to: str, settings: BaseSettings, record: dict[str, Any], stats: dict[str, Any]) -> None:
    ask(to, settings.getfloat("ALERT_TIMEOUT"))
