"""Record and replay, through real processes: `scrapy runspider` of the spider below, against the site on loopback."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from scrapy import Request, Spider
from scrapy.http import TextResponse
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from newsspider.warc.reader import captures
from tests.process import FAST, scrapy
from tests.site import Page, Pages, content
from tests.site.faults import Fault
from tests.site.server import Site

ADDONS = json.dumps({"newsspider.warc.addon.WarcAddon": 0})
BASE = "https://www.sindonews.com"
LONG = "<html><head><title>Panjang</title></head><body>" + "<p>Paragraf contoh yang cukup panjang.</p>" * 200


class Asker(Spider):
    """Says on stdout what came of each URL: one JSON object a line."""

    name = "pages"

    async def start(self):
        for url in self.urls.split(","):
            yield Request(url, self.parse, errback=self.failed, meta={"handle_httpstatus_list": [404, 500]})

    def parse(self, response):
        told = {
            "url": response.url,
            "status": response.status,
            "sha1": hashlib.sha1(response.body).hexdigest(),
            "title": response.css("title::text").get() if isinstance(response, TextResponse) else None,
            "encoding": getattr(response, "encoding", None),
            "headers": sorted(name.decode() for name in response.headers),
            "time": response.meta.get("cache_timestamp"),
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()

    def failed(self, failure):
        told = {"url": failure.request.url, "error": type(failure.value).__name__, "reason": str(failure.value)}
        sys.stdout.write(json.dumps(told) + "\n")


@pytest.fixture
def pages() -> Pages:
    html = {"Content-Type": "text/html; charset=utf-8"}
    return {
        f"{BASE}/robots.txt": Page(b"User-agent: *\nDisallow: /secret\n", 200, {"Content-Type": "text/plain"}),
        f"{BASE}/short": Page("<title>Kisah “singkat”</title>".encode(), 200, html),
        f"{BASE}/long": Page(LONG.encode(), 200, html),
        f"{BASE}/old": Page(
            "<title>Warung Café</title>".encode("cp1252"), 200, {"Content-Type": "text/html; charset=cp1252"}
        ),
        f"{BASE}/moved": Page(b"", 301, {"Location": f"{BASE}/short?a=2&b=1", "Set-Cookie": "x=1"}),
        f"{BASE}/short?a=2&b=1": Page(b"<title>Tujuan</title>", 200, html),
        f"{BASE}/broken": Page(b"Galat", 500, html),
        "http://www.sindonews.com/plain": Page(b"<title>Tanpa TLS</title>", 200, html),
    }


@pytest.fixture
def site(pages: Pages) -> Iterator[Site]:
    with Site(pages) as site:
        yield site


ALL = [f"{BASE}/{path}" for path in ("short", "long", "old", "moved", "broken", "absent")] + [
    "http://www.sindonews.com/plain"
]


def command(*settings: str, urls: list[str]) -> list[str]:
    every = ("ADDONS=" + ADDONS, "LOG_LEVEL=WARNING", "RETRY_ENABLED=False", "COOKIES_ENABLED=False", *settings)
    options = [part for setting in every for part in ("-s", setting)]
    return [sys.executable, "-m", "scrapy", "runspider", __file__, "-a", "urls=" + ",".join(urls), *options]


def environment(site: Site | None) -> dict[str, str]:
    """Without a site every connection goes to a proxy that nobody serves."""
    root = Path(__file__).parent.parent
    dead = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9") | {"no_proxy": "127.0.0.1"}
    return os.environ | {"PYTHONPATH": str(root)} | (site.env if site else dead)


def run(*settings: str, urls: list[str], site: Site | None = None, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*settings, urls=urls), env=environment(site), cwd=cwd, capture_output=True, text=True, timeout=60
    )


def told(run: subprocess.CompletedProcess[str]) -> dict[str, dict]:
    return {line["url"]: line for line in map(json.loads, run.stdout.splitlines())}


def record(folder: Path, site: Site, urls: list[str] = ALL, *settings: str) -> Path:
    """Record the URLs; the file that holds them."""
    done = run(f"WARC_DIR={folder}", *settings, urls=urls, site=site, cwd=folder.parent)
    assert done.stderr == ""
    (path,) = folder.glob("*.warc.gz")
    return path


def records(path: Path) -> list:
    with path.open("rb") as file:
        return [(record, record.raw_stream.read()) for record in ArchiveIterator(file)]


def test_a_recording_replays_to_the_same_pages_without_a_network(tmp_path: Path, site: Site):
    live = run(f"WARC_DIR={tmp_path / 'warc'}", "ROBOTSTXT_OBEY=True", urls=ALL, site=site, cwd=tmp_path)
    asked = len(site.log)
    more = ("ROBOTSTXT_OBEY=True", "COOKIES_ENABLED=True", "DOWNLOAD_DELAY=9", "AUTOTHROTTLE_ENABLED=True")
    again = run(f"WARC_REPLAY={tmp_path / 'warc'}", *more, urls=ALL, cwd=tmp_path)
    assert len(site.log) == asked
    assert again.stderr == live.stderr == ""
    first, second = told(live), told(again)
    for page in (*first.values(), *second.values()):
        page.pop("time", None), page.pop("headers", None)
    assert first == second
    assert len(first) == 7
    assert first[f"{BASE}/short?a=2&b=1"]["title"] == "Tujuan"  # a redirect replays as a redirect
    assert first[f"{BASE}/old"]["title"] == "Warung Café"
    assert first[f"{BASE}/broken"]["status"] == 500
    assert first[f"{BASE}/absent"]["status"] == 404


def test_the_time_of_a_replayed_page_is_when_it_was_recorded(tmp_path: Path, site: Site):
    path = record(tmp_path / "warc", site, [f"{BASE}/short"])
    (capture,) = captures(path)
    assert timedelta(0) < datetime.now(UTC) - capture.time < timedelta(seconds=60)
    replayed = told(run(f"WARC_REPLAY={path}", urls=[f"{BASE}/short"], cwd=tmp_path))
    assert replayed[f"{BASE}/short"]["time"] == capture.time.timestamp()


def test_a_page_that_was_not_recorded_is_a_clear_miss(tmp_path: Path, site: Site):
    path = record(tmp_path / "warc", site, [f"{BASE}/short"])
    urls = [f"{BASE}/short", f"{BASE}/long", "http://www.sindonews.com/short", f"{BASE}/short?a=2&b=1"]
    asked = len(site.log)
    replay = run(f"WARC_REPLAY={path}", "ROBOTSTXT_OBEY=True", urls=urls, site=site, cwd=tmp_path)
    assert len(site.log) == asked  # though the site was within reach
    pages = told(replay)
    assert pages[f"{BASE}/short"]["status"] == 200
    for missed in urls[1:]:
        assert pages[missed]["error"] == "NotInWarc"
        assert pages[missed]["reason"] == f"it is not in {path}"
    assert "Traceback" not in replay.stderr


def test_no_other_setting_opens_the_network_in_a_replay(tmp_path: Path, site: Site):
    path = record(tmp_path / "warc", site, [f"{BASE}/short"])
    handler = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"
    live = {"DOWNLOAD_HANDLERS": {"http": handler, "https": handler}, "HTTPCACHE_IGNORE_MISSING": False}
    settings = [f"{name}={json.dumps(value)}" for name, value in live.items()]
    asked = len(site.log)
    replay = run(f"WARC_REPLAY={path}", *settings, urls=[f"{BASE}/long"], site=site, cwd=tmp_path)
    assert told(replay)[f"{BASE}/long"]["error"] == "NotInWarc"
    assert len(site.log) == asked


def test_urls_meet_whatever_the_case_of_their_host_and_their_fragment(tmp_path: Path, site: Site):
    path = record(tmp_path / "warc", site, [f"{BASE}/short?a=2&b=1#atas"])
    asked = ["https://WWW.Sindonews.com:443/short?a=2&b=1", f"{BASE}/short?b=1&a=2"]
    same, other = told(run(f"WARC_REPLAY={path}", urls=asked, cwd=tmp_path)).values()
    assert same["title"] == "Tujuan"
    assert other["error"] == "NotInWarc"  # the order of a query is part of the address


def test_the_newest_capture_of_a_url_wins(tmp_path: Path, site: Site):
    site.faults.append(Fault("/short", "500", times=1))
    record(tmp_path / "warc", site, [f"{BASE}/short"], "RETRY_ENABLED=True")  # 500, then the page
    site.pages[f"{BASE}/long"] = Page(b"<title>Lama</title>")
    later = tmp_path / "later"
    older = record(tmp_path / "older", site, [f"{BASE}/long"])
    site.pages[f"{BASE}/long"] = Page(b"<title>Baru</title>")
    record(later, site, [f"{BASE}/long"])
    older.rename(tmp_path / "warc" / "z.warc.gz")
    next(later.iterdir()).rename(tmp_path / "warc" / "a.warc.gz")
    pages = told(run(f"WARC_REPLAY={tmp_path / 'warc'}", urls=[f"{BASE}/short", f"{BASE}/long"], cwd=tmp_path))
    assert [pages[f"{BASE}/{path}"]["title"] for path in ("short", "long")] == ["Kisah “singkat”", "Baru"]


def test_a_recording_is_warc_1_1_as_warcio_reads_it(tmp_path: Path, site: Site):
    path = record(tmp_path / "warc", site, ALL, "USER_AGENT=contoh/1.0 (+surel@contoh.id)")
    assert re.fullmatch(r"newsspider-pages-\d{8}T\d{12}Z-\d+\.warc\.gz", path.name)
    (info, text), *rest = records(path)
    assert (info.rec_type, info.rec_headers.protocol) == ("warcinfo", "WARC/1.1")
    assert b"robots: ignore\r\n" in text
    assert b"http-header-user-agent: contoh/1.0 (+surel@contoh.id)\r\n" in text
    questions, answers = rest[::2], rest[1::2]
    assert len(answers) == 8  # one of the seven led on
    for (question, _), (answer, _) in zip(questions, answers, strict=True):
        assert (question.rec_type, answer.rec_type) == ("request", "response")
        assert question.rec_headers["WARC-Concurrent-To"] == answer.rec_headers["WARC-Record-ID"]
        assert question.rec_headers["WARC-Target-URI"] == answer.rec_headers["WARC-Target-URI"]
        assert question.http_headers.protocol == "GET"
        assert question.http_headers["Host"] == "www.sindonews.com"
        assert question.http_headers["User-Agent"] == "contoh/1.0 (+surel@contoh.id)"
        for name in ("WARC-Date", "WARC-Payload-Digest", "WARC-Block-Digest", "WARC-Warcinfo-ID"):
            assert answer.rec_headers[name]


def test_every_digest_is_right(tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str]):
    path = record(tmp_path / "warc", site)
    checker = Checker(type("Options", (), {"verbose": True, "inputs": [str(path)]}))
    checker.process_all()
    assert checker.exit_value == 0
    assert "digest pass" in capsys.readouterr().out


def test_bodies_are_kept_as_they_were_transferred_and_nothing_is_made_up(tmp_path: Path, site: Site):
    path = record(tmp_path / "warc", site, [f"{BASE}/long", f"{BASE}/moved"])
    compressed, moved, _ = (pair for pair in records(path) if pair[0].rec_type == "response")
    assert compressed[0].http_headers["Content-Encoding"] == "gzip"
    assert compressed[1][:2] == b"\x1f\x8b"
    assert len(compressed[1]) == int(compressed[0].http_headers["Content-Length"])
    assert moved[0].http_headers.statusline == "301 Moved Permanently"
    assert moved[0].http_headers["Set-Cookie"] == "x=1"
    assert not moved[0].http_headers["Date"]  # the site sent none


def test_chunks_are_joined_and_their_header_goes(tmp_path: Path):
    class Chunked(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"8\r\n<title>S\r\n9\r\natu</titl\r\n2\r\ne>\r\n0\r\n\r\n")

        def log_message(self, *args: object) -> None:
            pass

    for handler in ("http11.HTTP11DownloadHandler", "_aiohttp.AiohttpDownloadHandler"):
        folder = tmp_path / handler
        with ThreadingHTTPServer(("127.0.0.1", 0), Chunked) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            url = f"http://127.0.0.1:{server.server_port}/"
            handlers = json.dumps({"http": f"scrapy.core.downloader.handlers.{handler}"})
            run(f"WARC_DIR={folder}", f"DOWNLOAD_HANDLERS={handlers}", urls=[url], cwd=tmp_path)
            server.shutdown()
        (path,) = folder.iterdir()
        answer, body = records(path)[2]
        assert body == b"<title>Satu</title>"
        assert not answer.http_headers["Transfer-Encoding"]
        assert answer.http_headers["Date"]  # this site sends it
        assert answer.rec_headers["WARC-IP-Address"] == "127.0.0.1"


def test_a_run_that_is_killed_leaves_a_file_that_is_readable_up_to_the_cut(tmp_path: Path, site: Site):
    urls = [f"{BASE}/{number}" for number in range(3000)]
    site.pages.update((url, Page(LONG.encode())) for url in urls)
    folder = tmp_path / "warc"
    process = subprocess.Popen(
        command(f"WARC_DIR={folder}", urls=urls), env=environment(site), cwd=tmp_path, stdout=subprocess.PIPE
    )
    seen = [process.stdout.readline() for _ in range(300)]
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    (path,) = folder.iterdir()
    kept = {capture.url for capture in captures(path)}
    assert {json.loads(line)["url"] for line in seen} <= kept  # what was delivered was recorded before
    pages = told(run(f"WARC_REPLAY={path}", urls=sorted(kept)[:20], cwd=tmp_path))
    assert {page["status"] for page in pages.values()} == {200}


def test_a_disk_that_refuses_ends_the_run_with_one_line(tmp_path: Path, site: Site):
    folder = tmp_path / "warc"
    urls = [f"{BASE}/{number}" for number in range(50)]
    site.pages.update((url, Page(os.urandom(30_000))) for url in urls)
    limited = ["prlimit", "--fsize=200000", *command(f"WARC_DIR={folder}", urls=urls)]
    done = subprocess.run(limited, env=environment(site), cwd=tmp_path, capture_output=True, text=True, timeout=60)
    (path,) = folder.iterdir()
    kept = {capture.url for capture in captures(path)}  # whole up to the end
    pages = told(done)
    assert {url for url, page in pages.items() if page.get("status") == 200} == kept
    assert 3 < len(kept) < 10
    assert {page["error"] for page in pages.values() if "error" in page} == {"NotRecorded"}
    (line,) = done.stderr.splitlines()
    assert f"{path} cannot be written: File too large; the run ends here" in line


def test_a_proxy_password_is_not_recorded(tmp_path: Path, site: Site):
    folder = tmp_path / "warc"
    env = environment(site) | {"https_proxy": f"http://nama:rahasia@127.0.0.1:{site.port}"}
    subprocess.run(command(f"WARC_DIR={folder}", urls=[f"{BASE}/short"]), env=env, cwd=tmp_path, timeout=60)
    (path,) = folder.iterdir()
    (question, _) = records(path)[1]
    assert question.http_headers["User-Agent"]
    assert not question.http_headers["Proxy-Authorization"]
    assert not question.rec_headers["WARC-IP-Address"]  # it would be the proxy's


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (["WARC_REPLAY={tmp}/nowhere"], "WARC_REPLAY {tmp}/nowhere does not exist"),
        (["WARC_REPLAY={tmp}/empty"], "WARC_REPLAY {tmp}/empty holds no recorded page"),
        (["WARC_DIR={tmp}/file"], "WARC_DIR {tmp}/file cannot be made: File exists"),
        (["WARC_DIR={tmp}/a", "WARC_REPLAY={tmp}/empty"], "WARC_DIR records and WARC_REPLAY replays; give one of them"),
    ],
)
def test_a_wrong_setting_is_said_and_nothing_is_asked(tmp_path: Path, site: Site, settings: list[str], line: str):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    done = run(*(text.format(tmp=tmp_path) for text in settings), urls=ALL, site=site, cwd=tmp_path)
    assert done.returncode == 1
    assert f"WarcError: {line.format(tmp=tmp_path)}" in done.stderr
    assert site.log == []


def test_without_its_settings_the_room_changes_nothing(tmp_path: Path, site: Site):
    done = run(urls=[f"{BASE}/short"], site=site, cwd=tmp_path)
    assert done.stderr == ""
    assert told(done)[f"{BASE}/short"]["title"] == "Kisah “singkat”"
    assert list(tmp_path.iterdir()) == []


def items(feed: Path) -> list[dict]:
    return sorted(map(json.loads, feed.read_text("utf-8").splitlines()), key=lambda item: item["url"])


def test_a_recorded_crawl_replays_to_the_same_articles(tmp_path: Path):
    ask = ("crawl", "sindonews", *FAST, "-a", "since=2026-07-20", "-a", "until=2026-07-24")
    with Site(content.pages()) as site:
        live = scrapy(*ask, "-s", "WARC_DIR=warc", "-O", "live.jsonl", cwd=tmp_path, env=site.env)
        asked = len(site.log)
        again = scrapy(*ask, "-s", "WARC_REPLAY=warc", "-O", "again.jsonl", cwd=tmp_path, env=site.env)
        assert len(site.log) == asked
    assert (live.returncode, again.returncode) == (0, 0)
    first, second = items(tmp_path / "live.jsonl"), items(tmp_path / "again.jsonl")
    assert len(first) > 5
    for one, other in zip(first, second, strict=True):
        times = [datetime.fromisoformat(item.pop("crawled")) for item in (one, other)]
        assert abs(times[1] - times[0]) <= timedelta(seconds=2)
        assert one == other


@pytest.mark.parametrize("setting", ["WARC_REPLAY=nowhere", "WARC_DIR=/proc/nowhere"])
def test_scrapy_crawl_says_in_one_line_what_cannot_be_followed(tmp_path: Path, setting: str):
    done = scrapy("crawl", "sindonews", "-s", setting, cwd=tmp_path, env={"PYTHONWARNINGS": ""})
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("scrapy crawl: could not start: " + setting.replace("=", " "))
