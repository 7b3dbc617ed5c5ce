"""The text of bodies: what is a paragraph, and what is none."""

import time

import pytest
from lxml import etree, html

from newsspider.sites import body
from newsspider.sites.sindonews.layouts import MARKUP

BODIES: dict[str, tuple[str, list[str], list[tuple[str, str | None]]]] = {
    "breaks of any kind": (
        "Satu.<br><br>Dua.<br />\n<br />\nTiga baris<br>lanjut.",
        ["Satu.", "Dua.", "Tiga baris lanjut."],
        [],
    ),
    "reference link after bold label": (
        'Satu.<br><br><strong>Baca Juga:</strong> <a href="/x">Judul: A - B 2<br></a> <br>Dua.',
        ["Satu.", "Dua."],
        [("Judul: A - B 2", "/x")],
    ),
    "reference all bold": (
        'Satu.<br><br><strong>Baca Juga: <a href="/x">Judul<br></a> </strong><br>Dua.',
        ["Satu.", "Dua."],
        [("Judul", "/x")],
    ),
    "reference in capitals with a hyphen": (
        'Satu.<br><strong>BACA JUGA - <a href="/x">Judul</a></strong><br>Dua.',
        ["Satu.", "Dua."],
        [("Judul", "/x")],
    ),
    "reference without colon": (
        'Satu.<br><br><strong>Baca Juga</strong> <a href="/x">Judul<br></a> <br>Dua.',
        ["Satu.", "Dua."],
        [("Judul", "/x")],
    ),
    "reference not bold": (
        'Satu.<br><br>Baca juga <a href="/x">Judul</a><br><br>Dua.',
        ["Satu.", "Dua."],
        [("Judul", "/x")],
    ),
    "reference in brackets inside a sentence": (
        'Satu kata (Baca Juga: <a href="/x">Judul</a>) dan lagi.',
        ["Satu kata dan lagi."],
        [("Judul", "/x")],
    ),
    "reference in brackets before the full stop": (
        'Satu kata (<strong>Baca Juga:</strong> <a href="/x">Judul (2)</a>).<br><br>Dua',
        ["Satu kata.", "Dua"],
        [("Judul (2)", "/x")],
    ),
    "reference in bold brackets": (
        'Satu kata. <strong>(Baca juga: <a href="/x">Judul</a>)</strong><br>Dua',
        ["Satu kata.", "Dua"],
        [("Judul", "/x")],
    ),
    "two references in brackets": (
        'Satu kata. (Baca juga: <a href="/x">A</a> dan <a href="/y">B</a>) Lagi.',
        ["Satu kata. Lagi."],
        [("A", "/x"), ("B", "/y")],
    ),
    "reference in brackets without link": (
        "Satu.<br><br>(Baca: B)<br><br>(Baca juga: Judul tanpa tautan (dua))<br>Dua",
        ["Satu.", "(Baca: B)", "Dua"],
        [("Judul tanpa tautan (dua)", None)],
    ),
    "label on its own line": (
        'Satu.<br><br>Baca juga:<br><a href="/x">A</a><br><a href="/y">B</a><br><br>Dua',
        ["Satu.", "Dua"],
        [("A", "/x"), ("B", "/y")],
    ),
    "label and list": (
        '<p>Satu.</p><p><b>Baca juga:</b></p><ul><li><a href="/x">A</a></li><li><a href="/y">B</a></li></ul><p>Dua</p>',
        ["Satu.", "Dua"],
        [("A", "/x"), ("B", "/y")],
    ),
    "box of references": (
        'Satu.<div class="baca-inline"><span>Baca Juga</span><ul><li><a href="/x">A</a></li><li>'
        '<a href="/y"><b>B</b> c</a></li></ul></div>Dua',
        ["Satu.", "Dua"],
        [("A", "/x"), ("B c", "/y")],
    ),
    "prose without link": (
        "Satu.<br><br>Anda dapat baca juga bukunya di toko.",
        ["Satu.", "Anda dapat baca juga bukunya di toko."],
        [],
    ),
    "prose with link": (
        'Satu.<br><br>Anda dapat baca juga <a href="/x">bukunya</a> di toko.',
        ["Satu.", "Anda dapat baca juga bukunya di toko."],
        [],
    ),
    "prose at the start of a line": (
        "Baca juga bukunya di toko.",
        ["Baca juga bukunya di toko."],
        [],
    ),
    "reference without link": (
        "Satu.<br><br>Baca juga: 1 Juta Orang: A - B<br><br>Dua",
        ["Satu.", "Dua"],
        [("1 Juta Orang: A - B", None)],
    ),
    "see also without anything": (
        "Satu.<br><br>Lihat Juga :",
        ["Satu."],
        [],
    ),
    "furniture lines": (
        "Satu.<br><br>(sya)<br>Lihat Juga :<br>tulis komentar anda<br>Tulis Komentar Anda...<br>Halaman : 1 2",
        ["Satu."],
        [],
    ),
    "initials at the end": (
        "Satu.<br><br>Dua. (sya)",
        ["Satu.", "Dua."],
        [],
    ),
    "reference before the initials": (
        'Satu.<br><br><strong>Baca Juga:</strong> <a href="/x">A</a><br><br>(sya)',
        ["Satu."],
        [("A", "/x")],
    ),
    "reference before the dateline": (
        '<strong>Baca Juga:</strong> <a href="/x">A<br></a> <br><strong>TEL AVIV</strong> - Satu.',
        ["Satu."],
        [("A", "/x")],
    ),
    "dateline not bold": (
        "JALUR GAZA – Satu <strong>tebal</strong>.<br><br>Dua",
        ["Satu tebal.", "Dua"],
        [],
    ),
    "dateline with hyphens all bold": (
        "<strong>PORT-AU-PRINCE -</strong> Satu.",
        ["Satu."],
        [],
    ),
    "dateline with comma and full stops": (
        "WASHINGTON, D.C.- Satu.",
        ["Satu."],
        [],
    ),
    "subheading and single breaks": (
        "Satu.<br><br><strong>Sub judul</strong><br>Dua.<br><strong>1. Entri</strong><br>Isi",
        ["Satu.", "Sub judul", "Dua.", "1. Entri", "Isi"],
        [],
    ),
    "numbered entries": (
        "Satu:<br>1. A<br>2. B<br>3. C<br><br>Dua",
        ["Satu:", "1. A", "2. B", "3. C", "Dua"],
        [],
    ),
    "headings and lists": (
        "Satu<h2>Sub</h2>Dua<ol><li>A</li><li>B</li></ol><ul><li><p>C</p><p>D</p></li></ul>ekor",
        ["Satu", "Sub", "Dua", "A", "B", "C", "D", "ekor"],
        [],
    ),
    "quotes and tables": (
        "<blockquote><p>A</p><p>B</p></blockquote>C<table><thead><tr><th>N</th><th>J</th></tr></thead><tr><td><p><b>x</b></p></td><td>y<br>z</td></tr><tr><td>k</td><td>l</td></tr></table>D",
        ["A", "B", "C", "N | J", "x | y z", "k | l", "D"],
        [],
    ),
    "comments scripts and ads": (
        'Satu<!-- c --> kata<script>var x</script> lagi <iframe src="x"></iframe>'
        '<div class="v-youtube">v</div><br><br>Dua<div id="div-gpt-ad-1">iklan</div>Tiga',
        ["Satu kata lagi", "Dua", "Tiga"],
        [],
    ),
    "share bars and advertisements": (
        'Satu<div class="share-bar"><a href="#">Bagikan</a></div>Dua<br><br>ADVERTISEMENT<br><br>Tiga'
        '<ul class="social-share mt8"><li>WA</li></ul><div class="ads mt8">Iklan</div>Empat',
        ["Satu", "Dua", "Tiga", "Empat"],
        [],
    ),
    "embeds and captions": (
        'Satu<div class="social-embed"><blockquote class="twitter-tweet">tw</blockquote></div>Dua'
        "<figure><img><figcaption>Foto</figcaption></figure>Tiga",
        ["Satu", "Dua", "Tiga"],
        [],
    ),
    "unwrapped video frame": (
        '<div class="vidy-embed">Satu<br><br>Dua</div>',
        ["Satu", "Dua"],
        [],
    ),
    "odd spaces and entities": (
        "Satu\xa0 kata\u200b &amp;quot;x&amp;quot;<br>\xa0<br>Dua",
        ['Satu kata "x"', "Dua"],
        [],
    ),
    "label inside the link": (
        'Satu.<br><br><a href="/x">Baca Juga: Judul</a><br><br>Dua',
        ["Satu.", "Dua"],
        [("Judul", "/x")],
    ),
    "reference at the end of a sentence": (
        'Satu. Baca Juga: <a href="/x">Judul <i>miring</i></a><br><br>Dua',
        ["Satu.", "Dua"],
        [("Judul miring", "/x")],
    ),
    "closing bracket inside the link": (
        'Satu (Baca juga: <a href="/x">Judul)</a><br><br>Dua',
        ["Satu", "Dua"],
        [("Judul", "/x")],
    ),
    "square brackets": (
        'Satu.<br><br>[Baca juga: <a href="/x">Judul</a>]<br><br>Dua',
        ["Satu.", "Dua"],
        [("Judul", "/x")],
    ),
    "reference glued to its neighbours": (
        'Satu.<strong>Baca Juga:</strong> <a href="/x">J</a>Dua.',
        ["Satu. Dua."],
        [("J", "/x")],
    ),
    "quoted link": (
        'Satu.<br><br>Simak juga: "<a href="/x">J</a>"<br>Dua.',
        ["Satu.", "Dua."],
        [("J", "/x")],
    ),
    "dialogue": (
        '"Tidak," jawabnya.<br><br>"Tidak," jawabnya.',
        ['"Tidak," jawabnya.', '"Tidak," jawabnya.'],
        [],
    ),
    "link around two paragraphs": (
        '<a href="/z">Satu<br><br>Dua</a><br><br>Tiga',
        ["Satu", "Dua", "Tiga"],
        [],
    ),
    "spaces in brackets": (
        '<p>Satu (Baca Juga : <a href="/x">J</a> )</p><p>Dua</p>',
        ["Satu", "Dua"],
        [("J", "/x")],
    ),
    "paragraph after a reference that begins with a link": (
        'Satu.<br><br><b>Baca juga:</b><br><br><a href="/x">J</a><br><br><a href="/t">Rusia</a> menyerang.',
        ["Satu.", "Rusia menyerang."],
        [("J", "/x")],
    ),
    "bulleted link lines": (
        'Satu.<br><br><strong>BACA JUGA</strong><br>- <a href="/x">J</a><br>- <a href="/y">K</a><br><br>Dua',
        ["Satu.", "Dua"],
        [("J", "/x"), ("K", "/y")],
    ),
    "text after a reference": (
        'Satu.<br><br>Baca juga: <a href="/x">J</a> Teks lanjut.',
        ["Satu.", "Teks lanjut."],
        [("J", "/x")],
    ),
    "inline elements": (
        "<font>Satu</font> <u>dua</u>,<span> tiga</span>",
        ["Satu dua, tiga"],
        [],
    ),
    "label alone, a link that ends with a break, text": (
        'Satu.<br><br><strong>Baca Juga:</strong><br><a href="/x">J<br></a>Dua <a href="/t">AS</a>.',
        ["Satu.", "Dua AS."],
        [("J", "/x")],
    ),
    "label alone, several links on its next line": (
        'Satu.<br><br>Baca Juga:<br><a href="/x"><img></a><a href="/x">J</a>, "<a href="/y">K</a>"<br><br>Dua.',
        ["Satu.", "Dua."],
        [("J", "/x"), ("K", "/y")],
    ),
    "block of links that end with breaks": (
        'Satu.<div>Lihat Juga :<div><a href="/x">J<br></a><a href="/y">K<br></a></div></div>(sya)',
        ["Satu."],
        [("J", "/x"), ("K", "/y")],
    ),
    "label and link in two cells": (
        'Satu.<table><tr><td>Baca Juga:</td><td><a href="/x">J</a></td></tr></table>Dua',
        ["Satu.", "Dua"],
        [("J", "/x")],
    ),
    "two lines in one pair of brackets": (
        'Satu. (baca juga: <a href="/x">J</a><br><a href="/y">K</a>)<br><br>Dua',
        ["Satu.", "Dua"],
        [("J", "/x"), ("K", "/y")],
    ),
    "two labels in one pair of brackets": (
        'Satu. (Baca juga: <a href="/x">J</a><br>Baca juga: <a href="/y">K</a>)<br><br>Dua',
        ["Satu.", "Dua"],
        [("J", "/x"), ("K", "/y")],
    ),
    "label in a link of its own": (
        'Satu.<br><br><a href="/x"><b>Baca Juga:</b></a> <a href="/x">J</a><br><br>Dua (<a href="/y">Baca juga:</a> '
        '<a href="/y">K</a>) tiga',
        ["Satu.", "Dua tiga"],
        [("J", "/x"), ("K", "/y")],
    ),
    "brackets in the link": (
        'Satu <a href="/x"><b>(Baca Juga: J (2))</b></a> dua <a href="/y">(Baca Juga: K</a>) tiga',
        ["Satu dua tiga"],
        [("J (2)", "/x"), ("K", "/y")],
    ),
    "brackets around a link with its label": (
        'Satu <b>(<a href="/x">Baca Juga: J</a>)</b>. Dua (<b>Baca Juga: <a href="/y">K</a></b>)<b>,</b> tiga',
        ["Satu. Dua, tiga"],
        [("J", "/x"), ("K", "/y")],
    ),
    "quotes in a title": (
        'Satu.<br><br>Baca juga: 2022: "X"<br><br>Baca juga: "Y" dan "Z"<br><br>Baca juga: “Q”<br><br>Dua',
        ["Satu.", "Dua"],
        [('2022: "X"', None), ('"Y" dan "Z"', None), ("Q", None)],
    ),
    "title case reference without anything": (
        "Satu.<br><br>Baca Juga Judul Tanpa Titik Dua<br><br>Dua",
        ["Satu.", "Dua"],
        [("Judul Tanpa Titik Dua", None)],
    ),
}
"""Markup, its paragraphs, its cross references."""


