"""Exit codes of `scrapy crawl`."""

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
