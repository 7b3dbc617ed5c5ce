"""Why a run cannot go on, in one line for the person at cron, with the exit code that says the same."""

from newsspider.exits import BUSY, OUTPUT_FAILED, WRONG_ARGUMENTS

DAMAGED = "it is damaged and was left as it is; put a backup in its place, or move it away to begin anew"


class LedgerError(Exception):
    """The ledger cannot be read or written."""

    exitcode = OUTPUT_FAILED


class NoLedgerError(LedgerError):
    """There is none."""

    exitcode = WRONG_ARGUMENTS


class LedgerUrlError(LedgerError):
    """LEDGER_URL leads nowhere."""


class LostError(LedgerError):
    """The connection was cut, or others were in the way: over a new one it may go well."""


class SilentError(LedgerError):
    """The database was waited for, and says nothing."""


class FeedError(LedgerError):
    """A feed cannot be written."""


class FeedTakenError(LedgerError):
    """Another ledger publishes to this path."""

    exitcode = WRONG_ARGUMENTS


class FeedRefusedError(LedgerError):
    """A feed cannot hold what it is asked to."""

    exitcode = WRONG_ARGUMENTS


class BusyError(LedgerError):
    """Another run of this spider is at work on this ledger."""

    exitcode = BUSY


class OvertakenError(LedgerError):
    """Another run has taken over what this one held: it is for that one to write down."""

    def __init__(self) -> None:
        super().__init__("another run has taken over: this one was stopped for longer than LEDGER_LEASE")
