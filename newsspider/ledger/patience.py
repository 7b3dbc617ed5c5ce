"""A worker that finds nothing to ask for looks again, and again, ever less often."""

import asyncio
from collections.abc import Callable

FIRST = 0.2
"""Seconds; each pause is half as long again as the one before."""
GROWTH = 1.5


class Patience:
    """`look` is called after a pause, of `longest` seconds at most."""

    def __init__(self, look: Callable[[], None], longest: float) -> None:
        self.look = look
        self.longest = longest
        self._pause = FIRST
        self._timer: asyncio.TimerHandle | None = None

    def wait(self) -> None:
        """Once at a time."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(min(self._pause, self.longest), self._over)
            self._pause *= GROWTH

    def reset(self) -> None:
        """Something was found."""
        self._pause = FIRST

    def _over(self) -> None:
        self._timer = None
        self.look()
