"""What a failed request says: about the page, or about the site."""

from typing import NamedTuple

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.spidermiddlewares.httperror import HttpError

GONE = frozenset((404, 410))
BLOCKED = frozenset((401, 403))
BUSY = frozenset((408, 425, 429))
NOT_MODIFIED = 304
SITE = frozenset(("refused", "blocked", "silent", "distrusted"))
"""States that may be the site's fault."""
FIRM = frozenset(("blocked", "distrusted"))
"""Those that no patience mends."""
NO_ANSWER = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
"""Errors on the way to the page."""
DISTRUST = ("certificate verify failed", "VerificationError")
"""What stands in an error of a certificate, which no patience mends."""


class Outcome(NamedTuple):
    """Why there is no article."""

    state: str
    """gone, failed (the page's own fault), unchanged; or of SITE"""
    reason: str


def outcome(error: BaseException | None) -> Outcome:
    """Of a request whose errback was called with `error`."""
    if isinstance(error, HttpError):
        status = error.response.status
        return Outcome(_state(status), f"status {status}")
    reason = " ".join(str(error).split()) or type(error).__name__
    if any(sign in reason for sign in DISTRUST):
        return Outcome("distrusted", "its certificate cannot be trusted")
    if isinstance(error, NO_ANSWER) or (not isinstance(error, IgnoreRequest) and "robots.txt" in reason):
        return Outcome("silent", reason)
    return Outcome("failed", reason)


def _state(status: int) -> str:
    if status in GONE:
        return "gone"
    if status == NOT_MODIFIED:
        return "unchanged"
    if status in BLOCKED:
        return "blocked"
    return "refused" if status in BUSY or status >= 500 else "failed"
