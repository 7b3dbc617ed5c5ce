"""How is a page asked for politely, and is the answer whole? One rule a file; addon.py is the door.

On the way out: site.py (one slot for all hosts, nothing off the site), robots.py, retry.py.
On the way back: redirect.py, compression.py, whole.py, charset.py, retry.py.
bound.py lets no more out at once than was said; words.py says why nothing came; pause.py holds everything back while
the site wants to be left alone; pace.py makes those who share a ledger one, with one rate and one pause; closing.py
lets no delay hold up the end of a run.
"""

from scrapy.exceptions import IgnoreRequest, ResponseDataLossError


class DamagedResponseError(ResponseDataLossError):
    """The answer is not what the site meant to send; asked for again, and a failure when that does not help."""


def distrusted(error: BaseException | str) -> bool:
    """Whether the site's certificate is the reason, which no patience mends."""
    return any(sign in str(error) for sign in ("certificate verify failed", "VerificationError"))


class OffSite(IgnoreRequest):
    """A request, or a redirect, to where the spider has no business."""


class RobotsUnreachableError(Exception):
    """No one knows what robots.txt allows, so nothing is allowed for now."""


class PostponedError(Exception):
    """The request has not been sent and goes back to the scheduler."""
