"""What the ledger has of each day: ledgers whose tables are filled by hand, read by `coverage.days`."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from newsspider.ledger import tables
from newsspider.ledger.coverage import Day, days
from newsspider.ledger.database import Database
from newsspider.ledger.gaps import gaps

SUNDAY = date(2026, 3, 1)
LATER, SAME_DAY = "2026-06-01T00:00:00Z", "2026-03-01T16:59:59Z"


class Ledger:
    """Rows as a crawl leaves them, as few columns as it takes."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.articles = 0

    def add(self, table: str, **row: Any) -> int:
        with self.database.begin() as connection:
            key = connection.execute(insert(tables.metadata.tables[table]).values(**row)).inserted_primary_key
        return int(key[0]) if key else 0

    def job(self, state: str = "finished", started: str = LATER, walk: int | None = None, **arguments: str) -> int:
        key = json.dumps(arguments, sort_keys=True)
        return self.add("jobs", spider="sindonews", arguments=key, state=state, started=started, walk=walk)

    def read(self, day: date, at: str = LATER, state: str = "done", **job: Any) -> None:
        """The index of a day, in a job of its own."""
        number = self.job(**job)
        run = self.add("runs", job=number, pid=1, started=at)
        row = {"job": number, "url": f"{day}", "walk": "{}", "day": f"{day}", "segment": run, "run": run}
        self.add("indexes", **row, state=state, tries=0)

    def articles_of(self, day: date, count: int, state: str = "done", listed: bool = True, **page: Any) -> None:
        for _ in range(count):
            self.articles += 1
            url = f"https://international.sindonews.com/read/{self.articles}/41/a"
            row = {"url": url, "state": state, "found": f"{day}T03:00:00Z", "day": f"{day}" if listed else None}
            number = self.add("pages", **row, tries=0, **page)
            if state == "done":
                self._article(number, url, day)

    def _article(self, page: int, url: str, day: date, revision: int = 1) -> None:
        texts = {"stored": LATER, "hash": "", "published": f"{day}T10:00:00+07:00", "item": "{}"}
        self.add("articles", page=page, url=url, revision=revision, job=1, **texts)

    def of(self, day: date = SUNDAY, **how: Any) -> Day:
        (found,) = days(self.database, f"{day}", f"{day}", **how)
        return found


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(Database(f"sqlite:///{tmp_path / 'ledger.sqlite'}")) as database:
        yield Ledger(database)


def test_a_day_whose_index_was_read_after_it_is_completed_also_with_nothing_on_it(ledger: Ledger) -> None:
    ledger.read(SUNDAY)
    found = ledger.of()
    assert (found.completed, found.listed, found.stored, found.gaps) == (True, 0, 0, [])


@pytest.mark.parametrize(
    "read",
    [
        {"at": SAME_DAY},
        {"state": "pending"},
        {"state": "failed"},
    ],
    ids=["before it was over", "not read yet", "given up"],
)
def test_a_day_is_not_completed_when_its_index_was(ledger: Ledger, read: dict[str, str]) -> None:
    ledger.read(SUNDAY, **read)
    assert ledger.of().gaps == ["index"]


def test_a_day_is_over_at_midnight_in_jakarta(ledger: Ledger) -> None:
    ledger.read(SUNDAY, at="2026-03-01T17:00:00Z")
    assert ledger.of().completed


def test_a_job_that_is_not_finished_completes_no_day(ledger: Ledger) -> None:
    for job in (ledger.job(state=state) for state in ("open", "publishing", "abandoned")):
        run = ledger.add("runs", job=job, pid=1, started=LATER)
        row = {"job": job, "url": "x", "walk": "{}", "day": f"{SUNDAY}", "segment": run, "run": run}
        ledger.add("indexes", **row, state="done", tries=0)
    assert not ledger.of().completed


def test_a_narrow_job_completes_a_day_for_what_it_asked_for_only(ledger: Ledger) -> None:
    ledger.read(SUNDAY, subsections="41,43")
    found = ledger.of()
    assert (found.completed, found.narrow) == (False, ("subsections=41,43",))
    assert ledger.of(scope={"subsections": "41"}).completed
    assert not ledger.of(scope={"subsections": "40,41"}).completed


def test_a_limited_job_completes_nothing_and_all_channels_complete_each(ledger: Ledger) -> None:
    ledger.read(SUNDAY, limit="100")
    ledger.read(SUNDAY + timedelta(1), channel="all")
    assert not ledger.of().completed
    assert ledger.of(SUNDAY + timedelta(1)).completed
    assert ledger.of(SUNDAY + timedelta(1), scope={"channel": "sports"}).completed


