"""What `scrapy export` hands over: months, clusters, and the card that tells about them."""

import hashlib
import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import datasets
import duckdb
import pandas
import polars
import pytest

from benchmarks.cluster import judged
from benchmarks.texts import corpus
from newsspider.corpus.clusters import Clusters
from newsspider.corpus.files import whole_folder
from newsspider.feeds import read_csv, read_parquet
from newsspider.items import Article, Clustered
from tests.ledgers import crawl, sql
from tests.process import environment, scrapy
from tests.site import content
from tests.site.server import Site

FIELDS = [field.name for field in fields(Article)]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's site in a ledger: articles of eleven years, one without a date."""
    folder = tmp_path_factory.mktemp("corpus")
    with Site(content.pages()) as site:
        assert crawl(site, folder).returncode == 0
    sql(folder, "UPDATE articles SET published = NULL, item = json_set(item, '$.published', NULL) WHERE id = 1")
    return folder


@pytest.fixture
def folder(crawled: Path, tmp_path: Path) -> Path:
    """A folder of its own, with that ledger."""
    (tmp_path / ".newsspider").symlink_to(crawled / ".newsspider")
    return tmp_path


def export(folder: Path, *args: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = scrapy("export", *args, cwd=folder)
    assert done.returncode == code, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done


def urls(folder: Path) -> set[str]:
    return {row["url"] for file in folder.rglob("*.parquet") for row in read_parquet(file)}


def test_a_folder_of_months_is_what_every_reader_takes_for_one_table(folder: Path) -> None:
    export(folder, "-O", "corpus:parquet", "--partition", "month")
    export(folder, "-O", "all.jsonl", "-a", "revision=all")
    articles = [json.loads(line) for line in (folder / "all.jsonl").read_text("utf-8").splitlines()]
    months = {(article["published"] or "")[:7] or "undated" for article in articles}
    assert {path.name for path in (folder / "corpus").iterdir()} == {f"published_month={month}" for month in months}
    for month in months:
        [file] = (folder / "corpus" / f"published_month={month}").iterdir()
        assert {(row["published"] or "")[:7] or "undated" for row in read_parquet(file)} == {month}
    assert urls(folder / "corpus") == {article["url"] for article in articles}
    frame = pandas.read_parquet(folder / "corpus")
    assert (len(frame), list(frame.columns)) == (len(articles), [*FIELDS, "published_month"])
    glob = str(folder / "corpus" / "*" / "*.parquet")
    table = f"read_parquet('{glob}', hive_partitioning=true)"
    found = duckdb.sql(f"SELECT count(*) FROM {table} WHERE published_month='2022-01'")
    january = [article for article in articles if (article["published"] or "").startswith("2022-01")]
    assert found.fetchall() == [(len(january),)]
    assert polars.scan_parquet(glob, hive_partitioning=True).collect().height == len(articles)
    loaded = datasets.load_dataset("parquet", data_files=glob, split="train", cache_dir=str(folder / "cache"))
    assert len(loaded) == len(articles)


def test_months_of_other_formats_are_feeds_too(folder: Path) -> None:
    export(folder, "-O", "lines.jsonl.gz", "--partition", "month", "-a", "since=2022-01-01", "-a", "until=2022-01-31")
    assert [str(path.relative_to(folder)) for path in folder.glob("lines*/*/*")] == [
        "lines.jsonl.gz/published_month=2022-01/articles.jsonl.gz"
    ]
    assert scrapy("verify", "lines.jsonl.gz", cwd=folder).returncode == 0


def test_a_second_export_replaces_the_folder_as_a_whole(folder: Path) -> None:
    export(folder, "-O", "corpus:parquet", "--partition", "month")
    export(folder, "-O", "corpus:parquet", "--partition", "month", "-a", "since=2026-07-01")
    assert [path.name for path in (folder / "corpus").iterdir()] == ["published_month=2026-07"]
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".corpus")]


def test_what_no_export_wrote_is_never_replaced(folder: Path) -> None:
    export(folder, "-O", "corpus:parquet", "--partition", "month")
    (folder / "corpus" / "published_month=2022-01" / "notes.txt").write_text("mine")
    refused = export(folder, "-O", "corpus:parquet", "--partition", "month", code=2)
    assert "notes.txt is none of an export" in refused.stderr
    (folder / "file").write_text("mine")
    export(folder, "-O", "file:parquet", "--partition", "month", code=2)
    assert (folder / "file").read_text() == "mine"
    export(folder, "-O", "-:parquet", "--partition", "month", code=2)


