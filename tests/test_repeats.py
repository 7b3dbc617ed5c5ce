"""A later copy of the text goes; what an author says twice stays."""

import time
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsspider.pipelines.copies import kept

BODY = [
    "Presiden kedua negara bertemu di tepi danau untuk membicarakan gencatan senjata yang lama tertunda.",
    "Pertemuan itu berlangsung empat jam dan dihadiri para menteri luar negeri serta panglima tentara.",
    '"Kami sepakat membuka kembali jalur kereta," ujar juru bicara istana kepada wartawan pada Selasa malam.',
    "Jalur sepanjang 120 kilometer itu ditutup sejak pertempuran pecah di kota perbatasan tiga tahun lalu.",
    "Warga di kedua sisi perbatasan menyambut kabar itu di setiap kafé dengan lentera menyala di sepanjang jembatan.",
    "Namun sejumlah pengamat menilai perjanjian itu masih rapuh karena tidak mengatur pemulangan tawanan.",
    "Pembicaraan lanjutan dijadwalkan pada bulan depan di ibu kota negara tetangga yang menjadi penengah.",
]
REFRAIN = ["Pulanglah, pulang.", "Sungai masih menunggu.", "Lampu belum padam."]

INSTRUCTIONS = ["Cuci beras.", "Potong sayur.", "Rebus air.", "Tiriskan.", "Sajikan."]


def text(paragraphs: list[str], title: str | None = None) -> list[str]:
    return [paragraphs[index] for index in kept(paragraphs, title)]


SECOND_COPIES = {
    "whole": BODY,
    "truncated": BODY[:4],
    "without its opening": BODY[1:],
    "without its opening, truncated": BODY[1:5],
    "only its end": BODY[4:],
    "two long paragraphs of its opening": BODY[:2],
    "twice": BODY + BODY,
    "truncated, then whole": BODY[:4] + BODY,
    "whole, then truncated": BODY + BODY[:3],
    "cut inside its last paragraph": [*BODY[:3], BODY[3][:60]],
    "cut with an ellipsis": [*BODY[:3], BODY[3][:60] + "…"],
    "curly quotes": [p.replace('"Kami', "“Kami").replace(',"', ",”") for p in BODY],
    "no quotes": [p.replace('"', "") for p in BODY],
    "white space": [p.replace(" ", "  ").replace("itu", "itu\u200b") + "\u00a0" for p in BODY],
    "other dashes": [p.replace("-", "–") for p in BODY],
    "other case": [p.upper() for p in BODY],
    "composed otherwise": [p.replace("é", "e\u0301") for p in BODY],
    "a dateline": ["DANAU BIRU - " + BODY[0], *BODY[1:]],
    "a long dateline, truncated": ["DANAU BIRU, Kantor Berita — " + BODY[0], *BODY[1:4]],
    "two paragraphs in one": [BODY[0], f"{BODY[1]} {BODY[2]}", *BODY[3:]],
    "a paragraph in two": [*BODY[:3], BODY[3][:40], BODY[3][40:], *BODY[4:]],
    "its first two paragraphs in one": [f"{BODY[0]} {BODY[1]}", *BODY[2:]],
    "cross references between": [
        BODY[0],
        "Baca juga: Lentera di Jembatan",
        *BODY[1:4],
        "BACA JUGA - Kereta",
        *BODY[4:],
    ],
    "a cross reference in brackets": [BODY[0], BODY[1][:-1] + " (Baca Juga: Kereta Lama).", *BODY[2:]],
    "a cross reference behind a sentence": [BODY[0] + " Baca juga: Kereta (Video)", *BODY[1:]],
    "a cross reference as its last line": [*BODY, "Lihat Juga : Kereta"],
}


@pytest.mark.parametrize("copy", SECOND_COPIES.values(), ids=SECOND_COPIES)
def test_a_second_copy_goes(copy: list[str]) -> None:
    assert text(BODY + copy) == BODY


def test_the_first_copys_spelling_and_cross_references_stay() -> None:
    first = [BODY[0], "Baca juga: Lentera", *BODY[1:]]
    assert text(first + BODY) == first


