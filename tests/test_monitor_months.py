"""Months of runs: a healthy one is never objected to; what breaks is found soon, and told until it is mended."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.months import Month

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def findings(month: Month, every: timedelta, days: float, **more: Any) -> Iterator[set[str]]:
    for _, found in month.runs(every, days, **more):
        yield found


@pytest.mark.parametrize("seed", range(3))
def test_a_month_of_hourly_runs_raises_no_false_alarm(seed: int, tmp_path: Path) -> None:
    with closing(Month(tmp_path, seed)) as month:
        assert set().union(*findings(month, HOUR, 30)) == set()


@pytest.mark.parametrize("seed", range(6))
def test_months_of_daily_runs_raise_no_false_alarm(seed: int, tmp_path: Path) -> None:
    with closing(Month(tmp_path, seed, rate=40 + 20 * seed)) as month:
        assert set().union(*findings(month, DAY, 120)) == set()


@pytest.mark.parametrize("rate", [0.3, 3])
def test_a_sub_section_that_rarely_publishes_raises_no_false_alarm(rate: float, tmp_path: Path) -> None:
    with closing(Month(tmp_path, 1, rate=rate, arguments={"subsections": "177"})) as month:
        assert set().union(*findings(month, timedelta(hours=6), 90)) == set()
