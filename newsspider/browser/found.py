"""Which browser? Found, not configured: Playwright's own Chromium, else the system's."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import playwright

from newsspider.browser import BrowserError

SYSTEM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OWN = {
    "chromium-headless-shell": "chromium_headless_shell-{revision}/*/*headless*shell",
    "chromium": "chromium-{revision}/*/chrome",
}
"""Of Playwright's browsers, where each is unpacked; `{revision}` is the one that this Playwright was made for."""


def found() -> str:
    """The path of a Chromium. Raises BrowserError."""
    own = next(_own(), None)
    path = str(own) if own else next(filter(None, map(shutil.which, SYSTEM)), None)
    if path is None:
        raise BrowserError(
            "the browser room needs Chromium, and none is installed: `apt-get install chromium` (Debian, Ubuntu)"
            " or `.venv/bin/playwright install chromium` gets one; -s BROWSER_WHEN=never does without"
        )
    return path


def _own() -> Iterator[Path]:
    """Where `playwright install chromium` puts them, the smaller one first."""
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    listed = json.loads((Path(playwright.__file__).parent / "driver/package/browsers.json").read_text("utf-8"))
    revisions = {browser["name"]: browser["revision"] for browser in listed["browsers"]}
    for name, place in OWN.items():
        yield from sorted(folder.glob(place.format(revision=revisions[name])))
