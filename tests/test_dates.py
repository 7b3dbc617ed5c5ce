"""Dates of Indonesian pages."""

import pytest

from newsspider import dates


@pytest.mark.parametrize("friday", ["Jum'at", "Jum’at", "Jumʼat", "Jum`at", "Jumat"])
def test_a_friday_is_read_with_any_apostrophe(friday: str) -> None:
    assert dates.iso(f"{friday}, 24 Juli 2026 - 13:39 WIB") == "2026-07-24T13:39:00+07:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Selasa,  6 Oktober 2015 - 05:23 WIB", "2015-10-06T05:23:00+07:00"),
        ("09 Januari 2022 00:30", "2022-01-09T00:30:00+07:00"),
        ("Minggu,\xa009\xa0Januari\xa02022 – 00:30:59 WIB", "2022-01-09T00:30:59+07:00"),
        ("Dipublikasikan: Rabu, 2 Mar 2016 | 14.05 WITA", "2016-03-02T14:05:00+08:00"),
        ("3 Mei 2020, pukul 09.00 (WIT)", "2020-05-03T09:00:00+09:00"),
        ("9 January 2022 - 00:30", "2022-01-09T00:30:00+07:00"),
        ("09/01/2022 00:30 WIB", "2022-01-09T00:30:00+07:00"),
        ("Sun, 09 Jan 2022 00:30:00 +0700", "2022-01-09T00:30:00+07:00"),
        ("2022-01-09 00:30", "2022-01-09T00:30:00+07:00"),
        ("2022-01-09T00:30:00.123+0800", "2022-01-09T00:30:00+08:00"),
        ("2022-01-08T12:30:00-05:00", "2022-01-09T00:30:00+07:00"),
    ],
)
def test_dates_as_sites_write_them(text: str, expected: str) -> None:
    assert dates.iso(text) == expected


@pytest.mark.parametrize(
    ("name", "month"),
    [("Pebruari", 2), ("Peb", 2), ("Mrt", 3), ("Agt", 8), ("Agu", 8), ("Ags", 8), ("Nopember", 11), ("DES", 12)],
)
def test_months_in_old_and_short_spellings(name: str, month: int) -> None:
    assert dates.iso(f"5 {name} 2019 - 08:00 WIB") == f"2019-{month:02d}-05T08:00:00+07:00"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3 hari yang lalu",
        "31 Februari 2022 - 10:00 WIB",
        "9 Januari 2022 - 24:30 WIB",
        "9 Januari 2022",
        "9 Foo 2022 - 10:00",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "2022-01-09T00:30:00+99:99",
    ],
)
def test_what_is_no_date_with_a_time_is_none(text: str) -> None:
    assert dates.iso(text) is None


def test_an_epoch_out_of_range_is_none() -> None:
    assert dates.from_epoch(10**18) is None
