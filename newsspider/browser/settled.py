"""When is a page complete? As soon as what is read from it is all there and stays as it is."""

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, NamedTuple

from playwright.async_api import Page

from newsspider.browser.supply import Supply

LOOK_EVERY = 0.2
DISMISS = "(all) => { const found = all.map(s => document.querySelector(s)).find(e => e); if (found) found.click(); }"


class Look(NamedTuple):
    """What the browser shows."""

    html: str
    reading: Any
    """What the site's rules read from it."""


class Screen:
    """One page in the browser; one that does not answer in `hung` seconds has a script that never ends."""

    def __init__(
        self, page: Page, supply: Supply, read: Callable[[str], Any], overlays: Sequence[str], hung: float
    ) -> None:
        self.page, self.supply, self.read = page, supply, read
        self.overlays, self.hung = list(overlays), hung

    async def evaluate(self, script: str, argument: Any) -> Any:
        """Raises TimeoutError."""
        return await asyncio.wait_for(self.page.evaluate(script, argument), self.hung)

    async def look(self) -> Look:
        """Raises TimeoutError."""
        if self.overlays:
            await self.evaluate(DISMISS, self.overlays)
        html = await asyncio.wait_for(self.page.content(), self.hung)
        return Look(html, self.read(html))

    async def settled(self, enough: Callable[[Any], bool], wait: float, end: float) -> Look:
        """The look at which the reading was enough and had not changed since the one before.

        Or that after `wait` seconds in which it changed no more and nothing of the page was on its way, or at `end`
        (monotonic).
        """
        before, since = await self.look(), monotonic()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            now = await self.look()
            same = now.reading == before.reading
            if not same or (self.supply.pending and not enough(now.reading)):
                since = monotonic()
            waited = monotonic() - since >= wait
            if (same and enough(now.reading) and not self.supply.pending) or waited or monotonic() > end:
                return now
            if self.supply.postponed:
                return now
            before = now