def test_a_cross_reference_before_a_copy_belongs_to_the_first() -> None:
    assert text([*BODY, "Baca juga: Lentera", *BODY]) == [*BODY, "Baca juga: Lentera"]


def test_a_cross_reference_behind_a_copy_belongs_to_what_follows() -> None:
    rest = ["Baca juga: Lentera", *BODY[4:]]
    assert text([*BODY[:4], *BODY[:4], *rest]) == [*BODY[:4], *rest]


def test_a_long_paragraph_that_begins_like_a_cross_reference_is_text() -> None:
    paragraph = "Baca juga, kata sang guru, berarti memahami apa yang tidak tertulis di antara dua baris. " * 3
    assert text([*BODY, *BODY[:3], paragraph, *BODY[3:]]) == [*BODY, paragraph]


def test_a_dateline_left_on_the_first_paragraph_only_hides_no_copy() -> None:
    first = ["DANAU BIRU - " + BODY[0], *BODY[1:]]
    assert text(first + BODY[:3]) == first


@pytest.mark.parametrize("length", range(1, len(BODY)))
def test_page_1_followed_by_the_whole_gives_the_whole(length: int) -> None:
    assert text(BODY[:length] + BODY) == BODY


def test_page_1_followed_by_the_whole_without_its_opening_gives_the_whole() -> None:
    assert text(BODY[:5] + BODY[1:]) == BODY


@pytest.mark.parametrize("length", [1, 2])
def test_a_short_article_doubled_is_mended(length: int) -> None:
    assert text(BODY[:length] * 2) == BODY[:length]


def test_two_sentences_doubled_are_mended() -> None:
    sentences = [
        "Gempa mengguncang kota pelabuhan itu pada Minggu pagi.",
        "Belum ada laporan korban maupun kerusakan bangunan.",
    ]
    assert text(sentences * 2) == sentences


def test_a_first_copy_with_two_paragraphs_in_one_stays_as_it_is() -> None:
    first = [*BODY[:2], f"{BODY[2]} {BODY[3]}", *BODY[4:]]
    assert text(first + BODY) == first


def test_a_paragraph_of_which_only_a_part_stood_before_stays() -> None:
    more = f"{BODY[3]} Sidang dibuka kembali pada sore hari."
    assert text([*BODY, *BODY[:3], more]) == [*BODY, more]
    assert text([*BODY, *BODY[:3], f"{BODY[3]} {BODY[0]}"])[: len(BODY)] == BODY


def test_an_article_of_two_paragraphs_is_mended_where_only_the_second_comes_again() -> None:
    assert text([BODY[0], BODY[4], BODY[4]]) == [BODY[0], BODY[4]]


@pytest.mark.parametrize(
    "copy",
    [BODY[:2], BODY[1:3], [BODY[0], BODY[1][:40]]],
    ids=["truncated", "without its opening", "cut inside its second paragraph"],
)
def test_an_article_of_three_paragraphs_is_mended(copy: list[str]) -> None:
    assert text(BODY[:3] + copy) == BODY[:3]


def test_a_text_of_short_lines_doubled_is_mended() -> None:
    lines = ["Inilah caranya.", *INSTRUCTIONS]
    for copy in (lines, lines[1:], lines[:5]):
        assert text(lines + copy) == lines
    assert text([*lines, *lines[1:], "Selamat mencoba."]) == [*lines, "Selamat mencoba."]


def test_a_paragraph_that_only_the_copy_has_stays() -> None:
    changed = BODY[3].replace("120", "140")
    assert text([*BODY, *BODY[:3], changed, *BODY[4:]]) == [*BODY, changed]


def test_a_copy_that_begins_with_a_line_said_before_goes_whole() -> None:
    line = '"Tidak," jawabnya.'
    body = [*BODY[:2], line, *BODY[2:4], line, *BODY[4:]]
    assert text(body + body[5:]) == body


def test_only_the_last_paragraph_of_a_text_counts_as_cut() -> None:
    cut = BODY[3][:60]
    assert text([*BODY, *BODY[:3], cut, *BODY[4:]]) == [*BODY, cut]


