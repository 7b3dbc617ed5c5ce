"""`scrapy verify`: a healthy feed of any format passes; whatever is wrong with one is named with its place."""

import gzip
import json
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest

from newsspider.feeds.hash import sha256
from newsspider.feeds.parquet import ParquetExporter
from newsspider.feeds.reading import read
from newsspider.feeds.schema import text
from newsspider.items import Article
from newsspider.verify.checks import CHECKS, schema
from tests.ledgers import crawl
from tests.process import ROOT, scrapy
from tests.site import content, many
from tests.site.server import Site

FOUND = many.stories(30)
FORMATS = ("jsonl", "json", "csv", "xml", "parquet", "jl.gz", "csv.gz", "json.gz", "xml.gz")
GOOD: dict[str, Any] = asdict(
    Article(
        url="https://international.sindonews.com/read/1/41/judul-1641660000",
        article_id="1",
        title="Judul",
        published="2022-01-09T00:30:00+07:00",
        modified="2022-01-09T00:30:10+07:00",
        crawled="2022-01-10T00:00:00+00:00",
        dateline="MOSKOW",
        paragraphs=["Presiden tiba di ibu kota.", "Ia membaca juga surat kabar.", "Jaraknya 50 kilometer (km)."],
        related=[{"title": "Lain", "url": None}],
    )
)


