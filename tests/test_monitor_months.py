"""Months of runs: a healthy one is never objected to; what breaks is found soon, and told until it is mended."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.months import Fault, Month

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def month(tmp_path: Path) -> Iterator[Month]:
    with closing(Month(tmp_path, 1)) as month:
        yield month


@pytest.fixture(autouse=True)
def no_fault_of_the_room(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert not caplog.messages


def findings(month: Month, every: timedelta, days: float, fault: Fault | None = None) -> list[set[str]]:
    """Names of what each run was objected to for."""
    return [found for _, found in month.runs(every, days, fault=fault)]


def test_a_month_of_hourly_runs_raises_no_false_alarm(month: Month) -> None:
    assert set().union(*findings(month, HOUR, 30)) == set()


@pytest.mark.parametrize("seed", range(6))
def test_months_of_daily_runs_raise_no_false_alarm(seed: int, tmp_path: Path) -> None:
    with closing(Month(tmp_path, seed, rate=40 + 20 * seed)) as month:
        assert set().union(*findings(month, DAY, 120)) == set()


@pytest.mark.parametrize("rate", [0.3, 3])
def test_a_sub_section_that_rarely_publishes_raises_no_false_alarm(rate: float, tmp_path: Path) -> None:
    with closing(Month(tmp_path, 1, rate=rate, arguments={"subsections": "177"})) as month:
        assert set().union(*findings(month, timedelta(hours=6), 60)) == set()


def test_a_backfill_of_another_layout_without_tags_raises_no_false_alarm(month: Month) -> None:
    findings(month, DAY, 30)
    month.arguments, month.layout, month.rate = {"since": "2015-01-01", "until": "2015-12-31"}, "2015", 3000
    assert set().union(*findings(month, DAY, 10, no_tags)) == set()


def test_articles_that_were_named_one_by_one_are_judged_by_nothing(month: Month) -> None:
    findings(month, DAY, 30)
    month.arguments = {"url": "https://international.sindonews.com/read/1/41/judul-1641660000"}
    assert findings(month, HOUR, 0.1, every_title_is_gone) == [set()] * 3


def every_title_is_gone(stats: dict[str, Any]) -> None:
    stats["dropped/no title"] = stats["monitor/articles"]
    for name in [name for name in stats if name.startswith("monitor/") and name != "monitor/known"]:
        stats[name] = 0


def no_tags(stats: dict[str, Any]) -> None:
    stats["monitor/fields/tags"] = 0


def no_place(stats: dict[str, Any]) -> None:
    stats["monitor/fields/dateline"] = 0


def first_rule_falls_back(stats: dict[str, Any]) -> None:
    hits = stats.get("parser/title/2024/1", 0)
    stats["parser/title/2024/1"], stats["parser/title/2024/2"] = 0, hits


def half_the_text(stats: dict[str, Any]) -> None:
    stats["monitor/paragraphs/median"] = stats.get("monitor/paragraphs/median", 0) / 3


def read_more_stays(stats: dict[str, Any]) -> None:
    stats["monitor/boilerplate/cross-reference"] = stats["monitor/articles"] // 2


def another_layout(stats: dict[str, Any]) -> None:
    stats["monitor/layout/2021"], stats["monitor/layout/2024"] = stats.pop("monitor/layout/2024", 0), 0


def moved_to_another_host(stats: dict[str, Any]) -> None:
    stats["monitor/known"] = stats["monitor/articles"] = 0


def half_a_list(stats: dict[str, Any]) -> None:
    stats["index/listed"] //= 3
    stats["monitor/known"] //= 3


def pager_gone(stats: dict[str, Any]) -> None:
    stats["index/listed"], stats["index/pages"], stats["monitor/known"] = 23, 1, 0


FAULTS = {
    half_a_list: "index/listed",
    every_title_is_gone: "fields/title",
    no_place: "fields/dateline",
    first_rule_falls_back: "rules/title",
    half_the_text: "paragraphs/number",
    read_more_stays: "boilerplate/cross-reference",
    another_layout: "layout/2024",
    moved_to_another_host: "articles/listed",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_at_once_for_weeks_until_it_is_mended_and_no_longer(fault: Fault, month: Month) -> None:
    """But on days with so few articles that it may be chance."""
    findings(month, DAY, 12)
    told = [FAULTS[fault] in found for found in findings(month, DAY, 40, fault)]
    assert told[0]
    assert sum(told) > 30
    assert findings(month, DAY, 10) == [set()] * 10


def test_a_day_that_always_has_one_page_now_is_told(month: Month) -> None:
    month.arguments = {"since": "2026-05-31", "until": "2026-06-01"}
    findings(month, DAY, 12)
    assert all("index/pages" in found for found in findings(month, DAY, 5, pager_gone))


def test_hourly_runs_of_two_articles_find_it_within_a_day_and_are_still_when_it_is_mended(month: Month) -> None:
    findings(month, HOUR, 8)
    told = findings(month, HOUR, 2, no_tags)
    assert told.index({"fields/tags"}) < 24
    assert told.count({"fields/tags"}) > 20
    assert findings(month, HOUR, 1) == [set()] * 24


def test_too_little_history_says_nothing(month: Month) -> None:
    findings(month, DAY, 4)
    assert findings(month, DAY, 1, no_place) == [set()]


def test_a_day_without_anything_new_is_told_at_once(month: Month) -> None:
    findings(month, DAY, 30)
    month.rate = 0
    assert findings(month, DAY, 3) == [{"silence"}] * 3
    month.rate = 60
    assert findings(month, DAY, 3) == [set()] * 3


def test_hourly_silence_is_told_when_it_is_twice_as_long_as_a_night(month: Month) -> None:
    findings(month, HOUR, 8)
    month.rate = 0
    told = findings(month, HOUR, 2)
    assert 12 < told.index({"silence"}) < 36
    assert told[-1] == {"silence"}
