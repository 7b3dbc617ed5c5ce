"""What a run that went wrong says where its people are, and what one that went well says to those who wait for it.

Calls happen when all is written down and the exit code stands, side by side in threads of their own, ALERT_TIMEOUT
seconds at most: whatever comes of them, the crawl's result is what it was. A call that fails is one warning.
"""


class CallError(Exception):
    """Why a call failed, in words for the log; no secret is in it."""
