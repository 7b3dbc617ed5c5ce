"""Why a run cannot go on, in one line for the person at cron, with the exit code that says the same."""

FINISHED, NOT_STARTED, WRONG_ARGUMENTS, OBJECTED, NOT_FINISHED, OUTPUT_FAILED, BUSY = range(7)
"""Exit codes of `scrapy crawl`."""


class LedgerError(Exception):
    """The ledger cannot be read or written."""

    exitcode = OUTPUT_FAILED


class FeedError(LedgerError):
    """A feed cannot be written."""


class FeedTakenError(LedgerError):
    """Another ledger publishes to this path."""

    exitcode = WRONG_ARGUMENTS


class BusyError(LedgerError):
    """Another run of this spider is at work on this ledger."""

    exitcode = BUSY
