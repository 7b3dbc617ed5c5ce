"""Polite and safe by default, and `-s` changes it. What the download room does on its own is in its own tests."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import newsspider
from tests.process import FAST, scrapy
from tests.site import content
from tests.site.faults import Fault
from tests.site.server import Site


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(content.pages()) as site:
        yield site


def crawl(site: Site, folder: Path, *args: str) -> str:
    site.log.clear()
    run = scrapy("crawl", "sindonews", "-a", "limit=2", "-s", "NEWEST_PAGES=1", *args, cwd=folder, env=site.env)
    assert run.returncode == 0, run.stderr
    return run.stderr


def gaps(site: Site) -> list[float]:
    """Seconds between requests, over all hosts, robots.txt included."""
    times = [entry.time for entry in site.log]
    return [later - earlier for earlier, later in pairwise(times)]


def test_by_default_the_site_is_asked_once_a_second(site: Site, tmp_path: Path) -> None:
    crawl(site, tmp_path)
    assert len(site.log) >= 4
    assert min(gaps(site)) > 0.95


def test_the_delay_can_be_changed_with_s(site: Site, tmp_path: Path) -> None:
    crawl(site, tmp_path, *FAST)
    assert max(gaps(site)) < 0.95


def test_robots_txt_is_asked_first(site: Site, tmp_path: Path) -> None:
    crawl(site, tmp_path, *FAST)
    assert site.urls()[0] == "https://international.sindonews.com/robots.txt"


def test_the_user_agent_says_who_asks_and_whom_to_write_to(site: Site, tmp_path: Path) -> None:
    crawl(site, tmp_path, *FAST, "-s", "CONTACT=mailto:tim@universitas.example")
    agents = {entry.user_agent for entry in site.log}
    assert agents == {f"newsspider/{newsspider.__version__} (+mailto:tim@universitas.example)"}


def test_nothing_listens(site: Site, tmp_path: Path) -> None:
    log = crawl(site, tmp_path, *FAST, "-L", "DEBUG")
    assert "telnet" not in log.lower().replace("telnetconsole_enabled", "")
    assert "remotecontrol" not in log.lower()


def test_what_could_not_be_had_is_said_once(site: Site, tmp_path: Path) -> None:
    url = next(story.url for story in content.STORIES if story.whole == "served" and story.status == "200")
    site.faults = [Fault(url, "empty")]
    log = crawl(site, tmp_path, *FAST, "-a", f"url={url}", "-s", "RETRY_TIMES=1", "-s", "RETRY_PAUSE=0.1")
    site.faults = []
    assert [line.partition("WARNING ")[2] for line in log.splitlines()[:-1]] == [
        f"{url}?showpage=all could not be had: it is empty"
    ]


def test_certificates_are_verified(site: Site, tmp_path: Path) -> None:
    env = {**site.env, "SSL_CERT_FILE": "/dev/null"}
    run = scrapy(
        "crawl",
        "sindonews",
        *FAST,
        "-s",
        "RETRY_TIMES=0",
        "-s",
        "OUTAGE_PATIENCE=1",
        "-O",
        "a.jsonl",
        cwd=tmp_path,
        env=env,
    )
    assert not (tmp_path / "a.jsonl").exists()
    assert run.returncode == 4
    assert "the site's certificate cannot be trusted" in run.stderr
