"""Where kept pages may lie: on this machine, behind https, in s3, in WACZ files, on Common Crawl's lists."""

import asyncio
import gzip
import logging
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import pytest
from aiohttp import web
from moto.server import ThreadedMotoServer

from newsspider.reextract.places import places
from tests.site.certificates import Authority
from tests.test_reextract import SERVED, again, lines, reextract
from tests.warcs import Kept, pages, wacz, write

STORIES = SERVED[:6]
URLS = sorted(story.url for story in STORIES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files of two stories each, in two folders."""
    kept = tmp_path / "kept"
    (kept / "deep").mkdir(parents=True)
    for number, name in enumerate(("a.warc.gz", "b.warc", "deep/c.warc.gz")):
        write(kept / name, [pages(story)["whole"] for story in STORIES[2 * number : 2 * number + 2]])
    (kept / "notes.txt.bak").write_text("bukan")
    return kept


def names(*given: str, base: str = "") -> list[str]:
    found, failed = places(given, base)
    assert failed == {}
    return [Path(place.url).name for place in found]


def urls(*given: Path) -> list[str]:
    articles, run = again(*given)
    assert run.failed == {}
    return sorted(article.url for article in articles)


def test_a_path_is_a_file_a_folder_with_those_below_it_or_a_glob(folder: Path) -> None:
    assert names(str(folder)) == ["a.warc.gz", "b.warc", "c.warc.gz"]
    assert names(str(folder / "b.warc")) == ["b.warc"]
    assert names(f"{folder}/*.warc*") == ["a.warc.gz", "b.warc"]
    assert names(f"{folder}/**/*.gz", str(folder / "a.warc.gz")) == ["a.warc.gz", "c.warc.gz"]
    assert urls(folder) == URLS


def test_a_list_names_files_beside_it_or_where_base_says(folder: Path) -> None:
    (folder / "list.txt").write_text("# kept\nb.warc\n\ndeep/c.warc.gz\n")
    assert names(str(folder / "list.txt")) == ["b.warc", "c.warc.gz"]
    packed = folder.parent / "warc.paths.gz"
    packed.write_bytes(gzip.compress(b"a.warc.gz\n"))
    assert names(str(packed), base=str(folder)) == ["a.warc.gz"]


@pytest.mark.parametrize("given", ["nowhere.warc.gz", "*.warc", ".", "gone/", "gopher://x/y.warc"])
def test_a_path_that_leads_nowhere_is_said_before_anything_else(given: str, tmp_path: Path) -> None:
    done = reextract("--warc", given, "-O", "out.jsonl", cwd=tmp_path)
    assert done.returncode == 2
    assert given.strip("./*") in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_one_file_that_is_missing_from_a_list_stops_no_other(folder: Path) -> None:
    (folder / "list.txt").write_text("a.warc.gz\nnone.warc.gz\n")
    done = reextract("--warc", str(folder / "list.txt"), "-O", "out.jsonl", cwd=folder)
    assert done.returncode == 3
    assert "none.warc.gz cannot be read: No such file or directory" in done.stderr
    assert "but 1 files could not be read to their end" in done.stderr
    assert len(lines(folder / "out.jsonl")) == 2


# WACZ


def test_a_wacz_is_read_where_it_is(folder: Path) -> None:
    packed = wacz(folder.parent / "pages.wacz", folder / "a.warc.gz", folder / "b.warc")
    found, _ = places([str(packed)])
    assert [str(place) for place in found] == [f"{packed}!archive/a.warc.gz", f"{packed}!archive/b.warc"]
    assert urls(packed) == sorted(story.url for story in STORIES[:4])


def test_a_wacz_that_is_packed_against_its_rules_is_said(folder: Path) -> None:
    packed = wacz(folder.parent / "pages.wacz", folder / "b.warc", compression=zipfile.ZIP_DEFLATED)
    found, failed = places([str(packed)])
    assert found == []
    assert "unpack it" in failed[str(packed)]
    (folder / "no.wacz").write_bytes(b"bukan")
    assert places([str(folder / "no.wacz")])[1] == {str(folder / "no.wacz"): "File is not a zip file"}


# Elsewhere


@contextmanager
def server(folder: Path, authority: Authority) -> Iterator[str]:
    """The folder behind https, with ranges."""
    ready, loop = threading.Event(), asyncio.new_event_loop()
    told: list[str] = []

    async def main() -> None:
        app = web.Application()
        app.router.add_static("/", folder)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=authority.context("localhost"))
        await site.start()
        told.append(f"https://localhost:{site._server.sockets[0].getsockname()[1]}")  # type: ignore[union-attr]
        ready.set()
        await stop.wait()
        await runner.cleanup()

    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(main()))
    thread.start()
    ready.wait(10)
    try:
        yield told[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def test_files_behind_https_are_read_in_ranges(folder: Path, tmp_path: Path) -> None:
    (folder / "list.txt").write_text("a.warc.gz\ndeep/c.warc.gz\n")
    wacz(folder / "pages.wacz", folder / "b.warc")
    month = folder / "crawl-data" / "CC-NEWS" / "2026" / "07"
    month.mkdir(parents=True)
    write(month / "CC-NEWS-20260701000000-00001.warc.gz", [pages(story)["whole"] for story in STORIES[:2]])
    lines_of = b"crawl-data/CC-NEWS/2026/07/CC-NEWS-20260701000000-00001.warc.gz\n"
    (month / "warc.paths.gz").write_bytes(gzip.compress(lines_of))
    authority = Authority(tmp_path)
    with server(folder, authority) as base:
        given = (f"{base}/list.txt", f"{base}/pages.wacz")
        env = {"SSL_CERT_FILE": str(authority.pem)}
        done = reextract("--warc", *given, "-O", "out.jsonl", cwd=tmp_path, env=env)
        gone = reextract("--warc", f"{base}/gone.warc.gz", given[0], "-O", "gone.jsonl", cwd=tmp_path, env=env)
        untrusted = reextract("--warc", *given, "-O", "no.jsonl", cwd=tmp_path)
        listing = f"{base}/crawl-data/CC-NEWS/2026/07/warc.paths.gz"
        news = reextract("--warc", listing, "-O", "news.jsonl", cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    assert sorted(article["url"] for article in lines(tmp_path / "out.jsonl")) == URLS
    assert gone.returncode == 3
    assert "gone.warc.gz cannot be read: 404 Not Found" in gone.stderr
    assert len(lines(tmp_path / "gone.jsonl")) == 4
    assert news.returncode == 0, news.stderr
    assert len(lines(tmp_path / "news.jsonl")) == 2
    assert untrusted.returncode == 2
    assert "cannot be read: " in untrusted.stderr
    assert "certificate" in untrusted.stderr.lower()


def test_a_server_that_gives_files_only_whole_is_said_before_anything_is_read(folder: Path, tmp_path: Path) -> None:
    wacz(folder / "pages.wacz", folder / "b.warc")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        given = [f"{base}/{name}" for name in ("a.warc.gz", "pages.wacz")]
        env = dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1")
        done = reextract("--warc", *given, "-O", "out.jsonl", cwd=tmp_path, env=env)
        server.shutdown()
    assert done.returncode == 3
    told = "cannot be read: its server gives files only whole; fetch it, and give the file"
    assert done.stderr.splitlines()[:2] == [f"{url} {told}" for url in given]
    assert "no article came out" in done.stderr.splitlines()[-1]


@pytest.fixture
def bucket(folder: Path) -> Iterator[dict[str, str]]:
    """The folder as s3://kept, on loopback."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto = ThreadedMotoServer("127.0.0.1", 0)
    moto.start()
    host, port = moto.get_host_and_port()
    env = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    client = boto3.client(
        "s3",
        endpoint_url=env["AWS_ENDPOINT_URL"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket="kept")
    for path in filter(Path.is_file, folder.rglob("*")):
        client.upload_file(str(path), "kept", f"crawl-data/{path.relative_to(folder)}")
    client.put_object(
        Bucket="kept", Key="warc.paths.gz", Body=gzip.compress(b"crawl-data/a.warc.gz\ncrawl-data/b.warc\n")
    )
    client.close()
    yield env
    moto.stop()


def test_s3_has_files_folders_globs_and_lists(bucket: dict[str, str], tmp_path: Path) -> None:
    for given, number in (
        ("s3://kept/crawl-data/", 6),
        ("s3://kept/crawl-data/*.warc*", 4),
        ("s3://kept/warc.paths.gz", 4),
    ):
        done = reextract("--warc", given, "-O", "out.jsonl", cwd=tmp_path, env=bucket)
        assert done.returncode == 0, done.stderr
        assert len(lines(tmp_path / "out.jsonl")) == number


# Common Crawl's news


def test_of_common_crawls_news_only_what_is_the_sites_is_read(tmp_path: Path) -> None:
    month = tmp_path / "crawl-data" / "CC-NEWS" / "2026" / "07"
    month.mkdir(parents=True)
    (month / "warc.paths.gz").write_bytes(
        gzip.compress(b"crawl-data/CC-NEWS/2026/07/CC-NEWS-1.warc.gz\ncrawl-data/CC-NEWS/2026/07/CC-NEWS-2.warc.gz\n")
    )
    others = [Kept(f"https://other.example/read/{n}/41/kabar-1641659765", b"<p>Lain</p>" * 5000) for n in range(20)]
    plain, old, lie, cut, image = (pages(story)["0"] for story in STORIES[:5])
    # As it was kept before May 2019: the headers of what came, above what was made of it.
    old.headers |= {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked", "Content-Length": "4711"}
    lie.headers["Content-Type"] = "application/octet-stream"
    cut = replace(cut, body=cut.body[:2000], fields={"WARC-Truncated": "length"})
    image = replace(image, body=b"\xff\xd8\xff" + bytes(3000))
    write(month / "CC-NEWS-1.warc.gz", [*others[:10], plain, old, *others[10:]])
    write(month / "CC-NEWS-2.warc.gz", [lie, cut, *others, image, pages(STORIES[5])["whole"]])
    listing = month / "warc.paths.gz"
    done = reextract("--warc", str(listing), "--base", str(tmp_path), "-O", "out.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = {article["url"] for article in lines(tmp_path / "out.jsonl")}
    assert found == {STORIES[number].url for number in (0, 1, 2, 5)}
    assert "46 answers kept, 40 of other sites, 1 truncated, 1 damaged" in done.stderr


def test_nothing_of_another_sites_pages_is_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from newsspider.sites.sindonews import article

    seen = []
    read = article.read
    monkeypatch.setattr(
        article, "read", lambda response, stats=None: seen.append(response.url) or read(response, stats)
    )
    lookalikes = [
        "https://sindonews.com.evil.example",
        "https://evilsindonews.com",
        "https://x.example/?https://www.sindonews.com",
    ]
    others = [Kept(f"{base}/read/1/41/kabar-1641659765", pages(STORIES[0])["whole"].body) for base in lookalikes]
    articles, _ = again(write(tmp_path / "x.warc.gz", [*others, pages(STORIES[0])["whole"]]))
    assert [each.url for each in articles] == [STORIES[0].url]
    assert seen == [f"{STORIES[0].url}?showpage=all"]
