"""Slack, through Spidermon's action: what stands in a text is text, and links are links."""

import logging
from typing import Any

from scrapy.settings import BaseSettings
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from spidermon.contrib.actions.slack import SendSlackMessage, SlackMessageManager  # type: ignore[import-untyped]

from newsspider.alerts import CallError
from newsspider.alerts.actions import TEXT, run
from newsspider.alerts.message import Message, message

PLAIN = {"link_names": False, "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})

silent = logging.getLogger(f"{__name__}.sdk")
silent.disabled = True  # it is told by whoever calls


class Channel(SlackMessageManager):  # type: ignore[misc]
    """Needs no right but chat:write, at a place that can be set."""

    def __init__(self, settings: BaseSettings) -> None:
        token = settings["ALERT_SLACK_TOKEN"]
        super().__init__(sender_token=token, sender_name="newsspider")
        self.sender_name = None
        seconds = max(1, settings.getint("ALERT_TIMEOUT"))
        place = settings["ALERT_SLACK_URL"]
        self._client = WebClient(token, base_url=place, timeout=seconds, retry_handlers=[], logger=silent)

    def _get_icon_url(self) -> None:
        """The app's own."""


def call(to: str, settings: BaseSettings, record: dict[str, Any], stats: dict[str, Any]) -> None:
    action = SendSlackMessage(
        sender_token=settings["ALERT_SLACK_TOKEN"],
        sender_name="newsspider",
        recipients=[to],
        message=TEXT,
        include_attachments=False,
        **PLAIN,
    )
    action.manager = Channel(settings)
    subject, text = message(record)
    try:
        run(action, Message(subject, text.translate(ESCAPES)))
    except SlackApiError as error:
        raise CallError(f"Slack says {error.response['error']}") from None
