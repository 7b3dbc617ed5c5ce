"""A crawl of a spider's own, as a process, against the site on loopback: what is asked for, when, and what arrives."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from time import monotonic

import pytest

from tests.process import ROOT
from tests.site import Page
from tests.site.faults import Fault
from tests.site.server import Site

BODY = ("<html><body>" + "<p>Hujan turun, kata “petugas” – sejak pagi.</p>" * 100 + "</body></html>").encode()
HOME = "https://www.sindonews.com"
OTHER = "https://international.sindonews.com"

SPIDER = """
import json, os, pathlib, scrapy

class Probe(scrapy.Spider):
    name = "probe"
    allowed_domains = ["sindonews.com"]

    async def start(self):
        for url in os.environ["PROBE_URLS"].split():
            yield scrapy.Request(url, self.parse, errback=self.failed)

    def parse(self, response):
        self.tell("pages", [response.url, response.text])

    def failed(self, failure):
        self.tell("errors", [failure.request.url, type(failure.value).__name__, str(failure.value)])

    def closed(self, reason):
        self.tell("reason", reason)
        self.tell("stats", {k: v for k, v in self.crawler.stats.get_stats().items() if isinstance(v, (int, float))})
        # Not getrusage: its figure is the parent's where that is larger.
        status = pathlib.Path("/proc/self/status").read_text()
        self.tell("peak", int(status.partition("VmHWM:")[2].split()[0]) / 1024)

    def tell(self, kind, value):
        with open(os.environ["PROBE_OUT"], "a") as out:
            out.write(json.dumps([kind, value]) + "\\n")
