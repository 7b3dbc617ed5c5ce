"""Every field round-trips; a CSV opens cleanly in pandas and in a spreadsheet."""

import csv
import gzip
import json
from dataclasses import asdict
from io import BytesIO
from pathlib import Path

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from scrapy.exporters import JsonLinesItemExporter
from scrapy.settings import Settings
from scrapy.utils.misc import load_object

from newsspider.feeds import read_csv
from newsspider.feeds.cells import from_cell, to_cell
from newsspider.feeds.exporters import CsvExporter
from newsspider.items import Article

HARD = Article(
    url="https://international.sindonews.com/read/1/41/judul-1641660000",
    article_id="007",
    title='=HYPERLINK("https://evil.example","Klik")',
    published="2022-01-09T00:30:00+07:00",
    published_from="page",
    dateline="@MOSKOW",
    authors=["Siti, S.H.", "Budi"],
    editor="'=aneh",
    description="+62 dan -5 derajat",
    paragraphs=['Ia berkata, "ya".\nLalu pergi;', "=1+1", "“Kutip” – strip, koma", ""],
    related=[{"title": "A, B", "url": None}, {"title": '"C"', "url": "https://x.example/?a=1,2"}],
    tags=["[1]", "null", "a|b"],
    complete=False,
    repeated=9,
    layout="2021",
)


def write(path: Path, *articles: Article) -> Path:
    with path.open("ab") as file:
        exporter = CsvExporter(file, encoding="utf-8")
        exporter.start_exporting()
        for article in articles:
            exporter.export_item(article)
        exporter.finish_exporting()
    return path


@pytest.mark.parametrize("name", ["jsonlines", "jsonl", "jl"])
def test_json_lines_say_what_scrapys_own_say_under_each_of_their_names(name: str) -> None:
    settings, ours, scrapys = Settings(), BytesIO(), BytesIO()
    settings.setmodule("newsspider.settings")
    load_object(settings.getwithbase("FEED_EXPORTERS")[name])(ours, encoding="utf-8").export_item(HARD)
    JsonLinesItemExporter(scrapys, encoding="utf-8").export_item(HARD)
    line = json.loads(scrapys.getvalue())
    assert ours.getvalue() == json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def test_a_csv_gives_back_the_values_of_the_json(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HARD, HARD)
    assert list(read_csv(path)) == [json.loads(json.dumps(asdict(HARD)))] * 2


def test_a_csv_that_is_appended_to_has_one_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write(path, HARD)
    write(path, HARD)
    assert len(list(read_csv(path))) == 2
    assert path.read_text("utf-8").count("article_id") == 1


def test_a_gzipped_csv_has_a_header_too(tmp_path: Path) -> None:
    buffer = BytesIO()
    exporter = CsvExporter(buffer, encoding="utf-8")
    exporter.export_item(HARD)
    exporter.finish_exporting()
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(buffer.getvalue()))
    assert [row["title"] for row in read_csv(path)] == [HARD.title]


def test_pandas_reads_it_with_the_documented_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HARD)
    frame = pandas.DataFrame(read_csv(path))
    assert list(frame.columns) == list(asdict(HARD))
    assert frame.paragraphs[0] == HARD.paragraphs


def test_pandas_alone_sees_every_column_and_row(tmp_path: Path) -> None:
    frame = pandas.read_csv(write(tmp_path / "a.csv", HARD, HARD))
    assert frame.shape == (2, len(asdict(HARD)))
    assert frame.columns[0] == "url"


def test_no_cell_is_a_formula_to_a_spreadsheet(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HARD)
    sheet = Workbook().active
    assert sheet is not None
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.reader(file):
            sheet.append(row)
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("name", ["title", "editor"])
@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_comes_back_as_it_was(name: str, text: str) -> None:
    assert from_cell(name, to_cell(text)) == text
