"""How the browser is started: behind a wall, in the sandbox, and with a watchdog that ends it with us."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from tempfile import mkdtemp
from typing import Any

import psutil
from playwright.async_api import Browser, BrowserContext, Playwright, async_playwright
from scrapy.exceptions import NotSupported

from newsspider.browser import LaunchError

WALL = (
    "--proxy-server=http://wall.invalid:1",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
)
"""No connection of the browser's own leads anywhere: every one goes to a proxy whose name cannot be resolved."""
LEAN = ("--disable-gpu", "--mute-audio", "--blink-settings=imagesEnabled=false")
START = 15.0
"""Seconds that a start may take."""


def options(path: str) -> dict[str, Any]:
    """PLAYWRIGHT_LAUNCH_OPTIONS: the sandbox is on, but for root, for whom Chromium has none."""
    return {
        "executable_path": path,
        "args": [*WALL, *LEAN],
        "chromium_sandbox": os.geteuid() != 0,
        "handle_sigint": False,
        "handle_sigterm": False,
        "handle_sighup": False,
        "timeout": START * 1000,
    }


class Chromium:
    """PLAYWRIGHT_BROWSER_PROVIDER. Nothing is started before the first page; then a driver, and browsers through it."""

    def __init__(self, config: Any) -> None:
        self.options = config.launch_options
        self.playwright: Playwright | None = None
        self.folder: str | None = None
        self.watchdog: subprocess.Popen[bytes] | None = None
        self.lost: Callable[[Browser], None] = lambda _: None
        """Called when a browser is gone."""

    async def start(self) -> None:
        """Nothing."""

    async def launch_browser(self) -> Browser:
        """Raises LaunchError."""
        try:
            async with asyncio.timeout(START):
                if self.playwright is None:
                    self.playwright = await self._driver()
                browser = await self.playwright.chromium.launch(**self.options)
                browser.on("disconnected", lambda _: self.lost(browser))
                return browser
        except Exception as error:  # also a driver that is gone, for which there is no class
            self.end()
            raise LaunchError(str(error)) from None

    async def _driver(self) -> Playwright:
        self.folder = mkdtemp(prefix="newsspider-browser-")
        self.watchdog = subprocess.Popen(  # noqa: S603 (ourselves)
            [sys.executable, "-m", "newsspider.browser.watchdog", self.folder],
            stdin=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,
        )
        with _temporary(self.folder):
            return await async_playwright().start()

    async def launch_persistent_context(self, context_kwargs: dict[str, Any]) -> BrowserContext:
        raise NotSupported

    async def close(self) -> None:
        if self.playwright:
            await self.playwright.stop()

    def processes(self) -> list[psutil.Process]:
        """The driver, the browser and what they started."""
        watchdog = self.watchdog
        ours = psutil.Process().children(recursive=True) if watchdog else []
        return [one for one in ours if watchdog and one.pid != watchdog.pid]

    def kill(self) -> None:
        """The browser, whatever state it is in. The driver lives, and starts the next one."""
        me = os.getpid()
        _kill(one for one in self.processes() if _parent(one) != me)

    def end(self) -> None:
        """All of it, whatever state it is in."""
        _kill(self.processes())
        self.playwright = None
        if self.watchdog:
            assert self.watchdog.stdin
            self.watchdog.stdin.close()
            self.watchdog.wait()
            self.watchdog = None
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None


def _parent(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        return process.ppid()
    return 0


def _kill(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.Error):
            process.kill()


@contextmanager
def _temporary(folder: str) -> Iterator[None]:
    """The driver's files, and the browser's profile, are where the watchdog clears up."""
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = folder
    try:
        yield
    finally:
        os.environ.pop("TMPDIR")
        if before is not None:
            os.environ["TMPDIR"] = before