def test_a_word_is_no_cut_paragraph() -> None:
    assert text([*BODY, *BODY[:3], "Jalur."]) == [*BODY, "Jalur."]


def test_a_copy_inside_a_copy_goes() -> None:
    assert text([*BODY, *BODY[:2], *BODY[:4], *BODY[2:]]) == BODY


def test_the_title_before_a_copy_goes_with_it() -> None:
    assert text([*BODY, "Jalur Kereta Dibuka", *BODY], "Jalur  Kereta Dibuka") == BODY


def test_a_heading_before_a_copy_that_is_not_the_title_stays() -> None:
    assert text([*BODY, "Tanggapan", *BODY], "Jalur Kereta Dibuka") == [*BODY, "Tanggapan"]


LIST = ["4 Alasan Kereta Dibuka", "1. Perdagangan", BODY[3], "2. Wisata", BODY[4], "3. Tawanan", BODY[5]]

INTENDED = {
    "dialogue said three times": [*BODY[:2], *['"Tidak," jawabnya.'] * 3, *BODY[2:]],
    "dialogue said three times at the opening": [*['"Tidak," jawabnya.'] * 3, *BODY],
    "dialogue said three times at the end": [*BODY, *['"Tidak," jawabnya.'] * 3],
    "dialogue here and there": list(chain.from_iterable((p, '"Tidak," jawabnya.') for p in BODY)),
    "question and answer": [*BODY[:3], *['"Benarkah?" tanya hakim.', '"Benar," jawab saksi.'] * 4, *BODY[3:]],
    "question and answer at the opening": [*['"Benarkah?" tanya hakim.', '"Benar," jawab saksi.'] * 2, *BODY],
    "another number": [
        f"Pada hari ke-{day} pengungsi yang tiba di stasiun itu tercatat {day * 100} orang." for day in range(9)
    ],
    "another number, in runs": [p.replace("itu", f"itu {n}") for n in range(3) for p in BODY],
    "one line as a refrain": [*BODY[:2], REFRAIN[0], *BODY[2:4], REFRAIN[0], *BODY[4:], REFRAIN[0]],
    "a refrain of lines": [*BODY[:2], *REFRAIN, *BODY[2:4], *REFRAIN, *BODY[4:]],
    "a refrain of lines three times": [*BODY[:2], *REFRAIN, *BODY[2:4], *REFRAIN, *BODY[4:], *REFRAIN],
    "a refrain twice in a row at the end": [*BODY, *REFRAIN, *REFRAIN],
    "a refrain behind one paragraph": [BODY[0], *REFRAIN, *REFRAIN],
    "a song": [BODY[0], "Malam turun.", *REFRAIN, "Angin diam.", "Ombak pun.", *REFRAIN, "Fajar tiba.", *REFRAIN],
    "a refrain of longer lines": [
        *BODY[:2],
        *[f"{line} Dan kami menunggu di tepi sungai." for line in REFRAIN],
        *BODY[2:],
        *[f"{line} Dan kami menunggu di tepi sungai." for line in REFRAIN],
    ],
    "a refrain of five lines in a long text": [*BODY, *INSTRUCTIONS, "Sekali lagi.", *BODY[::-2], *INSTRUCTIONS],
    "a refrain of five lines twice in a row": [*BODY, *BODY[::-3], *INSTRUCTIONS, *INSTRUCTIONS],
    "the last two paragraphs said again": [*BODY, *BODY[5:]],
    "two paragraphs said again in a short text": [*BODY[:4], *BODY[1:3]],
    "the opening sentence as the last": [*BODY, BODY[0]],
    "two paragraphs said again": [*BODY[:5], *BODY[2:4], *BODY[5:]],
    "the title as a sub-heading": [BODY[0], LIST[0], *LIST[1:]],
    "the title as a sub-heading twice": [BODY[0], *LIST, LIST[0]],
    "entries that share a sentence": list(
        chain.from_iterable((f"{n}. Kota ke-{n}", BODY[n], BODY[6]) for n in range(1, 6))
    ),
    "stars between sections": [*BODY[:2], "***", *BODY[2:4], "***", *BODY[4:], "***"],
    "one paragraph": BODY[:1],
    "nothing": [],
    "blank paragraphs": ["", BODY[0], "", " ", BODY[1], ""],
    "only cross references": ["Baca juga: Kereta", "Baca juga: Kereta"],
}