def walk(ledger: Ledger, first: int | None, started: date, of: dict[date, int], state: str = "finished") -> int:
    """A newest walk that listed so many articles of these days."""
    job = ledger.job(state=state, started=f"{started}T03:00:00Z", walk=first)
    run = ledger.add("runs", job=job, pid=1, started=f"{started}T03:00:00Z")
    for day, count in of.items():
        before = ledger.articles
        ledger.articles_of(day, count, listed=False)
        for page in range(before + 1, ledger.articles + 1):
            ledger.add("listed", walk=first or job, page=page, job=job, segment=run)
    return job


def test_newest_walks_cover_what_lies_between_the_end_of_the_first_and_the_start_of_the_last(ledger: Ledger) -> None:
    walk(ledger, 1, SUNDAY, {SUNDAY - timedelta(n): 20 for n in range(5)})
    walk(ledger, 1, SUNDAY + timedelta(9), {SUNDAY + timedelta(8): 20})
    walk(ledger, 1, SUNDAY + timedelta(30), {SUNDAY + timedelta(29): 20}, state="partial")
    found = list(days(ledger.database, f"{SUNDAY - timedelta(6)}", f"{SUNDAY + timedelta(31)}"))
    completed = [date.fromisoformat(day.day) - SUNDAY for day in found if day.completed]
    assert (completed[0].days, completed[-1].days, len(completed)) == (-3, 8, 12)


def test_a_pinned_article_of_years_ago_does_not_make_years_covered(ledger: Ledger) -> None:
    pinned = date(2019, 5, 5)
    walk(ledger, 1, SUNDAY, {pinned: 2, **{SUNDAY - timedelta(n): 20 for n in range(5)}})
    found = list(days(ledger.database, until=f"{SUNDAY}"))
    assert [day.day for day in found if day.completed] == ["2026-02-26", "2026-02-27", "2026-02-28"]
    assert found[0].day == "2026-02-26"


def test_what_was_not_had_counts_to_the_day_that_listed_it(ledger: Ledger) -> None:
    ledger.read(SUNDAY)
    ledger.articles_of(SUNDAY, 5)
    ledger.articles_of(SUNDAY, 1, "pending")
    ledger.articles_of(SUNDAY, 1, "failed", next_try="2026-03-02T00:00:00Z")
    ledger.articles_of(SUNDAY, 1, "failed", next_try="9999-03-02T00:00:00Z")
    ledger.articles_of(SUNDAY, 1, "failed")
    ledger.articles_of(SUNDAY, 2, "gone", next_try="2026-03-02T00:00:00Z")
    day = ledger.of()
    assert (day.stored, day.listed, day.had) == (5, 11, 5)
    assert (day.owed, day.failed, day.due, day.given_up, day.gone) == (1, 2, 1, 1, 2)
    assert (day.gaps, day.fillable) == (["owed", "failed"], True)


def test_gone_and_single_given_up_articles_are_counted_and_are_no_gap(ledger: Ledger) -> None:
    ledger.read(SUNDAY)
    ledger.articles_of(SUNDAY, 4)
    ledger.articles_of(SUNDAY, 9, "gone")
    ledger.articles_of(SUNDAY, 2, "failed")
    day = ledger.of()
    assert (day.gone, day.given_up, day.gaps) == (9, 2, [])


def test_a_day_of_which_most_articles_were_given_up_has_a_gap(ledger: Ledger) -> None:
    ledger.read(SUNDAY)
    ledger.articles_of(SUNDAY, 4)
    ledger.articles_of(SUNDAY, 5, "failed")
    assert ledger.of().gaps == ["few"]


def test_what_no_index_listed_counts_to_the_day_in_its_address_or_to_when_it_was_found(ledger: Ledger) -> None:
    ledger.articles_of(SUNDAY, 1, "pending", listed=False)
    assert ledger.of().owed == 1
    told = {"address": lambda url: f"{SUNDAY - timedelta(1)}"}
    assert ledger.of(**told).owed == 0
    assert ledger.of(SUNDAY - timedelta(1), **told).owed == 1


def test_a_revision_is_no_further_article(ledger: Ledger) -> None:
    ledger.articles_of(SUNDAY, 2)
    ledger._article(1, "https://international.sindonews.com/read/1/41/a", SUNDAY, revision=2)
    assert ledger.of().stored == 2


