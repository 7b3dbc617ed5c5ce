"""Is it the page, or is it the site? An outage costs time, and no article.

A page without an answer is put aside and asked for again when the others are through. Several in a row, or a last one
that robots.txt does not vouch for, and the site is down: nothing more is asked for but one page now and then, until it
answers or OUTAGE_PATIENCE (seconds) is over.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urljoin

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.asyncio import create_looping_call

from newsspider.ledger.frontier import Asked
from newsspider.ledger.outcomes import BUSY, FIRM, Outcome
from newsspider.ledger.run import Run

IN_A_ROW = 5
"""Pages without an answer, none answered between: the site is down."""
LOOK_EVERY = 1.0
LONGEST_PAUSE = 30.0
"""Seconds between two tries while the site is down; the first is one second."""
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
        self.patience = crawler.settings.getfloat("OUTAGE_PATIENCE")
        self.aside: dict[Asked, Aside] = {}
        self.answers = 0
        self.last_answer = 0.0
        self.lasts = False
        self._in_a_row = 0
        self._troubled: float | None = None
        self._pause = 1.0
        self._tries = 0
        self._next = 0.0
        self._probed: bool | None = None
        self._probe: asyncio.Task[None] | None = None
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
        self._in_a_row, self._troubled, self._retries = 0, None, self._retried
        if self.lasts:
            self.lasts, self._pause, self._tries = False, 1.0, 0
            self._again(list(self.aside))
            if slot := self.crawler.engine._slot:
                slot.nextcall.schedule()

    def unanswered(self, page: Asked, outcome: Outcome) -> None:
        """Put aside; asked for again later."""
        self._in_a_row += 1
        aside = self.aside.get(page)
        if aside:
            self.aside.pop(page)  # to the end of the row
            self.aside[page] = Aside(outcome, aside.since, aside.tries + 1)
        else:
            self.aside[page] = Aside(outcome, monotonic())
        if outcome.state == "distrusted" and not self.answers:
            self._give_up("certificate")
        elif self._in_a_row >= IN_A_ROW:
            self._down()

    def hopes(self, page: Asked) -> bool:
        """Whether it is too early for half an article, or another way to it."""
        return self.lasts or page not in self.aside

    def waits(self) -> bool:
        """At idle: whether something that was put aside may still come."""
        self._drop_settled()
        if not self.aside:
            return False
        if self.lasts or self._probe:
            return True
        once = [page for page, aside in self.aside.items() if aside.tries == 1]
        if once:
            self._again(once)
        elif own := [page for page, aside in self.aside.items() if self._is_its_own_fault(page, aside)]:
            self._fail(own)
        elif any(aside.outcome.state == "silent" for aside in self.aside.values()) and self._probed is None:
            self._probe = asyncio.get_running_loop().create_task(self._ask_robots())
        else:
            self._down()
        return bool(self.aside)

    def look(self) -> None:
        """Once a second: is the patience over, is it time for a try?"""
        engine = self.crawler.engine
        if engine.spider is None or engine._slot is None or engine._slot.closing:
            return
        if not (self.lasts or engine.paused or self._retried > self._retries):
            return
        self._troubled = self._troubled or monotonic()
        if monotonic() - self._troubled > self.patience:
            self._probe = self._probe or asyncio.get_running_loop().create_task(self._judge())
        elif self.lasts and not engine.paused and monotonic() >= self._next and engine.spider_is_idle():
            self._try()

    @property
    def _retried(self) -> int:
        stats = self.crawler.stats
        number: int = stats.get_value("retry/count", 0) + stats.get_value("robotstxt/unreachable", 0)
        return number

    def _try(self) -> None:
        self._drop_settled()
        if not self.aside:
            self.lasts = False
            return
        firm = {aside.outcome.state for aside in self.aside.values()}
        if firm <= FIRM and self._tries >= BLOCKED_TRIES:
            self._give_up("blocked" if "blocked" in firm else "certificate")
            return
        self._tries += 1
        self._next = monotonic() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self.ask(next(iter(self.aside)), again=True)

    def _is_its_own_fault(self, page: Asked, aside: Aside) -> bool:
        """Others were answered after it was refused; or the site answers, and it is only a few that are blocked."""
        if self.last_answer > aside.since:
            return True
        if aside.outcome.state == "silent":
            return self._vouched([page])
        return aside.outcome.state in FIRM and self.answers > 0 and len(self.aside) < IN_A_ROW

    def _down(self) -> None:
        if not self.lasts:
            self.lasts, self._probed = True, None
            self._next = monotonic() + self._pause

    async def _judge(self) -> None:
        """The patience is over. Few pages without an answer are at fault themselves, if the site answers otherwise."""
        waiting = [page for kind in self.run.asked.values() for page in kind.values()]
        await self._ask_robots()
        if self._vouched(waiting):
            self.lasts, self._troubled = False, None
            late = Outcome("failed", f"no answer in {self.patience:g} s")
            for page in waiting:
                aside = self.aside.pop(page, None)
                self.run.settle(page, aside.outcome if aside else late)
        else:
            self._give_up("outage")

    def _vouched(self, waiting: list[Asked]) -> bool:
        """Whether robots.txt says that the site is well. For an index page it takes another page to say so."""
        few = len(waiting) < IN_A_ROW
        return few and self._probed is True and (self.answers > 0 or all(page.kind == "article" for page in waiting))

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

    async def _ask_robots(self) -> None:
        """Does the site answer at all?"""
        waiting = next(page for kind in self.run.asked.values() for page in kind.values())
        url = urljoin(waiting.url, "/robots.txt")
        longest = min(PROBE_TIMEOUT, self.crawler.settings.getfloat("DOWNLOAD_TIMEOUT"))
        meta = {"dont_obey_robotstxt": True, "dont_retry": True, "download_timeout": longest}
        try:
            response = await self.crawler.engine.download_async(Request(url, NO_CALLBACK, meta=meta))
            self._probed = response.status < 500 and response.status not in BUSY
        except Exception:  # whatever it is, it is no answer
            self._probed = False
        self._probe = None