def test_a_folder_that_cannot_be_finished_stays_as_it_was(tmp_path: Path) -> None:
    def write(name: str) -> None:
        with whole_folder(tmp_path / "corpus") as part:
            (part / "published_month=2022-01").mkdir()
            (part / "published_month=2022-01" / name).touch()
            if name == "articles.full":
                raise OSError("full")

    write("articles.first")
    with pytest.raises(OSError, match="full"):
        write("articles.full")
    assert [path.name for path in tmp_path.rglob("articles.*")] == ["articles.first"]
    (tmp_path / "corpus").rename(tmp_path / ".corpus.old")  # a kill between the two renames
    (tmp_path / ".corpus.part").mkdir()
    with pytest.raises(OSError, match="full"):
        write("articles.full")
    assert [path.name for path in tmp_path.rglob("articles.*")] == ["articles.first"]
    write("articles.second")
    assert [path.name for path in tmp_path.iterdir()] == ["corpus"]
    assert [path.name for path in tmp_path.rglob("articles.*")] == ["articles.second"]


def test_where_nothing_can_be_written_is_said_before_anything_is_read(folder: Path) -> None:
    (folder / "file").touch()
    for arguments in (("-O", "file/a.parquet"), ("-O", "file/corpus:parquet", "--partition", "month")):
        assert "cannot be written" in export(folder, *arguments, code=5).stderr


@pytest.mark.parametrize("arguments", ["full.parquet", "full.csv"])
def test_a_full_disk_is_5_and_leaves_nothing_behind(arguments: str, folder: Path) -> None:
    command = f"ulimit -f 40; {sys.executable} -m scrapy export -O {arguments}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment(), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr.count("\n")) == (5, 1), done.stderr
    assert "full" in done.stderr
    assert "cannot be written" in done.stderr
    assert [path.name for path in folder.iterdir()] == [".newsspider"]


