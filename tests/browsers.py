"""Crawls with a real browser; what they did, and what is left of them."""

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from newsspider.browser import BrowserError
from newsspider.browser.found import found
from tests.kills import start
from tests.ledgers import crawl
from tests.site.server import Site


def _is_here() -> bool:
    try:
        return bool(found())
    except BrowserError:
        return False


needs_browser = pytest.mark.skipif(not _is_here(), reason="no Chromium is installed (apt-get install chromium)")
EMPTY = ("-s", "BROWSER_WHEN=empty", "-s", "BROWSER_WAIT=3", "-s", "STATS_DUMP=1", "-L", "INFO")


def rendering(site: Site, folder: Path, *args: str) -> tuple[subprocess.CompletedProcess[str], dict[str, float]]:
    """A crawl to its end, and the numbers in its stats."""
    done = crawl(site, folder, *EMPTY, *args)
    return done, {name: float(number) for name, number in re.findall(r"'([\w/ -]+)': ([\d.]+)[,}]", done.stderr)}


def alive(processes: list[psutil.Process]) -> list[str]:
    found = []
    for process in processes:
        with suppress(psutil.Error):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.name())
    return found


def end_of(processes: list[psutil.Process], seconds: float = 5.0) -> list[str]:
    """What still runs when that time is over."""
    end = time.monotonic() + seconds
    while alive(processes) and time.monotonic() < end:
        time.sleep(0.05)
    return alive(processes)


@contextmanager
def at_work(site: Site, folder: Path, *args: str) -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process]]]:
    """A crawl that has a page in its browser, and all processes that it started."""
    process = start(site, folder, *EMPTY[:4], "-s", "RETRY_PAUSE=0.1", "-L", "CRITICAL", *args)
    try:
        me, end = psutil.Process(process.pid), time.monotonic() + 20
        while not renderers(me) and process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        yield process, me.children(recursive=True)
    finally:
        process.kill()
        process.communicate()


def renderers(crawling: psutil.Process) -> list[psutil.Process]:
    """The processes that hold pages."""
    return [one for one in _children(crawling) if "--type=renderer" in _command(one)]


def mains(processes: list[psutil.Process]) -> list[psutil.Process]:
    """The browser itself."""
    return [one for one in processes if any("--user-data-dir" in word for word in _command(one)) and not _typed(one)]


def _typed(process: psutil.Process) -> bool:
    return any(word.startswith("--type=") or "crashpad" in word for word in _command(process)[:2])


def _children(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return process.children(recursive=True)
    return []


def _command(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []
