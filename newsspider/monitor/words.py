"""What is said of an objection, for the person at cron: what it is, today's figure, the usual one."""

from collections.abc import Sequence
from typing import NamedTuple

from newsspider.ledger.findings import Finding
from newsspider.monitor.judgement import Verdict
from newsspider.monitor.pages import Shown


class Objection(NamedTuple):
    """A finding, and the pages that show it."""

    finding: Finding
    shown: Sequence[Shown]


TOLD = {
    "fields": ("{rest} on {good} of {of} articles", True),
    "published": ("the date of {bad} of {of} articles is known from their URL only", False),
    "boilerplate": ("{rest} is left in the text of {bad} of {of} articles", False),
    "incomplete": ("{bad} of {of} articles are incomplete", False),
    "errors": ("{bad} of {of} articles could not be had{rest}", False),
    "retries": ("{bad} of {of} requests had to be made again", False),
    "articles": ("of {bad} of {of} links on the lists nothing came", False),
    "layout": ("layout {rest} on {good} of {of} articles", True),
    "rules": ("{rest} matches {good} of {of} pages", True),
}
"""Family of a figure -> what is said of it, and whether what is good is told, or what is bad."""


def told(name: str, verdict: Verdict, what: str = "") -> str:
    """One line of an objection to a share. `what` it is, where the name does not say it."""
    family, _, rest = name.partition("/")
    words, good = TOLD[family]
    seen = verdict.seen
    of = f"the last {seen.of}" if verdict.pooled else seen.of
    said = words.format(rest=what or rest, good=seen.of - seen.bad, bad=seen.bad, of=of)
    return f"{said}, {_beside(verdict, good=good)}"


def _beside(verdict: Verdict, *, good: bool) -> str:
    figure = f"{1 - verdict.usual if good else verdict.usual:.0%}".replace("%", " %")
    if not verdict.bound:
        return f"usually {figure}"
    return f"should be {'at least' if good else 'at most'} {figure}"


def objection(name: str, verdict: Verdict, shown: Sequence[Shown], *, to: str = "", what: str = "") -> Objection:
    """An objection to a share, by the name of `to` where that is another than the figure's."""
    good = TOLD[name.partition("/")[0]][1]
    usual, today = (1 - verdict.usual, verdict.seen.good) if good else (verdict.usual, verdict.seen.share)
    return objected(to or name, told(name, verdict, what), usual, today, shown)


def objected(name: str, told: str, usual: float | None, today: float | None, shown: Sequence[Shown]) -> Objection:
    examples = [each.url for each in shown]
    usual, today = (None if figure is None else round(figure, 4) for figure in (usual, today))
    return Objection(Finding(name=name, told=told, usual=usual, today=today, examples=examples), shown)
