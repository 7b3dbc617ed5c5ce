"""What is left of a page in a text is seen where it can stand: for the monitors, and for `scrapy verify`."""

from itertools import product

import pytest

from newsspider.sites.leftovers import leftovers
from newsspider.sites.references import take
from newsspider.sites.sindonews.layouts import MARKUP

BEFORE = ("", "Satu. ", "Satu kata ", "Satu (", "Satu ( ", "[", "• ", "- ", "Satu. > ", 'Satu, "', "Satu (PBB) ")
LABELS = ("Baca Juga", "Baca juga", "baca juga", "baca Juga", "BACA JUGA", "BacaJuga")
SEPARATORS = ("", " ", ": ", ":", " : ", " - ", "|", ' "')
TITLES = ("", "Judul", "judul", '"Judul"', "Judul)", "judul).", "1 Judul", "Judul. Dua kata.", "]")


@pytest.mark.parametrize(
    ("line", "kind", "sure"),
    [
        ("Baca juga: Kabar dari Oslo", "cross-reference", True),
        ("Warga menunggu. Lihat Juga Kabar dari Oslo", "cross-reference", True),
        ("Mereka bubar (baca juga: Kabar dari Oslo).", "cross-reference", True),
        ("Warga menunggu. Baca juga kisah lain di sini.", "cross-reference", False),
        ("Kita lihat juga bagaimana warga menunggu.", None, False),
        ("Warga menunggu di rumah (sya)", "initials", True),
        ("Jaraknya 50 kilometer (km).", "initials", False),
        ("Badan Kesehatan Dunia (WHO)", None, False),
        ("Halaman : 1 2 3", "furniture", True),
    ],
)
def test_what_is_left_of_a_page_is_seen_where_it_can_stand(line: str, kind: str | None, sure: bool) -> None:
    assert [(left.kind, left.sure) for left in leftovers([line], MARKUP)] == ([(kind, sure)] if kind else [])


def test_initials_are_sure_at_the_end_of_an_article_or_a_sentence() -> None:
    lines = ["Warga menunggu (sya)", "Warga menunggu. (sya)", "(sya)", "Warga menunggu (sya)"]
    assert [left.sure for left in leftovers(lines, MARKUP)] == [False, True, True, True]


def test_all_that_the_reader_would_take_out_is_seen_and_sure() -> None:
    texts = ["".join(parts) for parts in product(BEFORE, LABELS, SEPARATORS, TITLES)]
    taken = [text for text in texts if take(text, MARKUP.labels)[0] != text]
    assert len(taken) > 1000
    assert [text for text in taken if not any(left.sure for left in leftovers([text], MARKUP))] == []
