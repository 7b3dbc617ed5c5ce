"""A list behind a "load more" button, or one that grows when it is scrolled: walked to its end, or to a bound."""

from collections.abc import Iterable, Sequence
from functools import partial
from time import monotonic
from typing import NamedTuple

from newsspider.browser.settled import Look, Screen

MORE = """(all) => {
    const found = all.flatMap(s => [...document.querySelectorAll(s)]);
    const shown = found.find(e => e.getClientRects().length && !e.disabled);
    if (shown) shown.click();
    else window.scrollTo(0, document.documentElement.scrollHeight);
}"""
"""A click from within the page: nothing that lies over the button can catch it."""


class Walk(NamedTuple):
    """What came of it."""

    look: Look
    clicks: int
    """Of the button or the wheel."""
    bound: str | None
    """The setting that ended it though there may be more."""


async def walked(screen: Screen, buttons: Sequence[str], most: int, wait: float, end: float) -> Walk:
    """Ask for more until nothing new comes, at most `most` times and until `end` (monotonic).

    What the screen reads is what stands on the list.
    """
    look = await screen.settled(bool, wait, end)
    for clicks in range(most):
        if monotonic() > end:
            return Walk(look, clicks, "BROWSER_WALK_TIMEOUT")
        known = set(look.reading)
        await screen.evaluate(MORE, list(buttons))
        look = await screen.settled(partial(_is_new, known), wait, end)
        if screen.supply.postponed or (known.issuperset(look.reading) and monotonic() < end):
            return Walk(look, clicks, None)
    return Walk(look, most, "BROWSER_CLICKS")


def _is_new(known: set[str], reading: Iterable[str]) -> bool:
    return not known.issuperset(reading)
