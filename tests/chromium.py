"""A page in a real browser, Debian's Chromium, and everything it says and asks for."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium")
needed = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium")


class Opened(NamedTuple):
    """A page."""

    page: Page
    asked: list[str]
    """URL of every request that was made, the page's own first."""
    said: list[str]
    """What stood in the console, and errors of scripts."""


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        options = ["--no-sandbox"] if os.getuid() == 0 else []
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield started
        started.close()


@contextmanager
def opened(browser: Browser, path: Path, **how: Any) -> Iterator[Opened]:
    """The page of a file, drawn; `how` is for the browser's context: viewport, locale, color_scheme …"""
    context = browser.new_context(**how)
    found = Opened(context.new_page(), [], [])
    context.on("request", lambda request: found.asked.append(request.url))
    found.page.on("console", lambda message: found.said.append(message.text))
    found.page.on("pageerror", lambda error: found.said.append(str(error)))
    found.page.on("dialog", lambda dialog: (found.said.append(dialog.message), dialog.dismiss()))
    found.page.goto(path.absolute().as_uri())
    if how.get("java_script_enabled", True):
        found.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    yield found
    context.close()