def test_a_crawl_does_not_pay_for_what_only_exports_need(tmp_path: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "scrapy", "crawl", "nosuch"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "newsspider" in loaded
    assert not loaded & {"pyarrow", "rensa", "numpy", "fastjsonschema"}


def text(number: int, *paragraphs: str, published: str | None = None) -> Article:
    own = [f"Kalimat {number} {each} tentang hal {number * 7 + each} saja, {number} {each}." for each in range(8)]
    return Article(url=str(number), article_id="1", published=published, paragraphs=[*paragraphs, *own])


def test_a_cluster_is_named_by_its_first_article_and_one_alone_by_itself() -> None:
    story = text(1).paragraphs
    first = Article(url="z", article_id="1", published="2022-01-01T00:00:00+07:00", paragraphs=story)
    copy = Article(url="a", article_id="1", published="2022-01-02T00:00:00+07:00", paragraphs=["Baru.", *story[:-1]])
    undated = Article(url="b", article_id="1", paragraphs=story)
    alone = text(2, published="2020-01-01T00:00:00+07:00")
    clusters = Clusters([alone, copy, undated, first])
    assert [article.cluster for article in clusters.clustered([alone, copy, undated, first])] == ["2", "z", "z", "z"]


def test_a_follow_up_of_a_follow_up_is_of_the_cluster_and_a_shared_quote_makes_none() -> None:
    one, two, three, four = (text(number).paragraphs for number in (1, 2, 3, 4))
    chain = [one, one + two[:5], two[:5] + three, four + one[:1]]
    clusters = Clusters(Article(url=str(n), article_id="1", paragraphs=each) for n, each in enumerate(chain))
    assert [clusters.of(Article(url=str(n), article_id="1")) for n in range(4)] == ["0", "0", "0", "3"]


def test_thousands_of_copies_are_one_cluster() -> None:
    clusters = Clusters(Article(url=f"{n:05}", article_id="1", paragraphs=text(1).paragraphs) for n in range(5000))
    assert clusters.of(Article(url="04999", article_id="1")) == "00000"


def test_texts_without_words_are_no_near_duplicates_of_texts_with_words() -> None:
    short = [
        Article(url=str(n), article_id="1", paragraphs=each) for n, each in enumerate(([], ["Ya."], ["Satu dua."]))
    ]
    clusters = Clusters(short)
    assert [clusters.of(article) for article in short] == ["0", "1", "2"]


def test_on_a_made_corpus_it_finds_what_belongs_together_and_little_else() -> None:
    true, found = judged(list(corpus(6_000)))
    assert len(true & found) / len(true) > 0.9
    assert len(true & found) / len(found) > 0.95


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_an_export_with_clusters_has_one_column_more_and_no_article_less(form: str, folder: Path) -> None:
    export(folder, "-O", f"a.{form}", "--cluster")
    readers = {"csv": read_csv, "parquet": read_parquet}
    if form == "jsonl":
        rows = [json.loads(line) for line in (folder / "a.jsonl").read_text("utf-8").splitlines()]
    else:
        rows = list(readers[form](folder / f"a.{form}"))
    assert list(rows[0]) == [*FIELDS, "cluster"] == [field.name for field in fields(Clustered)]
    assert len(rows) == 48
    assert {row["cluster"] for row in rows} <= {row["url"] for row in rows}
    assert scrapy("verify", f"a.{form}", cwd=folder).returncode == 0


def test_the_card_tells_what_the_export_holds(folder: Path) -> None:
    done = export(folder, "-O", "all.parquet", "--cluster", "-a", "since=2022-01-01")
    assert "DATASHEET.md tells about them" in done.stderr
    card = (folder / "DATASHEET.md").read_text("utf-8")
    frame = pandas.read_parquet(folder / "all.parquet")
    january = frame[frame.published_from.notna() & (frame.published.dt.strftime("%Y-%m") == "2022-01")]
    rows = (row[2:-2].split(" | ") for row in card.splitlines() if row.startswith("| "))
    told = {row[0]: row[1] for row in rows}
    assert told["SHA-256"] == hashlib.sha256((folder / "all.parquet").read_bytes()).hexdigest()
    assert told["chosen"] == "since=2022-01-01"
    assert "| 2022-01 |" in card
    assert next(line for line in card.splitlines() if line.startswith("| 2022-01 ")).endswith(f"| {len(january)} |")
    assert told["`tags`"] == f"{100 * (frame.tags.str.len() > 0).mean():.1f} %"
    assert f"removed as second copies: {frame.repeated.sum()}; articles: {(frame.repeated > 0).sum()}" in card
    assert f"now in `related`: {frame.related.str.len().sum()};" in card
    assert "no text 1" in card
    assert "`cluster`" in told
    for heading in ("Counts", "Fields", "What was cleaned", "Gaps", "How to cite", "Whose texts these are"):
        assert card.count(f"## {heading}\n") == 1


def test_the_card_of_a_folder_has_the_hash_that_sha256sum_gives(folder: Path) -> None:
    export(folder, "-O", "corpus:parquet", "--partition", "month")
    command = "find . -type f | sed 's/^..//' | LC_ALL=C sort | xargs sha256sum | sha256sum"
    printed = subprocess.run(command, shell=True, cwd=folder / "corpus", capture_output=True, text=True, check=True)
    assert printed.stdout.split()[0] in (folder / "DATASHEET.md").read_text("utf-8")


def test_a_card_never_takes_the_place_of_anything_else(folder: Path) -> None:
    export(folder, "-O", "a.jsonl")
    export(folder, "-O", "b.jsonl")
    first = (folder / "DATASHEET.md").read_text("utf-8")
    assert "# a.jsonl" in first
    assert "# b.jsonl" in (folder / "DATASHEET.b.jsonl.md").read_text("utf-8")
    export(folder, "-O", "a.jsonl", "-a", "since=2026-01-01")
    assert (folder / "DATASHEET.md").read_text("utf-8") != first
    for name in ("DATASHEET.md", "DATASHEET.b.jsonl.md"):
        (folder / name).write_text("My own words.\n")
    done = export(folder, "-O", "b.jsonl")
    assert "no data card" in done.stderr
    assert (folder / "DATASHEET.md").read_text() == (folder / "DATASHEET.b.jsonl.md").read_text() == "My own words.\n"


def test_no_card_is_written_where_none_is_wanted_or_there_is_no_place(folder: Path) -> None:
    export(folder, "-O", "a.jsonl", "--no-datasheet")
    export(folder, "-O", "-:jsonl")
    assert not list(folder.glob("*.md"))
