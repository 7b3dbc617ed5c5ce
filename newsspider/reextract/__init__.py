"""Kept pages, read again with today's extraction: no request to the site.

places.py finds the WARC files, on this machine or elsewhere; pieces.py shares one file among workers and finds the
captures in it; captures.py keeps which of them are an article's; articles.py reads an article from its captures, by
the spider's own ways and through the crawl's own pipelines; workers.py has that done by processes, here or on a
cluster; run.py puts it together. diff.py says what came out otherwise than before, report.py writes that
down; outputs.py hands over to the ledger and to that comparison.
Nothing here is imported by a crawl.
"""

from newsspider.exits import NOT_FINISHED, NOT_STARTED, OBJECTED, WRONG_ARGUMENTS


class ReextractError(Exception):
    """It cannot go on; the message says why and what to do, in one line."""

    exitcode = NOT_FINISHED


class PathError(ReextractError):
    """A path that leads nowhere, or to nothing that could be read."""

    exitcode = WRONG_ARGUMENTS


class ClusterError(ReextractError):
    """The workers cannot be had."""

    exitcode = NOT_STARTED


class NothingError(ReextractError):
    """All was read, and there is no article in it."""

    exitcode = OBJECTED
