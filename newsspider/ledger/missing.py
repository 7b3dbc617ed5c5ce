"""What is missing, in words: rows for a table, records for programs, one line for both ends of a pipe."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from newsspider.ledger.coverage import Day
from newsspider.ledger.gaps import COUNTS, gaps

EXCUSED = "; what the site itself does not have: {}"


class Missing:
    """Of the days that were looked at."""

    def __init__(self, days: Iterable[Day]) -> None:
        self.gaps: list[Day] = []
        """Days of which something is missing."""
        self.excused: list[Day] = []
        """Days of which the site itself has no more: articles gone or given up, few articles after another look."""
        self.counts: Counter[str] = Counter()
        self.narrow: Counter[str] = Counter()
        """What narrowed jobs that read days which nobody completed -> days."""
        self.first = self.last = ""
        for day in days:
            self._look(day)

    def _look(self, day: Day) -> None:
        self.first, self.last = self.first or day.day, day.day
        self.counts["days"] += 1
        if day.gaps:
            self.gaps.append(day)
        elif day.gone or day.given_up or day.unusual:
            self.excused.append(day)
            self.counts["settled"] += day.unusual
        self.counts.update({name: 1 for name in day.gaps if name not in COUNTS})
        self.counts.update({name: getattr(day, name) for name in COUNTS})
        if "index" in day.gaps:
            self.narrow.update(day.narrow)

    @property
    def fillable(self) -> list[str]:
        """Days of which another look at their index would bring something."""
        return [day.day for day in self.gaps if day.fillable]

    @property
    def rows(self) -> Iterator[dict[str, Any]]:
        """For a table: days in a row of which the same is missing stand together."""
        for gap in gaps(self.gaps):
            yield {
                "from": gap.first,
                "to": gap.last,
                "days": gap.days,
                "articles": gap.sum("stored"),
                "listed": gap.sum("listed"),
                "usual": gap.sum("usual"),
                "missing": gap.told,
            }

    @property
    def records(self) -> Iterator[dict[str, Any]]:
        """For programs: every day with a gap, and those that the site itself has no more of, whose `gaps` are empty."""
        for day in sorted([*self.gaps, *self.excused], key=lambda day: day.day):
            yield {"gaps": day.gaps, "fillable": day.fillable and bool(day.gaps), **asdict(day)}

    @property
    def summary(self) -> str:
        """One line."""
        if not self.counts["days"]:
            return "no day to look at yet"
        span = f"{self.counts['days']} days ({self.first} to {self.last})"
        if not self.gaps:
            return f"nothing is missing in {span}" + _list(EXCUSED, self._excuses())
        return (
            f"{len(self.gaps)} of {span} have gaps: {', '.join(self._gaps())}"
            + _list(EXCUSED, self._excuses())
            + f"; {self._advice()}"
        )

    def _gaps(self) -> Iterator[str]:
        yield from self._told(
            index="{} days not read to the end",
            few="{} with few articles",
            owed="{} articles owed",
            failed="{} failed and will be tried again",
        )

    def _excuses(self) -> Iterator[str]:
        yield from self._told(
            gone="{} articles that are gone",
            given_up="{} that were given up",
            settled="more on {} days with few articles, which were read again",
        )

    def _told(self, **words: str) -> Iterator[str]:
        return (words[name].format(self.counts[name]) for name in words if self.counts[name])

    def _advice(self) -> str:
        read = [f"{number} of them read for {told} only" for told, number in sorted(self.narrow.items())]
        fillable = len(self.fillable)
        told = f"scrapy gaps --fill reads {fillable} of them" if fillable else "nothing more can be asked for now"
        return "; ".join([*read, told])


def _list(frame: str, words: Iterable[str]) -> str:
    told = ", ".join(words)
    return frame.format(told) if told else ""
