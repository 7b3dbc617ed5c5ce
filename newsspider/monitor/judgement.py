"""A figure of today beside its bound, and beside what is usual. Too little to tell is no objection."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from scrapy.settings import BaseSettings

from newsspider.monitor.chance import Row, Tally, Usual, blocks, expected, limit, middle, tail, together, usual
from newsspider.monitor.figures import Stats
from newsspider.monitor.figures import middle as middle_of
from newsspider.monitor.figures import tally as tally_of

BURSTS = {"errors": 4, "retries": 7}
"""What comes in bursts may rise so much more."""
ORDINARY = 0.1
"""A run that is no less likely than this shows nothing itself, whatever those before it show."""
WANDERS = 5
"""Times the usual spread: further than a length goes by chance."""
LEAST_SPREAD = 0.1
"""Of the length itself: a few runs can be alike by chance."""


class Bounds(NamedTuple):
    """The settings MONITOR_*, see settings.py."""

    most: Mapping[str, float]
    least: Mapping[str, float]
    runs: int
    runs_least: int
    articles: int
    rise: float
    chance: float
    shrink: float
    silence: float

    @classmethod
    def of(cls, settings: BaseSettings) -> "Bounds":
        return cls(
            most=settings.getdict("MONITOR_MOST"),
            least=settings.getdict("MONITOR_LEAST"),
            runs=settings.getint("MONITOR_RUNS"),
            runs_least=settings.getint("MONITOR_RUNS_LEAST"),
            articles=settings.getint("MONITOR_ARTICLES_LEAST"),
            rise=settings.getfloat("MONITOR_RISE"),
            chance=settings.getfloat("MONITOR_CHANCE"),
            shrink=settings.getfloat("MONITOR_SHRINK"),
            silence=settings.getfloat("MONITOR_SILENCE"),
        )


class Verdict(NamedTuple):
    """An objection to a share: `seen` is today's, or today's with the runs before it where that is little."""

    seen: Tally
    usual: float
    """The share that is usually bad, or the bound."""
    bound: bool
    pooled: bool


class Off(NamedTuple):
    """An objection to a length."""

    seen: float
    usual: float
    bound: bool


class Judgement:
    """Of one run: `today` are its stats, `past` those of the runs that it can be compared with, the last first."""

    def __init__(self, today: Stats, past: Sequence[Stats], bounds: Bounds) -> None:
        self.today, self.past, self.bounds = today, past, bounds

    def share(self, name: str) -> Verdict | None:
        """None where there is nothing to object to."""
        today = tally_of(name, self.today)
        if not today.bad:
            return None
        return self._beyond_usual(name, today) or self._beyond_bound(name, today)

    def _beyond_bound(self, name: str, today: Tally) -> Verdict | None:
        most = self.bounds.most.get(name)
        if most is None or today.share <= most or tail(today.bad, today.of, most) >= self.bounds.chance:
            return None
        return Verdict(today, most, bound=True, pooled=False)

    def _beyond_usual(self, name: str, today: Tally) -> Verdict | None:
        rows = [row for stats in self.past if (row := tally_of(name, stats)).of]
        window, rest = self._window(today, rows)
        share = self._usual_share(rest)
        if share is None or tail(*today, expected(share)) >= ORDINARY:
            return None
        most = limit(share.value, self.bounds.rise * BURSTS.get(name, 1))
        for seen in [today] * (2 * today.of >= self.bounds.articles) + [together(window)]:
            if min(today.share, seen.share) > most and tail(*seen, expected(share)) < self.bounds.chance:
                return Verdict(seen, share.value, bound=False, pooled=seen is not today)
        return None

    def _usual_share(self, rows: list[Tally]) -> Usual | None:
        shares = [together(block).share for block in blocks(rows, self.bounds.articles)]
        if len(shares) < self.bounds.runs_least:
            return None
        return usual(shares, together(rows).of)

    def _window(self, today: Row, rows: list[Row]) -> tuple[list[Row], list[Row]]:
        """Today's run, and as many before it as it takes to tell something; and the others."""
        taken, of = 0, today.of
        window = [today]
        while of < self.bounds.articles and taken < len(rows):
            window.append(rows[taken])
            of += rows[taken].of
            taken += 1
        return window, rows[taken:]

    def length(self, name: str, what: str) -> Off | None:
        """`what` articles have in the middle, an objection by the name of `name`."""
        today = middle_of(what, self.today)
        if not today.of:
            return None
        least = self.bounds.least.get(name)
        if least is not None and today.of >= self.bounds.articles and today.value < least:
            return Off(today.value, least, bound=True)
        rows = [row for stats in self.past if (row := middle_of(what, stats)).of]
        with_today, rest = self._window(today, rows)
        values = [float(middle(block).value) for block in blocks(rest, self.bounds.articles)]
        if len(values) < self.bounds.runs_least:
            return None
        known, seen = usual(values, 0), middle(with_today)
        off = all(self._is_off(value, known) for value in (today.value, seen.value))
        return Off(seen.value, known.value, bound=False) if off else None

    def _is_off(self, value: float, known: Usual) -> bool:
        """Much less, or much more, and further than it wanders."""
        shrink = self.bounds.shrink
        beyond = value < known.value * shrink or value > known.value / shrink
        return beyond and abs(value - known.value) > WANDERS * max(known.spread, LEAST_SPREAD * known.value)
