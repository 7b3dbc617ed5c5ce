"""Mail, through Spidermon's action; what it would send with, scrapy.mail, is deprecated and trusts any certificate."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

from scrapy.settings import BaseSettings
from spidermon.contrib.actions.email import SendEmail  # type: ignore[import-untyped]

from newsspider.alerts import CallError
from newsspider.alerts.actions import SUBJECT, TEXT, run
from newsspider.alerts.message import message
from newsspider.alerts.told import reason
from newsspider.alerts.ways import listed, mail_tls


class Mail(SendEmail):  # type: ignore[misc]
    """Plain text, one mail to all."""

    body_html_template = None

    def __init__(self, settings: BaseSettings, to: list[str]) -> None:
        sender = settings.get("ALERT_MAIL_FROM") or to[0]
        super().__init__(sender=sender, to=to, subject=SUBJECT, body_text=TEXT)
        self.settings = settings

    def get_message(self) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = self.get_subject(), self.sender, ", ".join(self.to)
        mail["Date"], mail["Message-ID"] = formatdate(localtime=True), make_msgid(domain=self.sender.rpartition("@")[2])
        mail["Auto-Submitted"] = "auto-generated"  # no one's absence answers
        mail.set_content(self.get_body_text(), cte="quoted-printable")
        return mail

    def send_message(self, message: EmailMessage, **_: object) -> None:
        with _server(self.settings) as server:
            if password := self.settings.get("ALERT_MAIL_PASSWORD"):
                server.login(self.settings.get("ALERT_MAIL_USER") or self.sender, str(password).strip())
            if refused := server.send_message(message):
                raise CallError(f"refused for {', '.join(refused)}")


def _server(settings: BaseSettings) -> smtplib.SMTP:
    host, port = settings["ALERT_MAIL_HOST"], settings.getint("ALERT_MAIL_PORT")
    seconds, tls, trust = settings.getfloat("ALERT_TIMEOUT"), mail_tls(settings), ssl.create_default_context()
    if tls == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=seconds, context=trust)
    server = smtplib.SMTP(host, port, timeout=seconds)
    if tls == "starttls":
        server.starttls(context=trust)
    return server


def call(to: str, settings: BaseSettings, record: dict[str, Any], stats: dict[str, Any]) -> None:
    try:
        run(Mail(settings, listed(to)), message(record))
    except OSError as error:  # smtplib's are, too
        raise CallError(f"{settings['ALERT_MAIL_HOST']}: {reason(error)}") from None
