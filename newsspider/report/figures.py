"""What is shown of a run and the runs before it: each beside what is usual, the median of the earlier ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from newsspider.ledger.articles import FIELDS
from newsspider.report.past import Past

COUNTS = ("new", "updated", "gone", "failed", "owed")
RESPONSES, BYTES = "downloader/response_count", "downloader/response_bytes"
ARTICLES, OF_FIELD, LATENCY, SLOWEST = "monitor/articles", "monitor/fields/", "monitor/latency/", "monitor/slowest"
STATUS, EXCEPTION = "downloader/response_status_count/", "downloader/exception_type_count/"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number of this run, and the usual one (None: there is none)."""

    name: str
    today: float | None
    usual: float | None


@dataclass(frozen=True, kw_only=True)
class Field:
    """In which share of the articles a field was there, run by run; None: a run without articles or figures."""

    name: str
    shares: list[float | None]
    alarms: list[bool]
    """In which runs a monitor objected to it."""

    @property
    def today(self) -> float | None:
        return self.shares[-1]

    @property
    def usual(self) -> float | None:
        return usual(self.shares[:-1])


def usual(values: Iterable[float | None]) -> float | None:
    """The median of those that there are."""
    there = [value for value in values if value is not None]
    return median(there) if there else None


def counts(past: list[Past]) -> list[Figure]:
    """New, updated, gone, failed, owed."""
    return [_figure(name, [_count(run, name) for run in past]) for name in COUNTS]


def fields(past: list[Past]) -> list[Field]:
    """In the order of the data sheet."""
    known = {name for run in past for name in run.under(OF_FIELD)}
    order = [name for name in FIELDS if name in known] + sorted(known - set(FIELDS))
    return [Field(name=name, shares=[_share(run, name) for run in past], alarms=_alarms(past, name)) for name in order]


def latency(past: list[Past]) -> list[Figure]:
    """Upper bound in seconds -> share of the responses that took so long."""
    bounds = sorted({bound for run in past for bound in run.under(LATENCY)}, key=float)
    shares = [_shares(run.under(LATENCY), bounds) for run in past]
    return [_figure(bound, column) for bound, column in zip(bounds, zip(*shares, strict=True), strict=True)]


def answers(past: list[Past]) -> list[Figure]:
    """HTTP status, or why there was no answer -> how many."""
    *earlier, today = (run.under(STATUS) | _short(run.under(EXCEPTION)) for run in past if run.stats or run is past[-1])
    names = sorted({name for row in (*earlier, today) for name in row})
    shown = (_figure(name, [row.get(name, 0) for row in (*earlier, today)]) for name in names)
    return [figure for figure in shown if figure.today or figure.usual]


def traffic(past: list[Past]) -> list[dict[str, Any]]:
    """Run by run: pages and bytes."""
    return [
        {
            "run": run.id,
            "started": run.started,
            "pages": run.stats.get(RESPONSES, 0),
            "bytes": run.stats.get(BYTES, 0),
        }
        for run in past
    ]


def slowest(run: Past) -> list[tuple[float, str]]:
    """Seconds and URL, the slowest first."""
    return [(seconds, url) for seconds, url in run.stats.get(SLOWEST, ())]


def is_share(finding: dict[str, Any]) -> bool:
    """Whether a finding's figures are shares: between 0 and 1, and not both of them whole."""
    known = [value for value in (finding["usual"], finding["today"]) if value is not None]
    return all(0 <= value <= 1 for value in known) and any(value % 1 for value in known)


def _figure(name: str, values: Iterable[float | None]) -> Figure:
    *earlier, today = values
    return Figure(name=name, today=today, usual=usual(earlier))


def _count(run: Past, name: str) -> int | None:
    return run.counts.get(name, None if name == "owed" else 0) if run.ended else None


def _share(run: Past, field: str) -> float | None:
    number = run.stats.get(ARTICLES)
    return run.stats.get(OF_FIELD + field, 0) / number if number else None


def _alarms(past: list[Past], field: str) -> list[bool]:
    return [any(finding["name"] == f"fields/{field}" for finding in run.findings) for run in past]


def _shares(row: dict[str, int], names: list[str]) -> list[float | None]:
    number = sum(row.values())
    return [row.get(name, 0) / number if number else None for name in names]


def _short(row: dict[str, int]) -> dict[str, int]:
    """Names of exceptions without their modules."""
    return {name.rpartition(".")[2]: number for name, number in row.items()}
