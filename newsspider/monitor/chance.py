"""Is it by chance? Plain statistics of shares and of middles, without a library."""

from collections.abc import Iterable, Sequence
from math import exp, lgamma, log, log1p, sqrt
from statistics import median
from typing import NamedTuple, TypeVar

SPREADS = 1.4826
"""Times the median absolute deviation: the standard deviation, where nothing is odd."""
SURE = (0.01, 0.99)
"""No share is taken to be surer than this."""


class Tally(NamedTuple):
    """So many of so many are bad."""

    bad: int
    of: int

    @property
    def share(self) -> float:
        return self.bad / self.of

    @property
    def good(self) -> float:
        return 1 - self.share


class Middle(NamedTuple):
    """The median of so many."""

    value: float
    of: int


Row = TypeVar("Row", Tally, Middle)


class Usual(NamedTuple):
    """What is usual, and how far it wanders."""

    value: float
    spread: float
    of: int


def tail(bad: int, of: int, share: float) -> float:
    """How likely it is that so many or more of them are bad, where each is with this likelihood.

    >>> round(tail(3, 3, 0.1), 6), tail(1, 10, 0.1)
    (0.001, 1.0)
    """
    if bad <= of * share:
        return 1.0
    share = max(share, 1e-9)
    term = exp(lgamma(of + 1) - lgamma(bad + 1) - lgamma(of - bad + 1) + bad * log(share) + (of - bad) * log1p(-share))
    total = 0.0
    while bad <= of and term > total * 1e-9:
        total += term
        term *= (of - bad) / (bad + 1) * share / (1 - share)
        bad += 1
    return total


def together(tallies: Iterable[Tally]) -> Tally:
    """
    >>> together([Tally(1, 2), Tally(0, 3)])
    Tally(bad=1, of=5)
    """
    rows = list(tallies)
    return Tally(sum(row.bad for row in rows), sum(row.of for row in rows))


def middle(middles: Iterable[Middle]) -> Middle:
    """The median of what these are the medians of, as near as can be told.

    >>> middle([Middle(10, 5), Middle(300, 1), Middle(12, 3)])
    Middle(value=10, of=9)
    """
    rows = sorted(middles)
    of = sum(row.of for row in rows)
    passed = 0
    for row in rows:
        passed += row.of
        if 2 * passed >= of:
            return Middle(row.value, of)
    return Middle(0, 0)


def blocks(rows: Iterable[Row], least: int) -> list[list[Row]]:
    """Neighbours are taken together until they are of `least`; what is left over is none.

    >>> blocks([Tally(1, 2), Tally(0, 3), Tally(1, 5), Tally(0, 1)], 5)
    [[Tally(bad=1, of=2), Tally(bad=0, of=3)], [Tally(bad=1, of=5)]]
    """
    found: list[list[Row]] = []
    block: list[Row] = []
    for row in rows:
        block.append(row)
        if sum(each.of for each in block) >= least:
            found.append(block)
            block = []
    return found


def usual(values: Sequence[float], of: int) -> Usual:
    """Median and spread of what some blocks show; `of` is how much all of them hold.

    >>> usual([10.0, 12.0, 11.0, 90.0], 80).value
    11.5
    """
    value = median(values)
    return Usual(value, SPREADS * median(abs(each - value) for each in values), of)


def expected(share: Usual) -> float:
    """What a usual share may well be in truth: it was seen on a few articles only, and it wanders."""
    seen = max(share.value, 1 / share.of)
    doubt = sqrt(seen * (1 - seen) / share.of)
    return min(max(share.value + 2 * (share.spread + doubt), SURE[0]), SURE[1])


def limit(share: float, rise: float) -> float:
    """What a usual share may rise to: what no article lacks is lacking soon, what some lack goes by what they tell of.

    >>> limit(0.0, 0.1), round(limit(0.1, 0.1), 2), limit(0.5, 0.1)
    (0.1, 0.5, 0.75)
    """
    return max(share + rise, min(share + rise + sqrt(share * (1 - share)), (1 + share) / 2))