def verify(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    done = scrapy("verify", *args, cwd=folder)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def findings(folder: Path, *args: str) -> dict[str, dict[str, Any]]:
    """Check -> what is told of it, of one feed."""
    done = verify(folder, "--json", *args)
    [feed] = map(json.loads, done.stdout.splitlines())
    assert done.returncode == (3 if feed["findings"] else 0)
    return {found["check"]: found for found in feed["findings"]}


def lines(path: Path, *articles: dict[str, Any]) -> str:
    path.write_text("".join(json.dumps(article) + "\n" for article in articles), "utf-8")
    return path.name


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A crawl of the sample's site with its exports beside it, in all formats."""
    folder = tmp_path_factory.mktemp("verify")
    with Site(content.pages()) as site:
        done = crawl(site, folder)
        assert done.returncode in (0, 3), done.stderr
    for form in FORMATS:
        assert scrapy("export", "-O", f"all.{form}", cwd=folder).returncode == 0
    return folder


def test_every_format_of_a_crawl_passes(folder: Path) -> None:
    done = verify(folder, *(f"all.{form}" for form in FORMATS), "out.jsonl")
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("nothing found") == len(FORMATS) + 1


def test_every_format_gives_back_the_same_values(folder: Path) -> None:
    expected = [json.loads(line) for line in (folder / "out.jsonl").read_text("utf-8").splitlines()]
    assert len(expected) > 5
    for form in FORMATS:
        assert [entry.values for entry in read(folder / f"all.{form}")] == expected, form


WRONG: dict[str, tuple[str, str, dict[str, Any]]] = {
    "no number": ("schema", "repeated must be integer", {"repeated": "9"}),
    "no list": ("schema", "tags", {"tags": None}),
    "no moment": ("schema", "published must be date-time", {"published": "9 Januari 2022"}),
    "no such month": ("schema", "published", {"published": "2022-13-09T00:30:00+07:00"}),
    "no offset": ("schema", "published", {"published": "2022-01-09T00:30:00"}),
    "another field": ("schema", "colour", {"colour": "red"}),
    "another source": ("schema", "published_from", {"published_from": "guess"}),
    "a query": ("address", "showpage", {"url": GOOD["url"] + "?showpage=all"}),
    "no title": ("empty", "title is empty", {"title": None}),
    "no text": ("empty", "no paragraphs", {"paragraphs": []}),
    "a title without letters": ("empty", "title is empty", {"title": ""}),
    "a blank": ("empty", "paragraphs 2 is empty", {"paragraphs": ["Satu.", " "]}),
    "a line break": ("empty", "white space", {"paragraphs": ["Satu.\nDua."]}),
    "mojibake": ("encoding", "paragraphs 1", {"paragraphs": ["Ia berkata â€œya”."]}),
    "an entity": ("encoding", "title", {"title": "Q&amp;A"}),
    "a hidden character": ("encoding", "tags 1", {"tags": ["da\u200bmai"]}),
    "half a character": ("encoding", "title is no UTF-8", {"title": "Judul \ud83d"}),
    "no zone of its own": ("dates", "published is in no zone", {"published": "2022-01-08T17:30:00+00:00"}),
    "local crawled": ("dates", "crawled is in no zone", {"crawled": "2022-01-10T00:00:00+07:00"}),
    "modified before": ("dates", "later than modified", {"modified": "2022-01-08T00:30:00+07:00"}),
    "crawled before": ("dates", "later than crawled", {"crawled": "2022-01-08T00:00:00+00:00"}),
    "to come": ("dates", "future", {"crawled": "2999-01-01T00:00:00+00:00"}),
    "a reference": ("boilerplate", "paragraph 2 has a cross reference", {"paragraphs": ["A b.", "Baca Juga: Judul"]}),
    "a reference behind text": ("boilerplate", "cross reference", {"paragraphs": ["A b. Lihat Juga Kabar dari Oslo"]}),
    "furniture": ("boilerplate", "furniture", {"paragraphs": ["A b.", "Halaman: 2"]}),
    "initials": ("boilerplate", "(sya)", {"paragraphs": ["Ia pulang. (sya)"]}),
    "a dateline": ("boilerplate", "dateline", {"dateline": None, "paragraphs": ["OSLO - Ia pulang."]}),
    "doubled": ("repeats", "3 of 6", {"paragraphs": 2 * ["Satu kalimat panjang.", "Dua kalimat lain.", "Tiga lagi."]}),
}


@pytest.mark.parametrize("name", WRONG)
def test_it_finds(name: str) -> None:
    check, told, values = WRONG[name]
    article = {**GOOD, **values}
    found = [("schema", each) for each in schema(article)]
    found = found or [(each.__name__, one) for each in CHECKS for one in each(article)]
    assert [one for one, _ in found] == [check]
    assert told in found[0][1]


def test_a_good_article_passes() -> None:
    assert not [*schema(GOOD), *(told for check in CHECKS for told in check(GOOD))]


def test_the_place_of_a_finding_is_the_line_where_it_stands(tmp_path: Path) -> None:
    bad = {**GOOD, "url": GOOD["url"].replace("/1/", "/2/"), "title": ""}
    (tmp_path / "a.jsonl").write_text("\n".join(["", json.dumps(GOOD), json.dumps(bad), "{"]) + "\n")
    (tmp_path / "a.json").write_text(json.dumps([GOOD, bad], indent=1)[:-1] + ",\n\n 1]")
    found = findings(tmp_path, "a.jsonl")
    assert found["empty"]["examples"][0]["line"] == 3
    assert found["readable"]["examples"][0]["line"] == 4
    found = findings(tmp_path, "a.json")
    assert found["empty"]["examples"][0]["line"] == 2 + json.dumps(GOOD, indent=1).count("\n") + 1
    assert "no object" in found["readable"]["examples"][0]["told"]


def test_a_row_of_a_csv_begins_where_the_one_before_ends(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('url,title\nx,"one\ntwo"\ny\n')
    found = findings(tmp_path, "a.csv")
    assert found["schema"]["examples"][0]["line"] == 2
    assert found["readable"]["examples"][0] | {"url": None} == {
        "file": "a.csv",
        "line": 4,
        "url": None,
        "told": "1 cells, but the header has 2",
    }


def test_an_article_that_stands_twice_is_named_with_both_places(tmp_path: Path) -> None:
    revised = {**GOOD, "revision": 2}
    found = findings(tmp_path, lines(tmp_path / "a.jsonl", GOOD, revised, GOOD))
    assert found.keys() == {"unique"}
    [example] = found["unique"]["examples"]
    assert (example["line"], example["told"], example["url"]) == (
        3,
        "stands there already, in a.jsonl:line 1",
        GOOD["url"],
    )


def test_parts_are_one_feed_in_a_folder_or_together_and_apart_otherwise(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    for name in ("1.jsonl", "2.jsonl"):
        lines(tmp_path / "parts" / name, GOOD)
    with (tmp_path / "parts" / "1.parquet").open("wb") as file:
        exporter = ParquetExporter(file)
        exporter.export_item(Article(**GOOD))
        exporter.finish_exporting()
    assert verify(tmp_path, "parts/1.jsonl", "parts/2.jsonl").returncode == 0
    assert verify(tmp_path, "--together", "parts/1.jsonl", "parts/2.jsonl").returncode == 3
    done = verify(tmp_path, "parts")
    assert done.returncode == 3
    assert "parts, 2 files .jsonl: 2 articles, unique 1" in done.stdout
    assert "parts: 1 articles, nothing found" in done.stdout


def test_bytes_that_are_no_utf_8_are_found_where_they_stand(tmp_path: Path) -> None:
    latin = json.dumps({**GOOD, "title": "Façade"}, ensure_ascii=False).encode("latin-1")
    (tmp_path / "a.jsonl").write_bytes(json.dumps(GOOD).encode() + b"\n" + latin.replace(b"/1/", b"/2/") + b"\n")
    found = findings(tmp_path, "a.jsonl")
    assert found["encoding"]["examples"][0]["line"] == 2
    assert verify(tmp_path, "a.jsonl").returncode == 3


def test_hostile_values_are_findings_and_no_tracebacks(tmp_path: Path) -> None:
    hostile = ["[" * 100_000, '{"url": ' * 50_000, "null", '"x"', "1e999", "\ufeff{}", json.dumps({"url": {"a": 1}})]
    hostile += [json.dumps({**GOOD, "url": "https://\ud800" + "x" * 9_000}), json.dumps({**GOOD, "repeated": 10**4000})]
    (tmp_path / "a.jsonl").write_text("\n".join(hostile))
    done = verify(tmp_path, "a.jsonl")
    assert done.returncode == 3
    assert len(done.stdout) < 5_000
    assert findings(tmp_path, "a.jsonl")["readable"]["count"] == 6
    (tmp_path / "a.json").write_text("[" * 100_000)
    (tmp_path / "a.csv").write_text('url\n"' + "x\0" * 10_000)
    (tmp_path / "a.xml").write_text("<items>" + "<item>" * 1_000)
    assert {verify(tmp_path, f"a.{form}").returncode for form in ("json", "csv", "xml")} == {3}


def test_findings_are_counted_and_only_some_are_shown(tmp_path: Path) -> None:
    name = lines(
        tmp_path / "a.jsonl",
        *[GOOD | {"url": f"{GOOD['url'][:-1]}{n}", "title": "x" * 500 + " "} for n in range(10)] * 20,
    )
    done = verify(tmp_path, name)
    assert "empty 200" in done.stdout
    assert "and 195 more of empty" in done.stdout
    assert len(done.stdout) < 5_000


def test_count_and_hash_are_those_of_run_json(tmp_path: Path) -> None:
    with Site(many.site(FOUND)) as site:
        crawl(site, tmp_path)
        site.pages |= many.site(many.stories(34, first=4))
        crawl(site, tmp_path, feeds=("-o", "out.jsonl"))
    assert not findings(tmp_path, "out.jsonl")
    feed = tmp_path / "out.jsonl"
    whole = feed.read_bytes()
    feed.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    assert findings(tmp_path, "out.jsonl")["hash"]["examples"][0]["told"] == (
        "is not as it was published: 33 articles, 4 in run.json"
    )
    record = json.loads((tmp_path / "run.json").read_text())
    record["feeds"][0]["rows"] = 35
    (tmp_path / "run.json").write_text(json.dumps(record))
    feed.write_bytes(whole)
    assert findings(tmp_path, "out.jsonl").keys() == {"count"}


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


@pytest.mark.parametrize(
    ("name", "spoil", "code"),
    [("a.jsonl.gz", _cut, 5), ("a.jsonl.gz", lambda _: b"no gzip", 5), ("a.json", _cut, 3), ("a.xml", _cut, 3)],
)
def test_a_torn_file_is_told_without_a_traceback(
    name: str, spoil: Callable[[bytes], bytes], code: int, folder: Path, tmp_path: Path
) -> None:
    there = folder / f"all.{name[2:]}"
    content = there.read_bytes() if there.exists() else gzip.compress((folder / "all.jsonl").read_bytes())
    (tmp_path / name).write_bytes(spoil(content))
    done = verify(tmp_path, name)
    assert done.returncode == code
    assert done.stderr.count("\n") == (code == 5)


def test_what_cannot_be_read_is_5_and_what_is_no_feed_2(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and no more")
    (tmp_path / "a.txt").touch()
    (tmp_path / "none").mkdir()
    codes = {name: verify(tmp_path, *name.split()).returncode for name in ("a.parquet", "no.csv", "a.txt", "none", "")}
    assert codes == {"a.parquet": 5, "no.csv": 5, "a.txt": 2, "none": 2, "": 2}


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.xml"])
def test_a_feed_without_any_article_is_found_where_no_run_tells_that_there_is_none(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("<items></items>" if name.endswith("xml") else "")
    assert findings(tmp_path, name)["count"]["examples"][0]["told"] == "there is no article in it"
    said = {"path": name, "rows": 0, "sha256": sha256(tmp_path / name)}
    (tmp_path / "run.json").write_text(json.dumps({"feeds": [said]}))
    assert not findings(tmp_path, name)


def test_the_published_schema_is_that_of_the_data_sheet(request: pytest.FixtureRequest) -> None:
    file = ROOT / "newsspider/feeds/article.schema.json"
    if request.config.getoption("--rewrite"):
        file.write_text(text(), encoding="utf-8")
    assert file.read_text("utf-8") == text(), "python -m newsspider.feeds.schema > newsspider/feeds/article.schema.json"
    fastjsonschema.compile(json.loads(text()))(GOOD)