"""

SETTINGS = {
    "ADDONS": json.dumps({"newsspider.download.addon.DownloadAddon": 1}),
    "ROBOTSTXT_OBEY": "1",
    "DOWNLOAD_DELAY": "0.02",
    "DOWNLOAD_DELAY_JITTER": "0",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "1",
    "DOWNLOAD_VERIFY_CERTIFICATES": "1",
    "DOWNLOAD_MAXSIZE": str(10 * 2**20),
    "DOWNLOAD_TIMEOUT": "1",
    "METAREFRESH_ENABLED": "0",
    "RETRY_PAUSE": "0.1",
    "RETRY_TIMES": "2",
    "RETRY_AFTER_MAX": "300",
    "TELNETCONSOLE_ENABLED": "0",
    "REMOTE_CONTROL_ENABLED": "0",
    "LOG_LEVEL": "WARNING",
}


@dataclass
class Crawl:
    pages: list[list[str]]
    errors: list[list[str]]
    stats: dict[str, float]
    peak: float
    reason: str
    stderr: str

    @property
    def got(self) -> list[str]:
        return sorted(url for url, _ in self.pages)

    @property
    def failures(self) -> dict[str, str]:
        return {url: kind for url, kind, _ in self.errors}


@contextmanager
def started(
    site: Site, folder: Path, *urls: str, no_proxy: str = "", **settings: str
) -> Iterator[subprocess.Popen[str]]:
    (folder / "probe.py").write_text(SPIDER)
    options = [f"-s{name}={value}" for name, value in (SETTINGS | settings).items()]
    env = os.environ | site.env | {"PYTHONPATH": str(ROOT), "no_proxy": no_proxy}
    env |= {"PROBE_URLS": " ".join(urls), "PROBE_OUT": str(folder / "out")}
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "runspider", "probe.py", *options],
        cwd=folder,
        env=env,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def crawl(site: Site, folder: Path, *urls: str, **settings: str) -> Crawl:
    with started(site, folder, *urls, **settings) as process:
        _, stderr = process.communicate(timeout=30)
    return told(folder, stderr)


def told(folder: Path, stderr: str) -> Crawl:
    lines = [json.loads(line) for line in (folder / "out").read_text().splitlines()]
    last = dict(lines)
    several = {kind: [value for name, value in lines if name == kind] for kind in ("pages", "errors")}
    return Crawl(**several, stats=last["stats"], peak=last["peak"], reason=last["reason"], stderr=stderr)


@pytest.fixture
def site() -> Iterator[Site]:
    pages = {f"{home}/{number}": Page(BODY) for home in (HOME, OTHER) for number in range(6)}
    with Site(pages) as site:
        yield site


def times(site: Site, ending: str = "") -> list[float]:
    return [entry.time for entry in site.log if entry.url.endswith(ending)]


def gaps(moments: list[float]) -> list[float]:
    return [after - before for before, after in pairwise(moments)]


def robots(text: str) -> Page:
    return Page(text.encode(), 200, {"Content-Type": "text/plain"})


# Manners


def test_what_robots_txt_forbids_is_not_asked_for_and_that_is_said_once(site, tmp_path):
    site.pages[f"{HOME}/robots.txt"] = robots("User-agent: *\nDisallow: /1\nDisallow: /2\n")
    done = crawl(site, tmp_path, f"{HOME}/0", f"{HOME}/1", f"{HOME}/2")
    assert site.urls() == [f"{HOME}/robots.txt", f"{HOME}/0"]
    assert done.failures == {f"{HOME}/1": "IgnoreRequest", f"{HOME}/2": "IgnoreRequest"}
    assert done.stderr.count("robots.txt forbids") == 1


@pytest.mark.parametrize("throttle", ["0", "1"])
def test_the_crawl_delay_of_robots_txt_holds(site, tmp_path, throttle):
    site.pages[f"{HOME}/robots.txt"] = robots("User-agent: *\nCrawl-delay: 0.4\n")
    urls = [f"{HOME}/{number}" for number in range(4)]
    done = crawl(site, tmp_path, *urls, AUTOTHROTTLE_ENABLED=throttle, AUTOTHROTTLE_START_DELAY="0.1")
    assert done.got == urls
    assert min(gaps(times(site))[1:]) >= 0.3


def test_the_crawl_delay_never_shortens_the_users_own(site, tmp_path):
    site.pages[f"{HOME}/robots.txt"] = robots("User-agent: *\nCrawl-delay: 0.1\n")
    crawl(site, tmp_path, f"{HOME}/0", f"{HOME}/1", f"{HOME}/2", DOWNLOAD_DELAY="0.4")
    assert min(gaps(times(site))) >= 0.3


def test_all_hosts_of_the_site_share_one_delay(site, tmp_path):
    site.pages[f"{HOME}/0"] = Page(b"", 301, {"Location": f"{OTHER}/5"})
    crawl(site, tmp_path, f"{HOME}/0", f"{OTHER}/0", f"{HOME}/1", DOWNLOAD_DELAY="0.4")
    assert len(site.log) == 6  # two robots.txt, three pages, one redirect
    assert min(gaps(times(site))) >= 0.3


@pytest.mark.parametrize("kind", ["503", "reset", "truncated-gzip"])
def test_without_a_robots_txt_that_can_be_read_nothing_is_asked_for(site, tmp_path, kind):
    site.pages[f"{HOME}/robots.txt"] = robots("User-agent: *\n" + "Disallow: /x\n" * 200)
    site.faults.append(Fault("robots.txt", kind))
    done = crawl(site, tmp_path, f"{HOME}/0", DOWNLOAD_TIMEOUT="0.5", RETRY_TIMES="1")
    assert site.urls() == [f"{HOME}/robots.txt"] * 2
    assert done.failures == {f"{HOME}/0": "RobotsUnreachableError"}


def test_a_robots_txt_that_comes_back_lets_every_page_through(site, tmp_path):
    site.faults.append(Fault("robots.txt", "503", times=1, value="1"))
    urls = [f"{HOME}/{number}" for number in range(6)]
    done = crawl(site, tmp_path, *urls)
    assert done.got == urls
    assert gaps(times(site))[0] >= 1


def test_no_robots_txt_allows_everything(site, tmp_path):
    assert crawl(site, tmp_path, f"{HOME}/0").got == [f"{HOME}/0"]


# Refusals


@pytest.mark.parametrize("status", ["429", "503"])
def test_nothing_is_asked_for_before_the_seconds_of_retry_after(site, tmp_path, status):
    site.delay = 0.1  # longer than the crawl's own delay: the next request waits for this answer only
    site.faults.append(Fault("/0", status, times=1, value="1"))
    urls = [f"{HOME}/{number}" for number in range(4)]
    assert crawl(site, tmp_path, *urls).got == urls
    assert pause_after(site, status) >= 1


def test_nothing_is_asked_for_before_the_date_of_retry_after(site, tmp_path):
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=4)
    site.faults.append(Fault("/0", "503", times=1, value=format_datetime(moment, usegmt=True)))
    begun = monotonic(), datetime.now(UTC)
    urls = [f"{HOME}/{number}" for number in range(2)]
    assert crawl(site, tmp_path, *urls).got == urls
    assert pause_after(site, "503") >= 0.5
    assert begun[1] + timedelta(seconds=times(site)[-1] - begun[0]) >= moment


def pause_after(site: Site, status: str) -> float:
    refused = [str(entry.status) for entry in site.log].index(status)
    return gaps(times(site))[refused]


def test_without_a_delay_no_more_are_on_their_way_at_once_than_the_settings_say(site, tmp_path):
    site.delay = 0.3
    urls = [f"{HOME}/{number}" for number in range(6)]
    done = crawl(site, tmp_path, *urls, CONCURRENT_REQUESTS_PER_DOMAIN="2", DOWNLOAD_DELAY="0")
    assert done.got == urls
    moments = [moment for url in urls for moment in times(site, url)]
    assert all(sum(before <= after < before + 0.9 * site.delay for after in moments) <= 2 for before in moments)


def test_several_refusals_at_once_are_one_pause(site, tmp_path):
    site.delay = 0.2
    site.faults.append(Fault(r"/\d", "429", times=3, value="1"))
    urls = [f"{HOME}/{number}" for number in range(6)]
    done = crawl(site, tmp_path, *urls, CONCURRENT_REQUESTS_PER_DOMAIN="3")
    assert done.got == urls
    assert sum(gap >= 0.9 for gap in gaps(times(site))) == 1


def test_without_retry_after_the_pause_grows(site, tmp_path):
    site.faults.append(Fault("/0", "503", times=3))
    done = crawl(site, tmp_path, f"{HOME}/0", RETRY_PAUSE="0.2", RETRY_TIMES="3")
    first, second, third = gaps(times(site, "/0"))
    assert done.got == [f"{HOME}/0"]
    assert 0.2 <= first < second < third
    assert third >= 0.8


def test_a_short_outage_costs_no_page(site, tmp_path):
    urls = [f"{HOME}/{number}" for number in range(6)]
    site.faults.append(Fault(r"/\d", "reset", times=4))
    assert crawl(site, tmp_path, *urls).got == urls


def test_a_retry_after_beyond_the_maximum_is_cut(site, tmp_path):
    site.faults.append(Fault("/0", "429", times=1, value="9999999999999"))
    assert crawl(site, tmp_path, f"{HOME}/0", RETRY_AFTER_MAX="0.3").got == [f"{HOME}/0"]


@pytest.mark.parametrize("wait", ["retry-after", "crawl-delay"])
def test_a_signal_ends_the_run_whatever_it_waits_for(site, tmp_path, wait):
    if wait == "retry-after":
        site.faults.append(Fault("/0", "429", value="200"))
    else:
        site.pages[f"{HOME}/robots.txt"] = robots("User-agent: *\nCrawl-delay: 100\n")
    with started(site, tmp_path, *(f"{HOME}/{number}" for number in range(4))) as process:
        until(lambda: len(site.log) >= (2 if wait == "retry-after" else 1))
        process.send_signal(signal.SIGINT)
        asked = monotonic()
        _, stderr = process.communicate(timeout=20)
    assert monotonic() - asked < 5
    assert told(tmp_path, stderr).reason == "shutdown"


def test_closespider_timeout_ends_a_run_that_waits(site, tmp_path):
    site.faults.append(Fault("/0", "429", value="200"))
    begun = monotonic()
    assert crawl(site, tmp_path, f"{HOME}/0", CLOSESPIDER_TIMEOUT="2").reason == "closespider_timeout"
    assert monotonic() - begun < 8


def until(condition) -> None:
    end = monotonic() + 10
    while not condition():
        assert monotonic() < end
        threading.Event().wait(0.02)


# Nothing leaves the site


@contextmanager
def listener() -> Iterator[tuple[int, list[object]]]:
    """A port on loopback that keeps who came."""
    came: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        stop = threading.Event()

        def accept() -> None:
            while not stop.is_set():
                try:
                    connection, peer = server.accept()
                except TimeoutError:
                    continue
                came.append(peer)
                connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1], came
        finally:
            stop.set()
            thread.join()


def test_a_redirect_to_an_internal_address_reaches_no_one_also_after_a_retry(site, tmp_path):
    with listener() as (port, came):
        for number, first in enumerate(["500", "503", "short", "truncated-gzip"]):
            site.faults.append(Fault(f"/{number}", first, times=1))
        site.faults.append(Fault("/[0-4]", "redirect", value=f"http://127.0.0.1:{port}/secret"))
        done = crawl(site, tmp_path, *(f"{HOME}/{number}" for number in range(6)), no_proxy="127.0.0.1")
        assert came == []
    assert done.failures == {f"{HOME}/{number}": "OffSite" for number in range(5)}
    assert done.stats["redirect/refused"] == 5
    assert done.stats["retry/count"] == 4
    assert done.got == [f"{HOME}/5"]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "https://sindonews.com.evil.example/",
        "https://www.sindonews.com@evil.example/",
        "https://evil.example\\@www.sindonews.com/",
        "https://www.sindonews.com:8443/",
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://2130706433/",
        "file:///etc/passwd",
        "ftp://www.sindonews.com/",
    ],
)
def test_no_request_leaves_for_a_redirect_off_the_site(hostile, target):
    assert hostile.failures[f"{HOME}/{TARGETS.index(target)}"] == "OffSite"


TARGETS: list[str] = next(
    mark.args[1]
    for mark in test_no_request_leaves_for_a_redirect_off_the_site.pytestmark  # type: ignore[attr-defined]
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Iterator[Crawl]:
    """One crawl of a page for every target."""
    urls = [f"{HOME}/{number}" for number in range(len(TARGETS))]
    pages = {url: Page(b"", 302, {"Location": target}) for url, target in zip(urls, TARGETS, strict=True)}
    with Site(pages) as site:
        yield crawl(site, tmp_path_factory.mktemp("hostile"), *urls)
        assert set(site.tunnels) == {"www.sindonews.com:443"}
        assert all(url.startswith(HOME) for url in site.urls())


def test_a_redirect_from_http_to_https_is_followed(site, tmp_path):
    site.pages["http://www.sindonews.com/0"] = Page(b"", 301, {"Location": f"{HOME}/0"})
    assert crawl(site, tmp_path, "http://www.sindonews.com/0").got == [f"{HOME}/0"]


def test_a_redirect_loop_ends_as_a_failure(site, tmp_path):
    site.faults.append(Fault("/0", "redirect", value=f"{HOME}/0"))
    done = crawl(
        site, tmp_path, f"{HOME}/0", REDIRECT_MAX_TIMES="5", DUPEFILTER_CLASS="scrapy.dupefilters.BaseDupeFilter"
    )
    assert done.failures == {f"{HOME}/0": "IgnoreRequest"}


def test_a_meta_refresh_is_not_followed(site, tmp_path):
    site.faults.append(Fault("/0", "meta-refresh", value="https://evil.example/"))
    crawl(site, tmp_path, f"{HOME}/0")
    assert set(site.tunnels) == {"www.sindonews.com:443"}


def test_a_certificate_that_does_not_prove_the_host_is_refused(site, tmp_path):
    site.faults += [Fault("https://www", "wrong-authority"), Fault("https://international", "wrong-host")]
    urls = [f"{HOME}/0", f"{OTHER}/0"]
    done = crawl(site, tmp_path, *urls, ROBOTSTXT_OBEY="0", RETRY_TIMES="0")
    assert site.log == []
    assert sorted(done.failures) == sorted(urls)


# Damage

DAMAGED = ["truncated-gzip", "short", "cut", "cut-chunked", "empty", "drip", "silence", "reset"]
HANDLERS = {
    "http11": "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler",
    "aiohttp": "scrapy.core.downloader.handlers._aiohttp.AiohttpDownloadHandler",
}


def handler(name: str) -> str:
    return json.dumps(dict.fromkeys(("http", "https"), HANDLERS[name]))


@pytest.mark.parametrize("name", HANDLERS)
def test_a_damaged_page_is_asked_for_again_and_never_parsed(site, tmp_path, name):
    urls = [f"{HOME}/{kind}" for kind in DAMAGED]
    site.pages |= dict.fromkeys(urls, Page(BODY))
    site.faults += [Fault(f"/{kind}$", kind) for kind in DAMAGED]
    done = crawl(
        site,
        tmp_path,
        *urls,
        DOWNLOAD_HANDLERS=handler(name),
        RETRY_TIMES="1",
        DOWNLOAD_TIMEOUT="0.5",
        RETRY_AFTER_MAX="0.2",
    )
    assert done.pages == []
    assert sorted(done.failures) == sorted(urls)
    assert done.stats["retry/count"] == len(urls)


def test_a_damaged_page_is_never_parsed_without_retries_either(site, tmp_path):
    site.faults.append(Fault("/0", "truncated-gzip"))
    assert crawl(site, tmp_path, f"{HOME}/0", RETRY_ENABLED="0").failures == {f"{HOME}/0": "DamagedResponseError"}


@pytest.mark.parametrize("name", HANDLERS)
def test_damage_that_passes_costs_nothing_and_what_is_odd_but_whole_is_parsed(site, tmp_path, name):
    passing, odd = ["truncated-gzip", "short", "cut", "cut-chunked", "empty", "reset"], ["close-delimited", "soft-404"]
    urls = sorted(f"{HOME}/{kind}" for kind in passing + odd)
    site.pages |= dict.fromkeys(urls, Page(BODY))
    site.faults += [Fault(f"/{kind}$", kind, times=1) for kind in passing]
    site.faults += [Fault(f"/{kind}$", kind) for kind in odd]
    done = crawl(site, tmp_path, *urls, DOWNLOAD_HANDLERS=handler(name))
    assert done.got == urls
    assert {text for url, text in done.pages if "soft" not in url} == {BODY.decode()}


def test_a_wrong_charset_in_the_header_spoils_no_letter_and_broken_markup_is_no_damage(site, tmp_path):
    kinds = ["latin-1-header", "cp1252-bytes", "broken-markup"]
    site.faults += [Fault(f"/{number}", kind) for number, kind in enumerate(kinds)]
    done = crawl(site, tmp_path, *(f"{HOME}/{number}" for number in range(3)))
    texts = dict(done.pages)
    assert texts[f"{HOME}/0"] == texts[f"{HOME}/1"] == BODY.decode()
    assert "kata “petugas” – sejak" in texts[f"{HOME}/2"]


@pytest.mark.parametrize("name", HANDLERS)
def test_too_much_is_refused_with_little_memory(site, tmp_path, name):
    site.faults += [Fault("/0", "huge"), Fault("/1", "bomb")]
    urls = [f"{HOME}/{number}" for number in range(3)]
    done = crawl(site, tmp_path, *urls, DOWNLOAD_HANDLERS=handler(name), DOWNLOAD_TIMEOUT="20")
    assert done.got == [f"{HOME}/2"]
    assert sorted(done.failures) == urls[:2]
    assert len(site.log) == 4
    assert done.peak < 200
