"""The commands: Scrapy loads them all before it begins with one, which takes a third of a second."""

import os
import signal
import sys
from types import FrameType

from newsspider.exits import NOT_FINISHED

INTERRUPTED = "not finished (interrupted); the same command goes on"


def _leave(number: int, frame: FrameType | None) -> None:
    os.write(sys.stderr.fileno(), f"scrapy crawl: {INTERRUPTED}\n".encode())
    os._exit(NOT_FINISHED)


def _open_what_is_closed() -> None:
    """A cron may close them; Scrapy cannot do without, and what is opened next would take their place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            setattr(sys, name, os.fdopen(number, "w" if number else "r"))


_open_what_is_closed()
if next((word for word in sys.argv[1:] if not word.startswith("-")), "") == "crawl":
    for _number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(_number, _leave)  # until the crawl has handlers of its own
