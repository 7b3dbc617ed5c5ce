"""Where reports stand: <folder>/<spider>/<run>.html, and latest.html beside them."""

import re
from pathlib import Path

from newsspider.feeds import whole

LATEST = "latest.html"
_OF_RUN = re.compile(r"(\d+)\.html")


def path(folder: Path, spider: str, run: int) -> Path:
    """Of a run's report."""
    return folder / spider / f"{run}.html"


def write(at: Path, page: str, *, latest: bool) -> None:
    """The page is there whole or not at all; `latest`: in latest.html too. Raises OSError."""
    at.parent.mkdir(parents=True, exist_ok=True)
    for target in (at, at.with_name(LATEST)) if latest else (at,):
        whole.write(target, page, "xmlcharrefreplace")


def earlier(folder: Path) -> dict[int, Path]:
    """Run -> its report, of those that are there."""
    found = ((_OF_RUN.fullmatch(file.name), file) for file in folder.glob("*.html"))
    return {int(match[1]): file for match, file in found if match}


def thin(folder: Path, kept: int) -> None:
    """Of more reports than `kept` the oldest go: each can be made again. 0: all stay. Raises OSError."""
    there = earlier(folder)
    for run in sorted(there)[: max(len(there) - kept, 0)] if kept else ():
        there[run].unlink(missing_ok=True)
