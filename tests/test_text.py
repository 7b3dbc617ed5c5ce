"""Cleaning of one string."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsspider import text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("  a\t\n\r\u2003b\u3000c\u2028d\x85e ", "a b c d e"),
        ("zero\u200bwidth\ufeff so\u00adft\u2060", "zerowidth soft"),
        ("&quot;A&quot; &amp;quot;B&amp;quot; &amp;amp;quot;C&amp;amp;quot;", '"A" "B" "C"'),
        ("Q&A, R&D, AT&T &copy 2020 &bukan;", "Q&A, R&D, AT&T &copy 2020 &bukan;"),
        ("a&nbsp;&amp;nbsp;b&#8203;c", "a bc"),
        ("a\x00\x07b\x7f", "ab"),
        ("Cafe\u0301", "Café"),
        ("\x93kutip\x94 \x96 \x85", "“kutip” –"),
        ("\ud83d rusak \ufffd", "rusak"),
    ],
)
def test_characters_that_are_none_of_the_text_go(raw: str, expected: str) -> None:
    assert text.clean(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("â€œDamai,â€\x9d kata dia", "“Damai,” kata dia"),
        ("â€œDamai,â€ kata dia", "“Damai,” kata dia"),
        ("Jumâ€™at â€“ itu â€¦", "Jum’at – itu …"),
        ("\xe2\x80\x9cLatin\xe2\x80\x9d", "“Latin”"),
        ("â€œsalah” dan “benar”", "“salah” dan “benar”"),
        ("CafÃ© SÃ£o", "Café São"),
    ],
)
def test_mojibake_is_mended(raw: str, expected: str) -> None:
    assert text.clean(raw) == expected


@pytest.mark.parametrize("good", ["“Ya,” katanya – ‘pasti’ …", "Â la château, São Paulo, Côte d’Ivoire", "€ 5 — Ł"])
def test_correct_text_stays_as_it_is(good: str) -> None:
    assert text.clean(good) == good


@given(st.text(st.characters(exclude_characters="&ÂÃâ"), max_size=80))
def test_cleaning_twice_changes_nothing_more(raw: str) -> None:
    assert text.clean(text.clean(raw)) == text.clean(raw)


@pytest.mark.parametrize("text_", ["Budi", "(SYA)", "(redaksi)", "(a)", ""])
def test_what_is_no_initials_is_none(text_: str) -> None:
    assert text.initials(text_) is None


@pytest.mark.parametrize("text_", ["", " ", "data:image/gif;base64,R0lGOD"])
def test_what_is_no_address_is_none(text_: str) -> None:
    assert text.address(text_) is None


def test_an_address_has_no_characters_that_no_text_has() -> None:
    assert (
        text.address("https://pict.sindonews.com/a\0b\ud83d\x1f.jpg ")
        == "https://pict.sindonews.com/a%00b%EF%BF%BD%1F.jpg"
    )
