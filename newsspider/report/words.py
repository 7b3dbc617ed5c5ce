"""How a run ended, for a person."""

from newsspider.exits import FINISHED, NOT_FINISHED, NOT_STARTED, OBJECTED, OUTPUT_FAILED, WRONG_ARGUMENTS
from newsspider.ledger.run import REASONS

ENDS = {
    FINISHED: ("good", "Finished", "Healthy; nothing to do."),
    OBJECTED: ("warn", "Finished, but look at it", "Something is not as it should be: see the findings."),
    NOT_FINISHED: ("warn", "Not finished", "Run the same command again: it goes on where it was."),
    OUTPUT_FAILED: ("bad", "Output failed", "Run the same command again when the cause is gone."),
    WRONG_ARGUMENTS: ("bad", "Wrong arguments", "What was asked for cannot be done; the last line says why."),
    NOT_STARTED: ("bad", "Could not start", "Nothing was crawled."),
}
"""Exit code -> tone, what it is called, what follows."""
NO_END = ("bad", "No end", "The run is still at work, or was killed: the same command goes on where it was.")


def end(exitcode: int | None) -> tuple[str, str, str]:
    """Tone (good, warn, bad), name, and what follows.

    >>> end(None)[1], end(0)[1]
    ('No end', 'Finished')
    """
    return NO_END if exitcode is None else ENDS[exitcode]


def reason(reason: str | None, exitcode: int | None) -> str:
    """Why it ended.

    >>> reason("finished", 0), reason("finished", 4), reason("CloseSpider: enough", 4)
    ('all is done', 'an index page could not be read', 'CloseSpider: enough')
    """
    if reason is None:
        return "nothing is written down"
    if reason == "finished" and exitcode != NOT_FINISHED:
        return "all is done"
    return REASONS.get(reason, reason)
