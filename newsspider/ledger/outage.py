"""Is it the page, or is it the site? An outage costs time, and no article.

A page without an answer is put aside and asked for again when the others are through. Where several in a row get none,
or a last one, the site is asked for an article that it had: if it answers, it is the pages. If not, the site is down:
nothing more is asked for but one page now and then, until it answers or OUTAGE_PATIENCE (seconds) is over. As long as
no article is stored robots.txt is asked instead, and vouches for the site only where few pages are in trouble.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urljoin

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http.request import NO_CALLBACK
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.asyncio import create_looping_call

from newsspider.ledger.frontier import Asked
from newsspider.ledger.outcomes import FIRM, SITE, Outcome, outcome
from newsspider.ledger.run import Run

IN_A_ROW = 5
"""Pages without an answer, none answered between: it may be the site."""
LOOK_EVERY = 1.0
LONGEST_PAUSE = 30.0
"""Seconds between two tries while the site is down; the first is one second."""
PROBES = 10
"""Articles that are asked for in turn, for one may be broken meanwhile."""
PROBE_TIMEOUT = 10.0
BLOCKED_TRIES = 3
"""A site that refuses everything does not change its mind while one waits."""


@dataclass
class Aside:
    """A page that got no answer."""

    outcome: Outcome
    since: float
    tries: int = 1


class Outage:
    """Counts answers; `ask` asks for a page."""

    def __init__(self, crawler: Crawler, run: Run, ask: Callable[..., None]) -> None:
        self.crawler, self.run, self.ask = crawler, run, ask
        self._stats = crawler.stats.get_stats()  # Scrapy tells a single number slowly
        self.patience = crawler.settings.getfloat("OUTAGE_PATIENCE")
        self.aside: dict[Asked, Aside] = {}
        self.answers = 0
        self.last_answer = 0.0
        self.lasts = False
        self._in_a_row: set[Asked] = set()
        self._troubled: float | None = None
        self._pause = 1.0
        self._tries = 0
        self._next = 0.0
        self._doubts = False
        self._probe: asyncio.Task[None] | None = None
        self._unanswered_probes = 0
        self._vouched: bool | None = None
        """What robots.txt said of the site, where it was asked."""
        self._retries = 0
        self.loop = create_looping_call(self.look)
        crawler.signals.connect(self._start, signals.spider_opened)
        crawler.signals.connect(self._stop, signals.spider_closed)

    def _start(self) -> None:
        self.loop.start(LOOK_EVERY, now=False)

    def _stop(self) -> None:
        if self.loop.running:
            self.loop.stop()

    def answered(self) -> None:
        """The site said something about a page."""
        self.answers += 1
        self.last_answer = monotonic()
        self._in_a_row.clear()
        self._doubts, self._vouched, self._troubled, self._retries = False, None, None, self._retried
        if self.lasts:
            self.lasts, self._pause, self._tries = False, 1.0, 0
            self._again(list(self.aside))
            self._go_on()

    def unanswered(self, page: Asked, outcome: Outcome) -> None:
        """Put aside; asked for again later."""
        self._in_a_row.add(page)
        earlier = self.aside.pop(page, None)  # to the end of the row
        self.aside[page] = Aside(outcome, earlier.since, earlier.tries + 1) if earlier else Aside(outcome, monotonic())
        if outcome.state == "distrusted" and not self.answers:
            self._give_up("certificate")
        elif len(self._in_a_row) >= IN_A_ROW or self.lasts:
            self._doubt()

    def hopes(self, page: Asked) -> bool:
        """Whether it is too early for half an article, or another way to it."""
        return self.lasts or page not in self.aside

    def waits(self) -> bool:
        """At idle: whether something that was put aside may still come."""
        self._drop_settled()
        if not self.aside:
            return False
        if self.lasts or self._doubts:
            return True
        once = [page for page, aside in self.aside.items() if aside.tries == 1]
        if once:
            self._again(once)
        elif own := [page for page, aside in self.aside.items() if self._is_its_own_fault(aside)]:
            self._fail(own)
        else:
            self._doubt()
        return bool(self.aside)

    def look(self) -> None:
        """Once a second: is the patience over, is it time for a try?"""
        engine = self.crawler.engine
        if engine.spider is None or engine._slot is None or engine._slot.closing:
            return
        if not (self.lasts or engine.paused or self._doubts or self._retried > self._retries):
            return
        self._troubled = self._troubled or monotonic()
        if monotonic() - self._troubled > self.patience:
            self._begin(self._judge)
        elif self._doubts and not engine.paused:
            self._begin(self._decide)
        elif self.lasts and not engine.paused and monotonic() >= self._next and engine.spider_is_idle():
            self._try()

    @property
    def _retried(self) -> int:
        number: int = self._stats.get("retry/count", 0) + self._stats.get("robotstxt/unreachable", 0)
        return number

    def _try(self) -> None:
        self._drop_settled()
        if not self.aside:
            self.lasts = False
            return
        if self._tries >= BLOCKED_TRIES and self._reason() != "outage":
            self._give_up(self._reason())
            return
        self._tries += 1
        self._next = monotonic() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self.ask(next(iter(self.aside)), again=True)

    def _is_its_own_fault(self, aside: Aside) -> bool:
        """The site answered after that page did not; or it answers, and only a few are in trouble."""
        if self.last_answer > aside.since:
            return True
        few = len(self.aside) < IN_A_ROW
        return few and (self._vouched is True or (aside.outcome.state in FIRM and self.answers > 0))

    def _doubt(self) -> None:
        """Page or site? While the engine pauses nobody can be asked: `look` does it then."""
        self._doubts = True
        if not self.crawler.engine.paused:
            self._begin(self._decide)

    def _begin(self, what: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if self._probe is None or self._probe.done():
            self._probe = asyncio.get_running_loop().create_task(what())

    async def _decide(self) -> None:
        well = await self._is_well(list(self.aside))
        if well is None:
            return
        self._doubts = False
        if well:
            self.lasts, self._troubled = False, None
        elif not self.lasts:
            self.lasts, self._next = True, monotonic() + self._pause
        self._go_on()

    async def _judge(self) -> None:
        """The patience is over."""
        waiting = [page for kind in self.run.asked.values() for page in kind.values()]
        if not waiting or not await self._is_well(waiting):
            self._give_up(self._reason())
        elif self._vouched:
            self.lasts, self._troubled = False, None
            late = Outcome("failed", f"no answer in {self.patience:g} s")
            for page in waiting:
                aside = self.aside.pop(page, None)
                self.run.settle(page, aside.outcome if aside else late)

    async def _is_well(self, troubled: list[Asked]) -> bool | None:
        """Whether the site answers while these pages do not; None: it could not be asked.

        An article that it had vouches for all of them, robots.txt for a few; for lists, which may come from elsewhere,
        only with an answer in this run.
        """
        if not self.answers and any(page.kind == "index" for page in troubled):
            return False
        stored: list[str] = []
        with self.run.writing():
            stored = self.run.jobs.last_stored(PROBES)
        if stored:
            well = await self._answers(stored[self._unanswered_probes % len(stored)])
            if well:
                self.answered()
            self._unanswered_probes += well is False
            return well
        if len(troubled) >= IN_A_ROW:
            return False
        self._vouched = await self._answers(urljoin(troubled[0].url, "/robots.txt"))
        return self._vouched

    async def _answers(self, url: str) -> bool | None:
        longest = min(PROBE_TIMEOUT, self.crawler.settings.getfloat("DOWNLOAD_TIMEOUT"))
        meta = {"dont_retry": True, "download_timeout": longest}
        try:
            response = await self.crawler.engine.download_async(Request(url, NO_CALLBACK, meta=meta))
        except Exception as error:  # whatever it is, it is told apart as that of a page
            return None if self._is_held_back() else outcome(error).state not in SITE
        return outcome(HttpError(response)).state not in SITE

    def _is_held_back(self) -> bool:
        """Whether nothing is sent now: the engine pauses, or the run ends."""
        engine = self.crawler.engine
        return engine.paused or engine._slot is None or engine._slot.closing is not None

    def _reason(self) -> str:
        states = {aside.outcome.state for aside in self.aside.values()}
        if not states or states - FIRM:
            return "outage"
        return "blocked" if "blocked" in states else "certificate"

    def _give_up(self, reason: str) -> None:
        for page, aside in self.aside.items():
            with self.run.writing():
                self.run.frontier.unanswered(page, aside.outcome.reason)
        self.run.end(reason)

    def _again(self, found: list[Asked]) -> None:
        for page in found:
            self.ask(page, again=True)

    def _fail(self, found: list[Asked]) -> None:
        for page in found:
            self.run.settle(page, self.aside.pop(page).outcome)

    def _drop_settled(self) -> None:
        for page in [page for page in self.aside if page.id not in self.run.asked[page.kind]]:
            del self.aside[page]

    def _go_on(self) -> None:
        if slot := self.crawler.engine._slot:
            slot.nextcall.schedule()
