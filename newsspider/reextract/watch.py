"""A line that moves while a terminal watches; a cron's log gets nothing of it."""

import sys
from typing import Any

from tqdm import tqdm

TOLD = {"bytes": "looking for pages", "articles": "reading articles"}


class Bar:
    """On stderr."""

    def __init__(self) -> None:
        self.bar: tqdm[Any] | None = None

    def begin(self, what: str, total: int) -> None:
        """Something else is counted from now on."""
        self.close()
        if sys.stderr.isatty():
            scale = what == "bytes"
            desc = TOLD.get(what, what)
            self.bar = tqdm(total=total, desc=desc, unit="B" if scale else "", unit_scale=scale, leave=False)

    def add(self, number: int) -> None:
        if self.bar is not None:
            self.bar.update(number)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None
