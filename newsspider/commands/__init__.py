"""The commands. Scrapy loads them all before it begins with one: what has to hold from the start on stands here."""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType

from newsspider.exits import NOT_FINISHED

INTERRUPTED = "not finished (interrupted); the same command goes on"


def _leave(number: int, frame: FrameType | None) -> None:
    with suppress(OSError):
        os.write(sys.stderr.fileno(), f"scrapy crawl: {INTERRUPTED}\n".encode())
    os._exit(NOT_FINISHED)


def _open_what_is_closed() -> None:
    """A cron may close them; Scrapy cannot do without, and what is opened next would take their place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115  # for the whole run


_open_what_is_closed()
if next((word for word in sys.argv[1:] if not word.startswith("-")), "") == "crawl":
    for _number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(_number, _leave)  # until the crawl has handlers of its own
