"""Parquet gives back what JSON has, and those who read it need nothing of ours."""

import json
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import datasets
import duckdb
import pandas
import polars
import pyarrow.parquet
import pytest
from scrapy.exporters import JsonLinesItemExporter

from newsspider.feeds import arrow, parquet, read_parquet
from newsspider.items import Article
from tests.ledgers import crawl
from tests.process import environment, scrapy
from tests.site import many
from tests.site.server import Site
from tests.test_feeds import HARD

FOUND = many.stories(30)
ARTICLES = [
    replace(HARD, crawled="2026-07-20T01:02:03+00:00"),
    replace(HARD, url="b", published="2022-01-09T00:30:00+09:00", modified="2022-01-09T00:30:59+08:00", title=None),
    replace(HARD, url="c", published=None, related=[], paragraphs=[], complete=True),
]


def write(
    path: Path, articles: Iterable[Article], exporter_class: Any = parquet.ParquetExporter, **options: Any
) -> Path:
    with path.open("wb") as file:
        exporter = exporter_class(file, encoding="utf-8", **options)
        exporter.start_exporting()
        for article in articles:
            exporter.export_item(article)
        exporter.finish_exporting()
    return path


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("parquet") / "a.parquet", ARTICLES * 400)


def test_parquet_gives_back_the_values_of_the_json(file: Path, tmp_path: Path) -> None:
    lines = write(tmp_path / "a.jsonl", ARTICLES * 400, JsonLinesItemExporter).read_text("utf-8").splitlines()
    assert list(read_parquet(file)) == [json.loads(line) for line in lines]


def test_a_moment_in_another_form_of_iso_8601_comes_back_as_the_same_moment(tmp_path: Path) -> None:
    texts = ("2022-01-09T00:30:00Z", "2022-01-09T00:30:00+0700", "2022-01-09T00:30:00.500000-03:30")
    path = write(tmp_path / "a.parquet", [replace(HARD, published=text) for text in texts])
    expected = ["2022-01-09T00:30:00+00:00", "2022-01-09T00:30:00+07:00", "2022-01-09T00:30:00.500000-03:30"]
    assert [row["published"] for row in read_parquet(path)] == expected


def test_a_column_has_the_type_of_its_field(file: Path) -> None:
    types = {field.name: str(field.type) for field in pyarrow.parquet.read_schema(file)}
    assert list(types) == list(asdict(HARD))
    assert types["published"] == types["modified"] == "timestamp[ms, tz=Asia/Jakarta]"
    assert types["crawled"] == "timestamp[ms, tz=UTC]"
    assert types["paragraphs"] == "list<element: string>"
    assert types["related"] == "list<element: struct<title: string, url: string>>"
    assert (types["complete"], types["repeated"], types["title"]) == ("bool", "int64", "string")
    column = pyarrow.parquet.read_metadata(file).row_group(0).column(0)
    assert column.compression == "ZSTD"


def test_pandas_reads_it(file: Path) -> None:
    frame = pandas.read_parquet(file)
    assert frame.published[0] == pandas.Timestamp(HARD.published)
    assert str(frame.published.dt.tz) == "Asia/Jakarta"
    assert list(frame.paragraphs[0]) == HARD.paragraphs
    assert frame.repeated.sum() == 9 * 1200
    assert frame.title.isna().sum() == 400


def test_polars_reads_it(file: Path) -> None:
    frame = polars.read_parquet(file)
    assert frame["published"].dt.hour().to_list()[:3] == [0, 22, None]
    assert frame["related"][0].to_list() == HARD.related
    assert frame["paragraphs"].list.len().sum() == 800 * len(HARD.paragraphs)


def test_duckdb_reads_it(file: Path) -> None:
    found = duckdb.sql(
        f"SELECT count(*), epoch(min(published)), list_distinct(flatten(list(related)))[1].title FROM '{file}'"
    ).fetchall()
    assert found == [(1200, 1641655800.0, found[0][2])]
    assert found[0][2] in {"A, B", '"C"'}


def test_datasets_reads_it(file: Path, tmp_path: Path) -> None:
    found = datasets.load_dataset("parquet", data_files=str(file), split="train", cache_dir=str(tmp_path))
    assert len(found) == 1200
    assert found[0]["published"].isoformat() == HARD.published
    assert found[0]["related"] == HARD.related


def test_row_groups_and_what_is_in_memory_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow, "GROUP", 2_000_000)
    letters = random.Random(6)

    def articles() -> Iterator[Article]:
        for _ in range(4000):
            yield replace(HARD, paragraphs=[letters.randbytes(1000).hex()])

    tracemalloc.start()
    path = write(tmp_path / "big.parquet", articles())
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    metadata = pyarrow.parquet.read_metadata(path)
    assert most < 8_000_000
    assert metadata.num_row_groups >= 4
    assert max(metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups)) < 4_000_000
    assert sum(1 for _ in read_parquet(path)) == 4000


def test_chosen_and_renamed_fields_are_the_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", ARTICLES, fields_to_export={"published": "when", "url": "url"})
    assert list(read_parquet(path))[1] == {"when": "2022-01-09T00:30:00+09:00", "url": "b"}
    assert str(pyarrow.parquet.read_schema(path).field("when").type) == "timestamp[ms, tz=Asia/Jakarta]"


def test_no_article_gives_a_file_with_all_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", [])
    assert pandas.read_parquet(path).shape == (0, len(asdict(HARD)))


def test_what_is_given_up_writes_nothing_more(tmp_path: Path) -> None:
    with (tmp_path / "a.parquet").open("wb") as file:
        exporter = parquet.ParquetExporter(file)
        exporter.export_item(HARD)
    del exporter  # warnings are errors


def test_a_crawl_writes_parquet_whole_and_in_batches_and_never_appends(tmp_path: Path) -> None:
    feeds = {
        "out.parquet": {"format": "parquet", "overwrite": True},
        "out.jsonl": {"format": "jsonlines", "overwrite": True},
        "%(job_start)s-%(batch_id)d.parquet": {"format": "parquet", "batch_item_count": 12},
    }
    with Site(many.site(FOUND)) as site:
        done = crawl(site, tmp_path, "-s", f"FEEDS={json.dumps(feeds)}", feeds=())
        assert done.returncode == 0, done.stderr
        refused = crawl(site, tmp_path, feeds=("-o", "out.parquet"))
        compressed = 'FEEDS={"a.parquet": {"format": "parquet", "postprocessing": ["x"]}}'
        assert crawl(site, tmp_path, "-s", compressed, feeds=()).returncode == 2
    whole = list(read_parquet(tmp_path / "out.parquet"))
    assert whole == [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert len(whole) == 30
    batches = sorted(tmp_path.glob("2*-*.parquet"))
    assert [pyarrow.parquet.read_metadata(batch).num_rows for batch in batches] == [12, 12, 6]
    assert refused.returncode == 2
    assert "append to a .jsonl" in refused.stderr
    assert scrapy("export", "-O", "all.parquet.gz", cwd=tmp_path).returncode == 2
    assert scrapy("export", "-O", "all.parquet", cwd=tmp_path).returncode == 0
    assert piped("-:parquet", tmp_path) == (tmp_path / "all.parquet").read_bytes()
    assert list(read_parquet(tmp_path / "all.parquet")) == whole


def piped(file: str, folder: Path) -> bytes:
    """What an export writes to the standard output."""
    command = [sys.executable, "-m", "scrapy", "export", "-O", file]
    return subprocess.run(command, cwd=folder, env=environment(), capture_output=True, check=True, timeout=60).stdout
