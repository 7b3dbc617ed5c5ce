"""How long may a page be read? An alarm ends that, unless the parser is lost in it: then Python hears of nothing."""

import atexit
import signal
from threading import Thread
from time import monotonic, sleep
from types import FrameType
from typing import Self

from scrapy.crawler import Crawler

from newsspider.ledger.ending import Ending
from newsspider.ledger.frontier import Asked
from newsspider.ledger.outcomes import Outcome
from newsspider.ledger.run import Run

LOOK_EVERY = 0.5
PATIENCE = 2
"""Times the longest; then the page is marked as failed and the process ends with 4: the same command goes on."""


class PageDeadlineError(Exception):
    """Reading a page took too long."""


class Watch:
    """`with watch.over(page):` raises PageDeadlineError after `longest` seconds; 0: never."""

    def __init__(self, crawler: Crawler, run: Run, longest: float) -> None:
        self.crawler, self.run, self.longest = crawler, run, longest
        self._reading: tuple[Asked, float] | None = None
        self._set = not longest
        """An alarm is on its way: it serves for many pages, for each costs two calls of the kernel."""
        if longest:
            signal.signal(signal.SIGALRM, self._alarm)
            atexit.register(signal.setitimer, signal.ITIMER_REAL, 0)  # Python's own end leaves nobody who hears it
            Thread(target=self._look, daemon=True).start()

    def over(self, page: Asked) -> Self:
        """While the page is read."""
        self._reading = (page, monotonic())
        return self

    def __enter__(self) -> None:
        if not self._set:
            self._set_alarm(self.longest)

    def __exit__(self, *_: object) -> None:
        self._reading = None

    def _set_alarm(self, seconds: float) -> None:
        self._set = True
        signal.setitimer(signal.ITIMER_REAL, seconds)

    def _alarm(self, _: int, __: FrameType | None) -> None:
        self._set = False
        if self._reading:
            left = self._reading[1] + self.longest - monotonic()
            if left <= 0:
                raise PageDeadlineError(f"reading it took more than {self.longest:g} s")
            self._set_alarm(left)

    def _look(self) -> None:
        while True:
            sleep(LOOK_EVERY)
            reading = self._reading
            if reading and monotonic() - reading[1] > PATIENCE * self.longest:
                self._leave(reading[0])

    def _leave(self, page: Asked) -> None:
        """The other thread is in the parser: the ledger's connection is idle."""
        ending = self.crawler.get_extension(Ending)
        assert ending
        self.run.settle(page, Outcome("failed", f"reading it took more than {PATIENCE * self.longest:g} s"))
        ending.leave("page")
