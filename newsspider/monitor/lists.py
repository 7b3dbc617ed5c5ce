"""Do the lists say all that there is? What neither an article nor a share of them shows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from newsspider.ledger.history import Past
from newsspider.monitor.case import Case
from newsspider.monitor.figures import Stats, number
from newsspider.monitor.pages import SHOWN
from newsspider.monitor.words import Objection, objected

HALF = 0.5
FULL = 0.9
LONG_ENOUGH = timedelta(days=3)
RUNS_ENOUGH = 10
"""So long and of so many runs is a history that knows how long the site can be silent."""
AWAITED = 20.0
"""So many articles were to be expected, before silence is more than chance."""


def nothing(case: Case) -> Objection | None:
    """Lists were read, and no article stands on any."""
    read, listed = number(case.today, "index/pages"), number(case.today, "index/listed")
    if not read or listed or not case.finished:
        return None
    told = f"no article on any of {read} lists: has the site changed?"
    usual = median(map(_a_page, case.past)) if case.past else None
    return objected("index/listed", told, usual, 0, case.pages.lists.held[:SHOWN])


def few(case: Case) -> Objection | None:
    """A page of a list names much less than any did; the index of a day names what the day brought."""
    usual, today = [_a_page(stats) for stats in case.past], _a_page(case.today)
    if not today or len(usual) < case.judgement.bounds.runs_least or _way(case) == "days":
        return None
    if today >= min(usual) or today >= HALF * median(usual):
        return None
    told = f"{today:.0f} articles on a page of the lists, usually {median(usual):.0f}"
    return objected("index/listed", told, median(usual), today, case.pages.lists.held[:SHOWN])


def pager(case: Case) -> Objection | None:
    """The walk ended before its end: it never came to where all is known, or every day has one page, and a full one."""
    known = len(case.past) >= case.judgement.bounds.runs_least
    if not (known and case.finished and number(case.today, "index/listed")):
        return None
    shown = case.pages.lists.held[:SHOWN]
    pages = number(case.today, "index/pages")
    if case.today.get("monitor/met") == 0 and all(stats.get("monitor/met", 1) for stats in case.past):
        told = f"the newest ended with page {pages}, before what is known: has the pager changed?"
        return objected("index/pages", told, median(number(stats, "index/pages") for stats in case.past), pages, shown)
    usual = [_pages_a_day(stats) for stats in case.past]
    full = _a_page(case.today) >= FULL * max(map(_a_page, case.past))
    if _way(case) == "days" and _pages_a_day(case.today) == 1 and min(usual) >= 2 and full:
        told = f"one page on the index of a day, usually {median(usual):.0f}: has the pager changed?"
        return objected("index/pages", told, median(usual), 1, shown)
    return None


def silence(case: Case) -> Objection | None:
    """Nothing new for longer than the site was ever silent, though it was time."""
    if case.kind is None or case.new or not case.finished or not number(case.today, "index/listed"):
        return None
    if number(case.today, "monitor/failed") or any(name.startswith("dropped/no ") for name in case.today):
        return None
    last = next((past for past in case.earlier if past.counts.get("new")), None)
    if last is None or not _knows(case.earlier):
        return None
    quiet, longest = case.now - last.ended, _longest(case.earlier)
    if quiet <= longest * case.judgement.bounds.silence or _a_second(case.earlier) * quiet.total_seconds() < AWAITED:
        return None
    told = f"nothing new for {_hours(quiet):.0f} hours, never before for more than {_hours(longest):.0f}"
    return objected("silence", told, _hours(longest), _hours(quiet), case.pages.lists.held[:SHOWN])


def _knows(earlier: Sequence[Past]) -> bool:
    return len(earlier) >= RUNS_ENOUGH and earlier[0].ended - earlier[-1].ended >= LONG_ENOUGH


def _longest(earlier: Sequence[Past]) -> timedelta:
    """From a run that brought something to the last one in a row that brought nothing, where something came after it
    and nothing was objected to on the way.
    """
    longest, since, quiet = timedelta(), earlier[-1].ended, list[Past]()
    for past in reversed(earlier):
        if not past.counts.get("new"):
            quiet.append(past)
            continue
        if quiet and all(each.healthy for each in quiet):
            longest = max(longest, quiet[-1].ended - since)
        since, quiet = past.ended, []
    return longest


def _a_second(earlier: Sequence[Past]) -> float:
    """New articles, in the middle of what a day brings, so that no backlog counts."""
    days: dict[object, int] = {}
    for later, before in pairwise(earlier):
        span = later.ended - before.ended
        for day in _days(before.ended, later.ended):
            days[day] = days.get(day, 0) + round(later.counts.get("new", 0) / max(span.days, 1))
    return median(days.values()) / timedelta(days=1).total_seconds()


def _days(begin: datetime, end: datetime) -> list[object]:
    return [(end - timedelta(days=number)).date() for number in range(max((end - begin).days, 1))]


def _hours(span: timedelta) -> float:
    return span.total_seconds() / 3600


def _way(case: Case) -> str:
    return dict(case.kind or ()).get("way", "")


def _a_page(stats: Stats) -> float:
    return number(stats, "index/listed") / max(number(stats, "index/pages"), 1)


def _pages_a_day(stats: Stats) -> float:
    return number(stats, "index/pages") / max(number(stats, "index/days_done"), 1)


CHECKS = (nothing, few, pager, silence)