def read(markup: str) -> body.Body:
    return body.read(html.fromstring(f'<div id="detail-desc">{markup}</div>'), MARKUP)


@pytest.mark.parametrize("name", BODIES)
def test_a_body_gives_its_paragraphs_and_references(name: str) -> None:
    markup, paragraphs, related = BODIES[name]
    found = read(markup)
    assert (found.paragraphs, found.related) == (paragraphs, related)


@pytest.mark.parametrize(
    ("markup", "place", "first"),
    [
        ("<strong>JALUR GAZA</strong> - Satu.", "JALUR GAZA", "Satu."),
        ("<b>WASHINGTON, D.C. –</b> Satu.", "WASHINGTON, D.C.", "Satu."),
        ("SÃO PAULO- Satu.", "SÃO PAULO", "Satu."),
        ("<p><strong><a href='/x'>PORT-AU-PRINCE</a></strong> - Satu.</p>", "PORT-AU-PRINCE", "Satu."),
        ("<b>JALUR&nbsp;GAZA</b> -- Satu.", "JALUR GAZA", "Satu."),
        ("<b>TEL</b>\n<b> AVIV</b> - Satu.", "TEL AVIV", "Satu."),
        ("AS - Rusia bertemu.", None, "AS - Rusia bertemu."),
        ("Moskow - Satu.", None, "Moskow - Satu."),
    ],
)
def test_the_dateline_goes_off_the_first_paragraph(markup: str, place: str | None, first: str) -> None:
    found = read(markup)
    assert (found.dateline, found.paragraphs[0]) == (place, first)


