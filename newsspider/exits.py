"""Exit codes of `scrapy crawl`."""

from collections.abc import Mapping
from typing import Any

FINISHED = 0
"""Healthy, also with nothing new."""
NOT_STARTED = 1
WRONG_ARGUMENTS = 2
OBJECTED = 3
"""Finished, but something is not as it should be."""
NOT_FINISHED = 4
"""Interrupted, or the site is down or blocks: the same command goes on."""
OUTPUT_FAILED = 5
"""Ledger or feed."""
BUSY = 6
"""Another run of this spider is at work."""

OF_REASON = {
    "finished": FINISHED,
    "start_error": NOT_STARTED,
    "warc_failed": OUTPUT_FAILED,
    "browser_failed": NOT_STARTED,
}
"""Of the reasons why a spider closes; of any other one it is NOT_FINISHED."""


def of_stats(stats: Mapping[str, Any]) -> int:
    """What the exit code is where nothing but the stats can tell: without a ledger."""
    code = OF_REASON.get(stats.get("finish_reason", ""), NOT_FINISHED)
    read, listed = stats.get("index/pages", 0), stats.get("index/listed", 0)
    unread = any(stat.startswith("failed/index/") for stat in stats)
    if code != FINISHED or not (unread or (read and not listed)):
        return code
    return NOT_FINISHED if unread and not read else OBJECTED
