"""`python -m newsspider.browser.watchdog FOLDER`: waits until the crawl is gone, however it ended, and clears up.

Standard input is a pipe whose other end only the crawl holds: a kill -9 closes it, too. Playwright's driver ends with
the crawl as well, but waits for a browser that hangs. FOLDER is TMPDIR of all that is to end.
"""

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import psutil

GRACE = 1.0
"""Seconds in which the driver may do it in good order."""
ROUNDS = 20
ROUND = 0.1
"""Seconds."""


def theirs(folder: str) -> Iterator[psutil.Process]:
    """Every process with that TMPDIR, and what it started."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("TMPDIR") == folder:
                yield from [*process.children(recursive=True), process]


def clear(folder: str) -> None:
    """Until nothing is left."""
    for _ in range(ROUNDS):
        left = [process for process in theirs(folder) if process.status() != psutil.STATUS_ZOMBIE]
        if not left:
            break
        for process in left:
            with suppress(psutil.Error):
                process.kill()
        time.sleep(ROUND)
    shutil.rmtree(folder, ignore_errors=True)


def main(folder: str) -> None:
    sys.stdin.buffer.read()
    end = time.monotonic() + GRACE
    while time.monotonic() < end and any(theirs(folder)):
        time.sleep(ROUND)
    clear(folder)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main(sys.argv[1])
