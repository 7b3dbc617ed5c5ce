"""What run.json, beside a feed, says of it."""

import json
from pathlib import Path
from typing import Any

from newsspider.feeds.hash import sha256
from newsspider.verify.report import Report


def compare(report: Report, file: Path, articles: int) -> None:
    """SHA-256 and count; a feed that was appended to has more articles than the last run delivered."""
    said = _said(file)
    if said is None:
        report.unrecorded += 1
    elif said["sha256"] != sha256(file):
        report.add("hash", f"is not as it was published: {articles} articles, {said['rows']} in run.json", file.name)
    elif articles < said["rows"]:
        report.add("count", f"{articles} articles, {said['rows']} in run.json", file.name)


def _said(file: Path) -> dict[str, Any] | None:
    """By its path, or else by its name: folders are moved."""
    try:
        feeds = json.loads((file.parent / "run.json").read_text("utf-8"))["feeds"]
        found = [feed for feed in feeds if Path(feed["path"]).name == file.name]
        return found[0] if found else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
