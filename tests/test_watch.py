"""How long may a page be read? One that takes too long is failed, and holds nothing up."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledgers import crawl, delivered, one_line, spoilt, sql
from tests.process import ROOT
from tests.site import Page, many
from tests.site.faults import HTML
from tests.site.server import Site

FOUND = many.stories(60)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(many.site(FOUND)) as site:
        yield site


def test_a_page_that_takes_too_long_to_read_is_failed(site: Site, tmp_path: Path) -> None:
    slow = "def parse_whole(self, response, url):\n        while True: yield from ()"
    done = spoilt(site, tmp_path, slow, "-s", "PAGE_DEADLINE=0.05")
    assert done.returncode == 3
    assert "60 failed, 0 owed" in done.stderr.splitlines()[-1]


TWO_PAGES = """
from time import monotonic, sleep
from newsspider.ledger.watch import PageDeadlineError, Watch
watch = Watch(None, None, 1.0)
with watch.over("one"):
    sleep(0.6)
began = monotonic()
try:
    with watch.over("two"):
        sleep(30)
except PageDeadlineError:
    print(monotonic() - began)
"""


def test_a_page_has_its_whole_time_though_one_alarm_serves_for_many() -> None:
    done = subprocess.run([sys.executable, "-c", TWO_PAGES], cwd=ROOT, text=True, capture_output=True, timeout=30)
    assert done.stderr == ""
    assert 1 <= float(done.stdout) < 2


ENDS_LATE = """
from time import sleep
from newsspider.ledger.watch import Watch
class Late:
    def __del__(self, sleep=sleep):
        sleep(1)
late = Late()
watch = Watch(None, None, 0.5)
with watch.over("one"):
    pass
"""


def test_an_alarm_that_is_on_its_way_does_not_reach_a_process_that_puts_its_things_away() -> None:
    done = subprocess.run([sys.executable, "-c", ENDS_LATE], cwd=ROOT, text=True, capture_output=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_page_that_a_parser_is_lost_in_ends_the_run_and_is_left_out_by_the_next(tmp_path: Path) -> None:
    bomb = b" ".join(b"a%d=1" % number for number in range(300_000))
    pages = many.site(FOUND)
    for url in [url for url in pages if FOUND[5].id in url]:
        pages[url] = Page(b"<html><body " + bomb + b"></body></html>", 200, HTML)
    with Site(pages) as site:
        stuck = crawl(site, tmp_path, "-s", "PAGE_DEADLINE=1")
        assert (stuck.returncode, "a page held up its reader" in one_line(stuck)) == (4, True)
        assert sql(tmp_path, "SELECT url FROM pages WHERE state = 'failed'") == [(FOUND[5].url,)]
        assert crawl(site, tmp_path, "-s", "PAGE_DEADLINE=1").returncode == 0
        assert delivered(tmp_path / "out.jsonl").keys() == many.urls(FOUND) - {FOUND[5].url}