@pytest.mark.parametrize("paragraphs", INTENDED.values(), ids=INTENDED)
def test_what_an_author_repeats_on_purpose_stays(paragraphs: list[str]) -> None:
    assert text(paragraphs, LIST[0]) == paragraphs


JOINED = {
    "dialogue said three times at the opening",
    "question and answer at the opening",
    "the opening sentence as the last",
    "the last two paragraphs said again",
}
"""Doubled, the end of the first copy and the beginning of the second make one run of equal lines."""
WITHOUT_TEXT = {"nothing", "blank paragraphs", "only cross references"}


@pytest.mark.parametrize("name", sorted(INTENDED.keys() - JOINED - WITHOUT_TEXT))
def test_what_is_repeated_on_purpose_survives_in_a_doubled_page(name: str) -> None:
    assert text(INTENDED[name] * 2, LIST[0]) == INTENDED[name]


WORDS = ["kereta", "danau", "menteri", "pagi", "hujan", "pasar", "rakyat", "kapal", "sidang", "gunung", "laut", "kabar"]
PARAGRAPHS = st.lists(st.sampled_from(WORDS), min_size=12, max_size=30).map(" ".join)
BODIES = st.lists(PARAGRAPHS, min_size=3, max_size=15, unique=True)


@settings(deadline=None)  # a busy machine is no failure
@given(BODIES, st.data())
def test_any_news_body_with_a_copy_gives_the_body(body: list[str], data: st.DataObject) -> None:
    length = data.draw(st.integers(3, len(body)))
    without = data.draw(st.integers(0, len(body) - 3))
    assert text(body + body) == body
    assert text(body + body + body) == body
    assert text(body + body[:length]) == body
    assert text(body + body[without:]) == body
    assert text(body[:length] + body) == body


@settings(deadline=None)  # a busy machine is no failure
@given(BODIES)
def test_a_body_without_a_copy_is_left_alone(body: list[str]) -> None:
    assert text(body) == body


LINES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)


@settings(deadline=None)  # a busy machine is no failure
@given(BODIES, st.lists(LINES, min_size=1, max_size=4), st.lists(st.integers(1, 15), min_size=1, max_size=4))
def test_short_lines_said_again_inside_a_body_stay(body: list[str], lines: list[str], places: list[int]) -> None:
    for place in places:
        body[place:place] = lines
    assert text(body) == body


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(st.sampled_from([*BODY[:4], *REFRAIN, "", "Baca juga: Kereta"]), max_size=24))
def test_any_text_keeps_its_order_and_every_paragraph_once_and_a_second_pass_changes_nothing(mixed: list[str]) -> None:
    indices = kept(mixed)
    assert indices == sorted(set(indices))
    once = text(mixed)
    assert set(filter(None, mixed)) - {"Baca juga: Kereta"} <= set(once)
    assert text(once) == once


LONG = [f"{BODY[0]} {number}" for number in range(10_000)]
HOSTILE = {
    "all different": LONG,
    "doubled": LONG[:5_000] * 2,
    "equal lines": [REFRAIN[0]] * 10_000,
    "equal long lines": LONG[:1] * 10_000,
    "two lines in turn": REFRAIN[:2] * 5_000,
    "copies in copies": LONG[:3] + LONG[:1] * 3_300 + LONG[1:3] * 3_300,
    "brackets": ["(baca juga " * 20_000],
}


@pytest.mark.parametrize("paragraphs", HOSTILE.values(), ids=HOSTILE)
def test_ten_thousand_paragraphs_take_a_moment(paragraphs: list[str]) -> None:
    begin = time.process_time()
    kept(paragraphs)
    assert time.process_time() - begin < 1
