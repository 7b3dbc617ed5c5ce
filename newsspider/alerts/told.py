"""What a log may say of a failed call: one short line, no secret in it."""

from ssl import SSLCertVerificationError
from urllib.error import URLError
from urllib.parse import quote, urlsplit

from scrapy.settings import BaseSettings

from newsspider.alerts.ways import SECRETS

LONGEST = 200


def told(error: Exception, settings: BaseSettings) -> str:
    """Whatever an error quotes, it is not a token, a password or the path of a heartbeat's URL."""
    text = " ".join(reason(error).split())
    for secret in _secrets(settings):
        text = text.replace(secret, "***")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def reason(error: object) -> str:
    """In words, without what Python puts around them."""
    if isinstance(error, URLError):
        error = error.reason
    if isinstance(error, TimeoutError) or isinstance(getattr(error, "__context__", None), TimeoutError):  # smtplib's
        return "no answer in time (ALERT_TIMEOUT)"
    if isinstance(error, SSLCertVerificationError):
        return f"its certificate cannot be trusted: {error.verify_message}"
    if answer := getattr(error, "smtp_error", b""):
        return f"{error.smtp_code} {answer.decode('utf-8', 'replace')}"  # type: ignore[attr-defined]  # smtplib's
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _secrets(settings: BaseSettings) -> list[str]:
    """As they are and as they stand in URLs; the longest first, for one may hold another."""
    given = [str(settings.get(name) or "").strip() for name in SECRETS]
    paths = [urlsplit(each)._replace(scheme="", netloc="").geturl() for each in given if "://" in each]
    found = {*given, *map(quote, given), *(path.strip("/") for path in paths)}
    return sorted(filter(None, found), key=len, reverse=True)
