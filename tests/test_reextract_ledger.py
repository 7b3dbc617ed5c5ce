"""What came out otherwise: told field by field, and kept as revisions; what was stored stays as it was."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import chain
from pathlib import Path
from time import monotonic, sleep

import pytest
from parsel import Selector

from newsspider.items import Article
from newsspider.ledger.lock import Lock
from newsspider.reextract.diff import Comparison, Difference
from newsspider.reextract.report import written
from tests.ledgers import LEDGER, asked, crawl, sql
from tests.process import environment, scrapy
from tests.site import many
from tests.site.server import Site
from tests.test_reextract import SERVED, lines, reextract
from tests.warcs import Kept, pages, write

FOUND = many.stories(4)
KEEP = ("-s", "WARC_DIR=kept")
ROWS = "SELECT url, revision, title, item FROM articles ORDER BY id"


@pytest.fixture
def crawled(tmp_path: Path) -> Iterator[Site]:
    """Four articles, crawled into a ledger and kept in kept/."""
    with Site(many.site(FOUND)) as site:
        assert crawl(site, tmp_path, *KEEP).returncode == 0
        yield site


def spoilt(folder: Path, url: str, **fields: object) -> None:
    """As if an older extraction had stored these fields of an article."""
    (item,) = sql(folder, "SELECT item FROM articles WHERE url = ?", url)[0]
    changed = json.dumps({**json.loads(item), **fields}, ensure_ascii=False)
    sql(folder, "UPDATE articles SET item = ? WHERE url = ?", changed, url)


# --into-ledger


def test_what_comes_out_as_it_is_stored_is_no_revision(crawled: Site, tmp_path: Path) -> None:
    before = sql(tmp_path, ROWS)
    done = reextract("--warc", "kept", "--into-ledger", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sql(tmp_path, ROWS) == before
    (last,) = sql(tmp_path, "SELECT arguments, state FROM jobs ORDER BY id DESC LIMIT 1")
    assert last == ('{"reextract": "1"}', "finished")
    assert sql(tmp_path, "SELECT counts FROM runs ORDER BY id DESC LIMIT 1") == [('{"unchanged": 4}',)]


def test_what_comes_out_otherwise_is_the_next_revision_and_the_old_one_stays(crawled: Site, tmp_path: Path) -> None:
    spoilt(tmp_path, FOUND[0].url, authors=["Redaksi"])
    before = sql(tmp_path, ROWS)
    done = reextract("--warc", "kept", "--into-ledger", "-O", "again.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "; again.jsonl; the ledger " in done.stderr
    assert "; 1 updated, 3 unchanged; " in done.stderr
    after = sql(tmp_path, ROWS)
    assert after[:4] == before
    ((url, revision, _, item),) = after[4:]
    assert (url, revision) == (FOUND[0].url, 2)
    assert json.loads(item)["authors"] == [FOUND[0].author]
    assert {a["url"]: a["revision"] for a in lines(tmp_path / "again.jsonl")}[url] == 2
    scrapy("export", "-O", "all.jsonl", cwd=tmp_path)
    exported = {a["url"]: a for a in lines(tmp_path / "all.jsonl")}
    assert exported[url]["authors"] == [FOUND[0].author]
    assert len(exported) == 4
    assert json.loads(scrapy("status", "--json", cwd=tmp_path).stdout)["articles"] == 4
    assert reextract("--warc", "kept", "--into-ledger", cwd=tmp_path).returncode == 0
    assert len(sql(tmp_path, ROWS)) == 5


def test_an_older_page_never_takes_the_place_of_a_newer_one(crawled: Site, tmp_path: Path) -> None:
    page = pages(FOUND[0], "2026-01-01T00:00:00Z")["whole"]
    write(
        tmp_path / "old.warc.gz", [replace(page, body=page.body.replace(FOUND[0].title.encode(), b"Judul yang lama"))]
    )
    before = sql(tmp_path, ROWS)
    done = reextract("--warc", "old.warc.gz", "--into-ledger", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sql(tmp_path, ROWS) == before
    assert sql(tmp_path, "SELECT counts FROM runs ORDER BY id DESC LIMIT 1") == [('{"older": 1}',)]


def test_articles_that_no_crawl_has_found_are_stored_and_not_asked_for(tmp_path: Path) -> None:
    write(tmp_path / "x.warc.gz", [pages(story)["whole"] for story in FOUND])
    assert reextract("--warc", "x.warc.gz", "--into-ledger", cwd=tmp_path).returncode == 0
    assert len(sql(tmp_path, ROWS)) == 4
    with Site(many.site(many.stories(6, first=2))) as site:
        done = crawl(site, tmp_path)
        assert done.returncode == 0
        assert sum("showpage" in url for url in asked(site)) == 2
    assert len(lines(tmp_path / "out.jsonl")) == 2
    assert sql(tmp_path, "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'kabar'") == [(6,)]


def test_what_a_job_owes_and_was_kept_is_owed_no_more(tmp_path: Path) -> None:
    with Site(many.site(FOUND)) as site:
        assert crawl(site, tmp_path, "-s", "CLOSESPIDER_ITEMCOUNT=1", "-s", "CONCURRENT_REQUESTS=1").returncode == 4
        write(tmp_path / "x.warc.gz", [pages(story)["whole"] for story in FOUND])
        assert reextract("--warc", "x.warc.gz", "--into-ledger", cwd=tmp_path).returncode == 0
        before = len(site.log)
        assert crawl(site, tmp_path).returncode == 0
        assert not [url for url in asked(site, before) if "showpage" in url]
    assert [row[1] for row in sql(tmp_path, ROWS)] == [1, 1, 1, 1]


def test_while_a_crawl_is_at_work_the_ledger_is_left_alone(crawled: Site, tmp_path: Path) -> None:
    with closing(Closing(Lock(tmp_path / f"{LEDGER}.lock", "sindonews"))):
        done = reextract("--warc", "kept", "--into-ledger", "-O", "again.jsonl", cwd=tmp_path)
    assert done.returncode == 6
    assert "another run of sindonews is at work" in done.stderr
    assert not (tmp_path / "again.jsonl").exists()


class Closing:
    def __init__(self, lock: Lock) -> None:
        self.close = lock.release


# --diff


def test_the_difference_is_told_field_by_field(crawled: Site, tmp_path: Path) -> None:
    first, second, third, _ = (story.url for story in FOUND)
    spoilt(tmp_path, first, authors=[], title="Judul lain")
    spoilt(tmp_path, second, tags=["lebih"], paragraphs=["Satu."], crawled="2020-01-01T00:00:00+00:00")
    sql(
        tmp_path,
        "UPDATE articles SET url = url || '-lain', item = replace(item, url, url || '-lain') WHERE url = ?",
        third,
    )
    done = reextract("--warc", "kept", "--diff", "diff.txt", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = (tmp_path / "diff.txt").read_text("utf-8")
    rows = {
        line.split()[0]: line.split()[1:] for line in told.splitlines() if line[:1].isalpha() and len(line.split()) == 4
    }
    assert rows["authors"] == ["0", "1", "0"]
    assert rows["title"] == ["1", "0", "0"]
    assert rows["paragraphs"] == ["1", "0", "0"]
    assert rows["url"] == ["0", "0", "0"]
    assert "crawled" not in rows
    for number, what in ((3, "articles compared"), (1, "the same"), (2, "changed"), (1, "only new"), (1, "only old")):
        assert f"{number}  {what}" in told
    assert f'    - "Judul lain"\n    + "{FOUND[0].title}"' in told
    assert f"{third}-lain" in told


def test_old_can_be_an_earlier_feed(crawled: Site, tmp_path: Path) -> None:
    changed = lines(tmp_path / "out.jsonl")
    changed[0]["title"] = "Judul lain"
    (tmp_path / "old.jsonl").write_text("".join(json.dumps(each) + "\n" for each in changed))
    others = ("old.csv.gz", "old.json", "old.xml", "old.parquet")
    for feed in others:
        scrapy("export", "-O", feed, "--no-datasheet", cwd=tmp_path)
    for feed, number in (("old.jsonl", 1), *((feed, 0) for feed in others)):
        done = reextract("--warc", "kept", "--diff", "diff.txt", "--against", feed, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert f"{number}  changed" in (tmp_path / "diff.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"{", "line 5: no JSON"),
        (b'{"url": "x", "article_id": "1", "title": "\xff"}', "line 5 is no article"),
        (b'{"url": "x", "article_id": "1", "repeated": 99999999999999999999}', "line 5 is no article"),
        (b'{"url": "x"}', "line 5 is no article"),
    ],
)
def test_an_earlier_feed_with_a_broken_line_is_refused_with_its_place(
    line: bytes, told: str, crawled: Site, tmp_path: Path
) -> None:
    feed = tmp_path / "out.jsonl"
    feed.write_bytes(feed.read_bytes() + line + b"\n")
    done = reextract("--warc", "kept", "--diff", "diff.txt", "--against", "out.jsonl", cwd=tmp_path)
    assert done.returncode == 2
    assert f"--against out.jsonl: {told}" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "diff.txt").exists()


def test_of_long_texts_the_place_is_shown_where_they_part(tmp_path: Path) -> None:
    begin = "Kalimat yang sama. " * 40
    old, new = Article(url="x", article_id="1", title=f"{begin}Lama."), Article(url="x", article_id="1", title=begin)
    comparison = Comparison("old", [old])
    comparison.take([new])
    difference = comparison.result()
    for told in (written(difference, Path("x.txt")), written(difference, Path("x.html"))):
        assert "title, 1 changed:" in told or "<b>1 changed</b>:" in told
        assert "Kalimat yang sama. Lama." in told
        assert told.count("Kalimat") < 20


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\x1b[2J\u202e\"'&"


def test_a_report_shows_what_is_hostile_and_does_not_obey_it(crawled: Site, tmp_path: Path) -> None:
    spoilt(tmp_path, FOUND[0].url, title=HOSTILE, tags=[HOSTILE], description=HOSTILE)
    for name in ("diff.html", "diff.txt"):
        assert reextract("--warc", "kept", "--diff", name, cwd=tmp_path).returncode == 0
    page, text = ((tmp_path / name).read_text("utf-8") for name in ("diff.html", "diff.txt"))
    shown = Selector(page)
    assert shown.css("script, img, iframe, link, style[src]").getall() == []
    assert not [name for name in shown.xpath("//@*").getall() if name.startswith("on")]
    assert "<script>alert(1)</script>" in shown.css("del::text").get("")
    assert "default-src 'none'" in shown.css("meta[http-equiv]::attr(content)").get("")
    assert all(
        href.startswith(("#", "https://international.sindonews.com/")) for href in shown.css("a::attr(href)").getall()
    )
    for told in (page, text):
        assert "\x1b" not in told
        assert "\u202e" not in told


def test_an_address_that_is_none_is_no_link() -> None:
    difference = Difference(HOSTILE, new=1, new_urls=["javascript:alert(1)//<b>"])
    page = Selector(written(difference, Path("x.html")))
    assert page.css("a").getall() == []
    assert page.css("b").getall() == []


# What may go wrong


@pytest.mark.parametrize(
    ("given", "code", "told"),
    [
        (["-O", "x.jsonl"], 2, "give what to read"),
        (["--warc", "kept"], 2, "give what is to come of it"),
        (["--warc", "kept", "-O", "x.doc"], 2, "unknown format 'doc'"),
        (["--warc", "kept", "-O", "x.parquet.gz"], 2, "Parquet is compressed already; leave out the .gz"),
        (
            ["--warc", "kept", "-O", "x.jsonl", "-a", "since=2022-01-01"],
            2,
            "unknown argument 'since'; allowed are channel",
        ),
        (["--warc", "kept", "-O", "x.jsonl", "-a", "channel=musik"], 2, "unknown channel 'musik'"),
        (["--warc", "kept", "-O", "x.jsonl", "--scheduler", "tcp://x:1", "--workers", "2"], 2, "give one of them"),
        (["--warc", "kept", "-O", "/proc/x.jsonl"], 5, "the feed /proc/x.jsonl cannot be written"),
        (["--warc", "kept", "--diff", "d.txt", "-s", "LEDGER_URL=sqlite:///none.sqlite"], 2, "there is no ledger"),
        (["--warc", "kept", "--diff", "d.txt", "--against", "gone.jsonl"], 2, "--against gone.jsonl"),
        (["--warc", "kept", "--diff", "d.txt", "--against", "kept/notes.doc"], 2, "give a feed that ends with .csv"),
        (["--warc", "kept", "--into-ledger", "-s", "LEDGER_URL="], 2, "LEDGER_URL is empty"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, given: list[str], code: int, told: str) -> None:
    (tmp_path / "kept").mkdir()
    write(tmp_path / "kept" / "x.warc.gz", [pages(SERVED[0])["whole"]])
    done = reextract(*given, cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
    assert done.stderr.startswith("scrapy reextract: ")
    assert told in done.stderr
    assert not (tmp_path / "x.jsonl").exists()


def test_articles_can_be_chosen(tmp_path: Path) -> None:
    write(tmp_path / "x.warc.gz", [pages(story)["whole"] for story in SERVED])
    for chosen, wanted in (
        (f"url={SERVED[0].url}", {SERVED[0].url}),
        ("channel=international", {s.url for s in SERVED if s.host == "international"}),
    ):
        reextract("--warc", "x.warc.gz", "-O", "out.jsonl", "-a", chosen, cwd=tmp_path)
        assert {article["url"] for article in lines(tmp_path / "out.jsonl")} == wanted


@pytest.mark.parametrize(("number", "workers"), [(signal.SIGTERM, "1"), (signal.SIGINT, "1"), (signal.SIGINT, "2")])
def test_a_signal_ends_it_and_leaves_everything_as_it_was(number: int, workers: str, tmp_path: Path) -> None:
    """SIGINT comes from a terminal: to its workers, too."""
    write(tmp_path / "x.warc.gz", [pages(story)["whole"] for story in many.stories(1500)])
    (tmp_path / "out.jsonl").write_text("kemarin\n")
    command = [sys.executable, "-m", "scrapy", "reextract", "--warc", "x.warc.gz", "-O", "out.jsonl", "--workers"]
    with subprocess.Popen(
        [*command, workers],
        cwd=tmp_path,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        until = monotonic() + 30
        while not (tmp_path / ".out.jsonl.part").exists() and monotonic() < until:
            sleep(0.005)
        os.killpg(process.pid, number)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 4
    assert told == "scrapy reextract: not finished (interrupted); the files are as they were: run it again\n"
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*out*")} == {"out.jsonl": b"kemarin\n"}


def test_memory_stays_flat_whatever_the_files_hold(tmp_path: Path) -> None:
    good = pages(SERVED[0])["whole"]
    noise = (Kept(f"https://other.example/{n}", os.urandom(4_000_000)) for n in range(50))
    large = replace(good, body=b"<html>" + os.urandom(12_000_000), time="2026-07-29T01:00:00Z")
    path = write(tmp_path / "x.warc", chain(noise, [large, good]))
    assert path.stat().st_size > 200_000_000
    code = (
        "import atexit; from pathlib import Path; from scrapy.cmdline import execute\n"
        "peak = lambda: Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0]\n"  # not its parent's
        "atexit.register(lambda: print(peak()))\n"
        "execute(['scrapy', 'reextract', '--warc', 'x.warc', '-O', 'out.jsonl', '--workers', '1'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert "1 too large" in done.stderr
    assert "1 articles" in done.stderr
    assert int(done.stdout) < 180_000


def test_a_crawl_loads_nothing_of_it(tmp_path: Path) -> None:
    heavy = ("dask", "distributed", "fsspec", "s3fs", "newsspider.reextract.run")
    code = (
        "import sys; from scrapy.cmdline import execute\n"
        "try: execute(['scrapy', 'status'])\n"
        f"finally: print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert done.stdout.endswith("[]\n"), done.stdout
