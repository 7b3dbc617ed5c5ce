"""For what no signal interrupts: a parser that is lost in a page. Python hears of nothing until it comes back."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep

from scrapy.crawler import Crawler

from newsspider.ledger.ending import Ending
from newsspider.ledger.frontier import Asked
from newsspider.ledger.outcomes import Outcome
from newsspider.ledger.run import Run

LOOK_EVERY = 0.5
PATIENCE = 2
"""Times PAGE_DEADLINE, which ends what can be interrupted."""


class Watch:
    """Marks the page as failed and ends the process with 4: the same command goes on without it. 0 seconds: never."""

    def __init__(self, crawler: Crawler, run: Run, longest: float) -> None:
        self.crawler, self.run, self.longest = crawler, run, longest
        self._reading: tuple[Asked, float] | None = None
        if longest:
            Thread(target=self._look, daemon=True).start()

    @contextmanager
    def over(self, page: Asked) -> Iterator[None]:
        """While the page is read."""
        self._reading = (page, monotonic())
        try:
            yield
        finally:
            self._reading = None

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