def weeks(ledger: Ledger, count: int, articles: int = 20) -> None:
    """So many Sundays before, with about so many articles, and busier Mondays."""
    for week in range(1, count + 1):
        sunday = SUNDAY - timedelta(7 * week)
        ledger.read(sunday)
        ledger.articles_of(sunday, articles + week % 3)
        ledger.articles_of(sunday + timedelta(1), articles * 3)


def test_a_day_with_clearly_fewer_articles_than_its_weekday_has_is_named(ledger: Ledger) -> None:
    weeks(ledger, 7)
    ledger.read(SUNDAY)
    ledger.articles_of(SUNDAY, 5)
    found = ledger.of()
    assert (found.usual, found.gaps, found.fillable) == (21, ["few"], True)


def test_a_day_that_is_only_somewhat_below_is_not(ledger: Ledger) -> None:
    weeks(ledger, 7)
    ledger.read(SUNDAY)
    ledger.articles_of(SUNDAY, 12)
    assert ledger.of().gaps == []


def test_too_little_history_raises_no_alarm(ledger: Ledger) -> None:
    weeks(ledger, 5)
    ledger.read(SUNDAY)
    assert (ledger.of().usual, ledger.of().gaps) == (None, [])


@pytest.mark.parametrize("again", [{}, {"days": f"{SUNDAY}"}], ids=["read twice", "chosen"])
def test_a_day_that_was_looked_at_again_has_what_the_site_has(ledger: Ledger, again: dict[str, str]) -> None:
    weeks(ledger, 7)
    if not again:
        ledger.read(SUNDAY)
    ledger.read(SUNDAY, **again)
    assert (ledger.of().usual, ledger.of().gaps) == (21, [])


def test_it_is_few_for_ever_where_the_index_lists_more(ledger: Ledger) -> None:
    weeks(ledger, 7)
    ledger.read(SUNDAY, days=f"{SUNDAY}")
    ledger.articles_of(SUNDAY, 18, "failed")
    assert (ledger.of().gaps, ledger.of().fillable) == (["few"], False)


def test_from_the_first_day_that_was_to_be_read_to_yesterday_without_a_hole(ledger: Ledger) -> None:
    ledger.read(date(2026, 3, 1))
    ledger.read(date(2026, 3, 5))
    found = [day.day for day in days(ledger.database)]
    assert found[:3] == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert found == sorted(set(found))
    assert len(found) == (date.fromisoformat(found[-1]) - date(2026, 3, 1)).days + 1


def test_an_older_ledger_that_did_not_write_down_who_listed_what_says_so(ledger: Ledger) -> None:
    ledger.read(SUNDAY)
    ledger.articles_of(SUNDAY, 3, listed=False)
    assert (ledger.of().listed, ledger.of().stored, ledger.of().gaps) == (None, 3, [])


def told(*found: Day) -> list[tuple[str, str, int, str]]:
    return [(gap.first, gap.last, gap.days, gap.told) for gap in gaps(found)]


def test_days_in_a_row_of_which_the_same_is_missing_are_one_gap() -> None:
    found = [Day(day=f"2022-01-0{n}", completed=n not in (1, 2, 4, 7), owed=int(n == 4)) for n in (1, 2, 3, 4, 5, 7)]
    assert told(*found) == [
        ("2022-01-01", "2022-01-02", 2, "not read to the end"),
        ("2022-01-04", "2022-01-04", 1, "not read to the end, 1 owed"),
        ("2022-01-07", "2022-01-07", 1, "not read to the end"),
    ]


def test_what_is_missing_is_told_of_all_days_of_a_gap_together() -> None:
    few = [Day(day=f"2022-01-0{n}", completed=True, stored=n, usual=21.0, bound=7.0, failed=n, gone=1) for n in (1, 2)]
    narrow = [Day(day=f"2022-01-0{n}", narrow=("subsections=41",)) for n in (3, 4)]
    unknown = [Day(day="2022-01-06", completed=True, given_up=9), Day(day="2022-01-07", narrow=("subsections=42",))]
    assert told(*few, *narrow, *unknown) == [
        ("2022-01-01", "2022-01-02", 2, "few articles (3, usually 42), 3 failed, 2 gone"),
        ("2022-01-03", "2022-01-04", 2, "not read to the end (only for subsections=41)"),
        ("2022-01-06", "2022-01-06", 1, "few articles, 9 given up"),
        ("2022-01-07", "2022-01-07", 1, "not read to the end (only for subsections=42)"),
    ]
