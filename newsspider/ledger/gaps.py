"""Which days something is missing of, from day to day, and what that is in words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from newsspider.ledger.coverage import Day

COUNTS = ("owed", "failed", "given_up", "gone")
"""Of a day: articles that are not there."""


@dataclass(frozen=True)
class Gap:
    """Days in a row of which the same is missing."""

    of: list[Day]

    @property
    def first(self) -> str:
        return self.of[0].day

    @property
    def last(self) -> str:
        return self.of[-1].day

    @property
    def days(self) -> int:
        return len(self.of)

    @property
    def told(self) -> str:
        """What is missing, of all these days together."""
        return ", ".join(self._told())

    def sum(self, name: str) -> int | None:
        """Of a figure of the days; None where one of them does not tell it."""
        figures = [getattr(day, name) for day in self.of]
        return None if None in figures else round(sum(figures))

    def _told(self) -> Iterator[str]:
        day = self.of[0]
        if "index" in day.gaps:
            yield "not read to the end" + (f" (only for {', '.join(day.narrow)})" if day.narrow else "")
        if "few" in day.gaps:
            usual = self.sum("usual")
            yield "few articles" + ("" if usual is None else f" ({self.sum('stored')}, usually {usual})")
        counts = {name.replace("_", " "): self.sum(name) for name in COUNTS}
        yield from (f"{number} {name}" for name, number in counts.items() if number)


def gaps(days: Iterable[Day]) -> Iterator[Gap]:
    """In order."""
    missing = enumerate(day for day in days if day.gaps)
    for _, run in groupby(missing, key=lambda each: _alike(*each)):
        yield Gap([day for _, day in run])


def _alike(number: int, day: Day) -> tuple[int, list[str], tuple[str, ...]]:
    """The same for days in a row, of which the same is missing."""
    narrow = day.narrow if "index" in day.gaps else ()
    return date.fromisoformat(day.day).toordinal() - number, day.gaps, narrow