def test_a_repeated_opening_loses_its_dateline_too() -> None:
    found = read("<b>ROMA</b> - Satu.<br><br>Dua.<br><br><b>ROMA</b> - Satu.<br><br>Dua.")
    assert found.paragraphs == ["Satu.", "Dua.", "Satu.", "Dua."]


@pytest.mark.parametrize(
    "end",
    ["<br><br>(sya)", "<br>(sya)", " (sya)", " <b>(sya)</b>", "<br>(sya).<br>", " (sya).", "(sya)", "<p>( sya ) </p>"],
)
def test_initials_sign_the_text_and_are_none_of_it(end: str) -> None:
    found = read(f"Satu (dua) tiga.<br><br>Empat.{end}")
    assert (found.signature, found.paragraphs) == ("sya", ["Satu (dua) tiga.", "Empat."])


def test_two_initials_sign_too_and_a_line_without_a_full_stop_is_signed() -> None:
    assert read("Satu.<br><br>(sya/ahm)").signature == "sya/ahm"
    found = read("Satu.<br><br>Dua (sya)")
    assert (found.signature, found.paragraphs) == ("sya", ["Satu.", "Dua"])


def test_the_initials_of_a_first_copy_go_too() -> None:
    assert read("Satu.<br><br>Dua. (sya)<br><br>Satu.<br><br>Dua. (sya)").paragraphs == ["Satu.", "Dua."] * 2


