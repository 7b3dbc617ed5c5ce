"""Telegram, through Spidermon's action; its client would put the text in a URL, as Markdown, and swallow errors."""

import json
from typing import Any

from scrapy.settings import BaseSettings
from spidermon.contrib.actions.telegram import SendTelegramMessage, SimplyTelegramClient  # type: ignore[import-untyped]

from newsspider.alerts import CallError
from newsspider.alerts.actions import TEXT, run
from newsspider.alerts.message import Message, message
from newsspider.alerts.web import ask

NO_MENTION = "@\u2060"
"""An at sign that calls nobody: a word joiner, which is not seen, stands after it."""


class Client(SimplyTelegramClient):  # type: ignore[misc]
    """Plain text, posted."""

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(str(settings["ALERT_TELEGRAM_TOKEN"]).strip())
        self.place = str(settings["ALERT_TELEGRAM_URL"]).rstrip("/")
        self.seconds = settings.getfloat("ALERT_TIMEOUT")

    def send_message(self, message: str, recipient: str) -> None:
        body = {"chat_id": recipient, "text": message, "link_preview_options": {"is_disabled": True}}
        answer = ask(f"{self.place}/bot{self.token}/sendMessage", self.seconds, body)
        if not _is_ok(answer):
            raise CallError(f"Telegram says {answer.decode('utf-8', 'replace')}")


def _is_ok(answer: bytes) -> bool:
    try:
        return json.loads(answer)["ok"] is True
    except (ValueError, KeyError, TypeError):
        return False


def call(to: str, settings: BaseSettings, record: dict[str, Any], stats: dict[str, Any]) -> None:
    client = Client(settings)
    action = SendTelegramMessage(sender_token=client.token, recipients=[to], message=TEXT)
    action.manager._client = client
    subject, text = message(record)
    run(action, Message(subject, text.replace("@", NO_MENTION)))
