"""The ways there are to tell people of a run, as data."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

WELL, WRONG, ALWAYS = "well", "wrong", "always"
WAYS = {
    "ALERT_MAIL_TO": ("mail", WRONG, "the alert by mail"),
    "ALERT_SLACK_TO": ("slack", WRONG, "the alert by Slack"),
    "ALERT_TELEGRAM_TO": ("telegram", WRONG, "the alert by Telegram"),
    "HEARTBEAT_URL": ("heartbeat", WELL, "the heartbeat"),
    "HEARTBEAT_FAIL_URL": ("heartbeat", WRONG, "the call of HEARTBEAT_FAIL_URL"),
    "PROMETHEUS_DIR": ("prometheus", ALWAYS, "the Prometheus file"),
}
"""The setting that switches it on -> module, whose `call` is called with `to`, settings and record; when; name."""
EACH = ("ALERT_SLACK_TO", "ALERT_TELEGRAM_TO")
"""Where each receiver is called on its own."""
SECRETS = (
    "ALERT_MAIL_PASSWORD",
    "ALERT_SLACK_TOKEN",
    "ALERT_TELEGRAM_TOKEN",
    "HEARTBEAT_URL",
    "HEARTBEAT_FAIL_URL",
)
TLS = ("starttls", "tls", "off")


class Way(NamedTuple):
    """One call at the end of a run."""

    switch: str
    module: str
    when: str
    """WELL, WRONG or ALWAYS"""
    name: str
    """for a warning"""
    to: str
    """whom, or where"""


def switched_on(settings: BaseSettings) -> Iterator[Way]:
    """Those that the settings ask for."""
    for switch, (module, when, name) in WAYS.items():
        if to := str(settings.get(switch) or "").strip():
            if switch not in EACH:
                yield Way(switch, module, when, name, to)
                continue
            for each in listed(to):
                yield Way(switch, module, when, f"{name} to {each}", each)


def listed(text: str) -> list[str]:
    """What stands between commas."""
    return [each.strip() for each in text.split(",") if each.strip()]


def mail_tls(settings: BaseSettings) -> str:
    """One of TLS: what ALERT_MAIL_TLS says, or what is usual on that port."""
    usual = {465: "tls", 25: "off"}.get(settings.getint("ALERT_MAIL_PORT"), "starttls")
    return str(settings.get("ALERT_MAIL_TLS") or usual)


def lacking(way: Way, settings: BaseSettings) -> str | None:
    """Why it cannot work; None where nothing is missing."""
    if way.module == "mail":
        return _lacking_mail(way, settings)
    if way.module == "heartbeat":
        return None if _is_web(way.to) else "is no http:// or https:// URL"
    token = f"{way.switch.removesuffix('_TO')}_TOKEN"
    if way.switch in EACH and not settings.get(token):
        return f"needs {token}"
    if way.module == "slack" and way.to.startswith("@"):
        return f"takes a channel (#name) or an id (C…, U…), not {way.to}"
    return None


def _lacking_mail(way: Way, settings: BaseSettings) -> str | None:
    tls = mail_tls(settings)
    if not all("@" in each for each in listed(way.to)):
        return "takes mail addresses, with commas between"
    if tls not in TLS:
        return f"needs an ALERT_MAIL_TLS of {', '.join(TLS)}"
    if tls == "off" and settings.get("ALERT_MAIL_PASSWORD"):
        return "sends no password without TLS: set ALERT_MAIL_TLS to starttls or tls"
    return None


def _is_web(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)
