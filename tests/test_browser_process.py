"""The browser as a process: found, started again, and gone when the crawl is gone, whatever ended either."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from newsspider.browser.found import found
from newsspider.browser.launch import WALL, options
from tests.browsers import at_work, end_of, mains, needs_browser, rendering
from tests.ledgers import crawl, delivered, sql
from tests.site import Pages, many
from tests.site.scripted import scripted
from tests.site.server import Site

FOUND = many.stories(6)


def pages(*ways: str) -> Pages:
    """So many articles come in these ways; the others are plain."""
    plain = many.site(FOUND)
    return plain | {
        url: page for story, way in zip(FOUND, ways, strict=False) for url, page in scripted(plain, story, way).items()
    }


HUNG = ("-s", "BROWSER_HUNG=2.5")
LONG = ("-s", "BROWSER_WAIT=60", "-O", "out.jsonl")


@needs_browser
@pytest.mark.parametrize(
    ("end", "args"),
    [
        (signal.SIGTERM, ()),
        (None, ("-s", "CLOSESPIDER_TIMEOUT=4", "-s", "LEDGER_URL=")),
        (None, ("-s", "RUN_DEADLINE=4")),
    ],
    ids=["SIGTERM", "CLOSESPIDER_TIMEOUT", "RUN_DEADLINE"],
)
def test_no_page_holds_up_an_end_and_no_process_is_left(
    end: signal.Signals | None, args: tuple[str, ...], tmp_path: Path
) -> None:
    with Site(pages("never", "endless")) as site, at_work(site, tmp_path, *LONG, *args) as (process, started):
        assert mains(started)
        since = time.monotonic()
        if end:
            process.send_signal(end)
        process.communicate(timeout=15)
        assert time.monotonic() - since < (5 if end else 9)
        assert process.returncode == 4
        assert end_of(started) == []


@needs_browser
@pytest.mark.parametrize("hangs", [False, True], ids=["at work", "hanging"])
def test_a_kill_9_leaves_no_process_and_no_file_and_the_next_run_goes_on(hangs: bool, tmp_path: Path) -> None:
    with Site(pages("fetched", "late", "never", "fetched")) as site:
        with at_work(site, tmp_path, *LONG) as (process, started):
            folder = _temporary(started)
            for each in mains(started) if hangs else ():
                each.suspend()
            process.kill()
            process.communicate(timeout=5)
            assert end_of(started) == []
            assert not _lasts(folder)
        if hangs:
            return
        done, _ = rendering(site, tmp_path)
    assert done.returncode == 0, done.stderr
    assert delivered(tmp_path / "out.jsonl") == {story.url: 1 for story in FOUND if story != FOUND[2]}


def _temporary(started: list[psutil.Process]) -> Path:
    return next(Path(one.environ()["TMPDIR"]) for one in mains(started))


def _lasts(folder: Path) -> bool:
    end = time.monotonic() + 5
    while folder.exists() and time.monotonic() < end:
        time.sleep(0.05)
    return folder.exists()


@needs_browser
@pytest.mark.parametrize("trouble", [signal.SIGKILL, signal.SIGSTOP], ids=["crashes", "hangs"])
def test_a_browser_that_fails_is_started_again_and_nothing_is_lost(trouble: signal.Signals, tmp_path: Path) -> None:
    with Site(pages("late", "late", "late", "fetched")) as site:
        with at_work(site, tmp_path, "-O", "out.jsonl", *HUNG) as (process, started):
            time.sleep(0.7)  # wherever it is by then
            (main,) = mains(started)
            main.send_signal(trouble)
            process.communicate(timeout=60)
            assert process.returncode == 0
            assert end_of(started) == []
        assert delivered(tmp_path / "out.jsonl") == dict.fromkeys(many.urls(FOUND), 1)


@needs_browser
def test_a_page_that_hangs_the_browser_each_time_is_failed_and_the_others_are_not(tmp_path: Path) -> None:
    with Site(pages("endless", "late", "fetched")) as site:
        done, stats = rendering(site, tmp_path, *HUNG)
    assert done.returncode == 0, done.stderr
    assert delivered(tmp_path / "out.jsonl").keys() == many.urls(FOUND) - {FOUND[0].url}
    ((state, reason),) = sql(tmp_path, "SELECT state, reason FROM pages WHERE url = ?", FOUND[0].url)
    assert (state, reason) == ("failed", "the browser failed on it: it hangs")
    assert stats["browser/restarts"] == 2


@needs_browser
def test_a_browser_that_grows_out_of_bounds_is_ended(tmp_path: Path) -> None:
    with Site(pages("never")) as site:
        done, stats = rendering(site, tmp_path, "-s", "BROWSER_MEMORY=50", "-s", "BROWSER_WAIT=20")
    assert done.returncode == 0, done.stderr
    assert "more than BROWSER_MEMORY (50)" in done.stderr
    assert stats["browser/memory_mb"] > 50
    assert delivered(tmp_path / "out.jsonl").keys() == many.urls(FOUND) - {FOUND[0].url}


def test_playwrights_own_chromium_comes_before_the_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from playwright.sync_api import sync_playwright

    system = tmp_path / "bin" / "google-chrome"
    system.parent.mkdir()
    system.write_text("")
    system.chmod(0o755)
    monkeypatch.setenv("PATH", str(system.parent))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    assert found() == str(system)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    own.parent.mkdir(parents=True)
    own.write_text("")
    assert found() == str(own)


def test_without_a_browser_one_line_says_how_to_get_one(tmp_path: Path) -> None:
    nothing = {"PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}
    with Site(many.site(FOUND)) as site:
        for args, code in ((("-s", "BROWSER_WHEN=empty"), 1), (("-a", "source=scroll"), 1), ((), 0)):
            done = _crawl_with(site, tmp_path, nothing, *args)
            assert done[0] == code, done[1]
            if code:
                (line,) = done[1].strip().splitlines()
                assert "could not start" in line
                assert "apt-get install chromium" in line
                assert not site.log


def _crawl_with(site: Site, folder: Path, env: dict[str, str], *args: str) -> tuple[int, str]:
    from tests.process import FAST, scrapy

    done = scrapy("crawl", "sindonews", *FAST, "-O", "out.jsonl", *args, cwd=folder, env=site.env | env)
    return done.returncode, done.stderr


def test_a_browser_that_does_not_start_ends_the_run_and_the_page_is_owed(tmp_path: Path) -> None:
    broken = tmp_path / "bin" / "chromium"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho No usable sandbox! >&2\nexit 1\n")
    broken.chmod(0o755)
    env = {"PATH": f"{broken.parent}:{os.environ['PATH']}", "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}
    with Site(pages("fetched")) as site:
        code, told = _crawl_with(site, tmp_path, env, "-s", "BROWSER_WHEN=empty")
    assert code == 1
    assert "cannot be started" in told
    assert "chromium-sandbox" in told
    assert "Traceback" not in told
    assert sql(tmp_path, "SELECT count(*) FROM owed") == [(1,)]


def test_an_unknown_word_for_when_is_refused_with_those_that_are_allowed(tmp_path: Path) -> None:
    with Site({}) as site:
        done = crawl(site, tmp_path, "-s", "BROWSER_WHEN=sometimes")
        assert done.returncode == 2
        assert "never, empty, always" in done.stderr
        assert not site.log


@pytest.mark.parametrize(("user", "sandboxed"), [(0, False), (1000, True)])
def test_the_sandbox_is_on_but_for_root(user: int, sandboxed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    chosen = options("/usr/bin/chromium")
    assert chosen["chromium_sandbox"] is sandboxed
    assert set(WALL) <= set(chosen["args"])
