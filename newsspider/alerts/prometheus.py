"""A run as metrics, for the textfile collector of Prometheus' node_exporter."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile
from scrapy.settings import BaseSettings

from newsspider.alerts import CallError
from newsspider.exits import FINISHED

STATUS = "downloader/response_status_count/"
FIELD = "monitor/fields/"


class Metric(NamedTuple):
    """One number of the last run."""

    name: str
    help: str
    value: float
    labels: dict[str, str] = {}  # noqa: RUF012  # nobody writes to it


def call(to: str, settings: BaseSettings, record: dict[str, Any], stats: dict[str, Any]) -> None:
    """Two files: of the last run, and of the last one that was healthy, whose time stays when a later one is not."""
    folder, spider = Path(to), record["spider"]
    if not folder.is_dir():
        raise CallError(f"PROMETHEUS_DIR {folder} is no folder")
    _write(folder / f"newsspider_{spider}.prom", spider, _of(record, stats))
    if record["exitcode"] == FINISHED:
        healthy = Metric("last_success_timestamp_seconds", "When a run last ended with exit code 0.", time.time())
        _write(folder / f"newsspider_{spider}_success.prom", spider, [healthy])


def _write(path: Path, spider: str, metrics: Iterator[Metric] | list[Metric]) -> None:
    registry, gauges = CollectorRegistry(), dict[str, Gauge]()
    for name, told, value, labels in metrics:
        if name not in gauges:
            gauges[name] = Gauge(f"newsspider_{name}", told, ["spider", *labels], registry=registry)
        gauges[name].labels(spider=spider, **labels).set(value)
    write_to_textfile(str(path), registry)


def _of(record: dict[str, Any], stats: dict[str, Any]) -> Iterator[Metric]:
    now = time.time()
    yield Metric("run_exit_code", "Exit code of the last run; 0 is healthy.", record["exitcode"])
    yield Metric("run_end_timestamp_seconds", "When the last run ended.", now)
    if started := stats.get("start_time"):
        yield Metric("run_duration_seconds", "How long the last run took.", now - started.timestamp())
    yield Metric("run_findings", "What the last run objected to.", len(record["findings"]))
    yield from _counts(record["counts"])
    yield from _traffic(stats)
    yield from _fields(stats)


def _counts(counts: dict[str, int | None]) -> Iterator[Metric]:
    for outcome, number in counts.items():
        if number is None:
            continue
        if outcome == "owed":
            yield Metric("run_owed_pages", "Pages that the last run left owed.", number)
        else:
            yield Metric("run_articles", "Articles of the last run.", number, {"outcome": outcome})


def _traffic(stats: dict[str, Any]) -> Iterator[Metric]:
    yield Metric("run_received_bytes", "Bytes that the last run received.", stats.get("downloader/response_bytes", 0))
    yield Metric("run_retries", "Requests that the last run made once more.", stats.get("retry/count", 0))
    for stat in sorted(stats):
        if stat.startswith(STATUS):
            status = {"status": stat.removeprefix(STATUS)}
            yield Metric("run_responses", "Responses that the last run got.", stats[stat], status)


def _fields(stats: dict[str, Any]) -> Iterator[Metric]:
    articles = stats.get("monitor/articles")
    for stat in sorted(stats):
        if articles and stat.startswith(FIELD):
            field, share = stat.removeprefix(FIELD), stats[stat] / articles
            yield Metric("run_field_ratio", "Articles of the last run that have the field.", share, {"field": field})
