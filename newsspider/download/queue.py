"""The downloader's queue: requests that wait there for a delay can neither be held nor dropped, so take them back."""

from scrapy import Request
from scrapy.core.engine import ExecutionEngine

from newsspider.download import PostponedError

FILTERED = "filtered"
"""Meta key: the request is not to pass Offsite and the filter of duplicates once it is asked for again."""


def postpone(engine: ExecutionEngine) -> None:
    """Fail what waits in the downloader with PostponedError; what is on the wire stays."""
    for slot in engine.downloader.slots.values():
        while slot.queue:
            _, waiting = slot.queue.popleft()
            waiting.errback(PostponedError("not now"))


def again(request: Request) -> Request:
    """A copy for the scheduler, which the filter of duplicates lets pass."""
    copy = request.copy()
    copy.meta[FILTERED] = copy.meta.get(FILTERED) or not request.dont_filter
    copy.dont_filter = True
    return copy


def restore(request: Request) -> None:
    """Undo what `again` did to `dont_filter`, or a redirect after a retry could leave the site."""
    if request.meta.pop(FILTERED, False):
        request.dont_filter = False
