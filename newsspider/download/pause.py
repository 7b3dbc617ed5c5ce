"""While the site wants to be left alone nothing is asked for: the engine pauses, what waits goes back to the scheduler.

Never a sleep inside a middleware: that would hold up every way to end the run.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.asyncio import CallLaterResult, call_later

from newsspider.download.queue import postpone

BUSY = frozenset((429, 503))
"""Answers by which a site asks to be left alone."""
MOST_DOUBLINGS = 20

logger = logging.getLogger(__name__)


def retry_after(value: bytes | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for; None where it says nothing. `now` has a time zone.

    >>> retry_after(b"120", datetime(2022, 1, 9, tzinfo=UTC))
    120.0
    >>> retry_after(b"Sun, 09 Jan 2022 00:00:30 GMT", datetime(2022, 1, 9, tzinfo=UTC))
    30.0
    >>> retry_after(b"soon", datetime(2022, 1, 9, tzinfo=UTC)) is None
    True
    """
    text = (value or b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


class Pause:
    """Extension. RETRY_PAUSE: seconds of the first pause, doubled while no page comes; RETRY_AFTER_MAX: the longest."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.first = crawler.settings.getfloat("RETRY_PAUSE")
        self.longest = crawler.settings.getfloat("RETRY_AFTER_MAX")
        self.in_a_row = 0
        self.told: Callable[[Request, float], None] | None = None
        """Called when the site asks to be left alone, with the request and seconds: for others who ask it, too."""
        self._end = 0.0
        self._call: CallLaterResult | None = None
        crawler.signals.connect(self._look, signals.response_downloaded)
        crawler.signals.connect(self._cancel, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def lasts(self) -> bool:
        return monotonic() < self._end

    def over(self) -> None:
        """A page came: the next pause is a short one again."""
        self.in_a_row = 0

    def begin(self, reason: str, asked: float | None = None, share: float = 1.0) -> None:
        """Pause for the seconds that the site asked for, or for a share of the growing pause.

        Several refusals at once are one pause; the latest end wins.
        """
        if not asked and self.lasts:
            return
        seconds = min(asked or self._grown(share), self.longest)
        if not self.lasts:
            self.in_a_row += 1
        if seconds > self._end - monotonic():
            logger.info("%s: nothing is asked for during %.1f s", reason, seconds)
            self.crawler.stats.inc_value("download/pauses")
            self._hold(seconds)

    def _look(self, response: Response, request: Request) -> None:
        """Before the downloader sends what is next in its queue."""
        if response.status in BUSY:
            before = self._end
            asked = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            self.begin(f"{response.status} from {response.url}", asked)
            if self.told and self._end > before:
                self.told(request, self._end - monotonic())

    def _grown(self, share: float) -> float:
        return float(self.first * share * 2 ** min(self.in_a_row, MOST_DOUBLINGS))

    def _hold(self, seconds: float) -> None:
        self._cancel()
        self._end = monotonic() + seconds
        assert self.crawler.engine
        self.crawler.engine.pause()
        postpone(self.crawler.engine)
        self._call = call_later(seconds, self._resume)

    def _resume(self) -> None:
        self._call, engine = None, self.crawler.engine
        assert engine
        engine.unpause()
        if engine._slot:
            engine._slot.nextcall.schedule()  # or it would notice at its next heartbeat, up to 5 s later

    def _cancel(self) -> None:
        if self._call:
            self._call.cancel()
            self._call = None