@pytest.mark.parametrize("sentence", ["Mereka punya rudal (icbm).", "Dua (asn) tiga."])
def test_a_short_word_in_brackets_before_the_full_stop_is_text(sentence: str) -> None:
    found = read(f"Satu kata (phk)<br><br>{sentence}")
    assert (found.signature, found.paragraphs) == (None, ["Satu kata (phk)", sentence])


def test_text_that_goes_on_after_what_may_be_a_title_stays() -> None:
    flat = "Satu. Baca Juga: Judul Panjang 2. Yang Kedua, lalu teks."
    assert read(flat).paragraphs == [flat]


def test_a_bold_line_is_a_subheading_and_a_bold_paragraph_is_none() -> None:
    long = "kata " * 40
    found = read(
        f"Satu.<br><br><b>Sub judul</b><br>Dua.<h2>Sub <i>dua</i></h2><b>{long}</b><br><br>1. <b>Entri</b><br>x"
    )
    assert found.subheadings == ["Sub judul", "Sub dua", "1. Entri"]


def test_ten_thousand_levels_are_read_without_recursion() -> None:
    root = innermost = etree.Element("div")
    for _ in range(10_000):
        innermost = etree.SubElement(innermost, "div")
    innermost.text = "Di dalam."
    assert body.read(root, MARKUP).paragraphs == ["Di dalam."]


@pytest.mark.parametrize(
    "piece",
    [
        *("<br>", " ", "<b>", "(", "[", "- ", "AB - ", "&amp;amp;", "<table><td>", "<div class='baca-inline'>"),
        *("Baca juga: ", "(Baca Juga: ", "a. Baca juga: x ", "<b>Baca juga</b> <a href='/x'>"),
        *("<a href='/x'>Baca juga: x</a> ", "(<a href='/x'>Baca juga: x</a>", "<a href='/x'>Baca juga:</a> "),
        "Baca juga:<br><a href='/x'>x<br></a> <a href='/y'>y</a> ",
    ],
)
def test_hostile_repetition_takes_linear_time(piece: str) -> None:
    element = html.fromstring(f'<div id="detail-desc">AB {piece * 20_000} teks</div>')
    start = time.process_time()
    body.read(element, MARKUP)
    assert time.process_time() - start < 5
