"""A run's end, told to a person who reads it on a phone."""

import socket
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from newsspider.exits import NOT_FINISHED, OBJECTED, OUTPUT_FAILED
from newsspider.ledger.run import NAMES, REASONS

LONGEST_LINE = 300
LONGEST_SUBJECT = 120
LONGEST = 2000
"""Characters of a text: Telegram takes 4,096 units of UTF-16, Slack shows 4,000 characters."""
MOST = 5
"""Findings that are told whole; the others are counted."""

AGAIN = "The next run of the same command goes on where this one ended."
BLOCKED = "See with a browser on that machine whether the site lets you in; a longer DOWNLOAD_DELAY asks for less."
CHANGED = (
    "What came is in the feeds all the same. If the site has changed, its layouts in newsspider/sites/ want mending"
)
MEND = "Mend what is named above; then the same command goes on."


class Message(NamedTuple):
    """Plain text; every line of the subject and the text is free of what could be more than text."""

    subject: str
    text: str


def message(record: dict[str, Any]) -> Message:
    """Of a `record`, which is what run.json says."""
    head = f"{record['spider']}: {what_happened(record)}"
    return Message(f"newsspider {clean(head, LONGEST_SUBJECT)}", _cut([clean(line) for line in _lines(head, record)]))


def what_happened(record: dict[str, Any]) -> str:
    """In one line."""
    findings, reason = record["findings"], REASONS.get(record["reason"], record["reason"])
    if record["exitcode"] == OBJECTED:
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        return f"finished, but {findings[0]['told']}{more}" if findings else "finished, but not all lists could be read"
    return f"not finished ({reason})" if record["exitcode"] == NOT_FINISHED else f"failed: {reason}"


def clean(text: str, longest: int = LONGEST_LINE) -> str:
    """One line without control, invisible and half characters.

    >>> clean("Judul\\r\\nBcc: x@y.example\\u202e  akhir\\ud800")
    'Judul Bcc: x@y.example akhir'
    """
    seen = "".join(each if unicodedata.category(each)[0] != "C" or each.isspace() else "" for each in text)
    line = " ".join(seen.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _lines(head: str, record: dict[str, Any]) -> Iterator[str]:
    yield f"{head} (exit {record['exitcode']})"
    findings = record["findings"]
    for finding in findings[:MOST]:
        yield ""
        if finding["told"] not in head:
            yield finding["told"]
        yield from _finding(finding)
    if len(findings) > MOST:
        yield f"and {len(findings) - MOST} more, see run.json"
    yield ""
    yield _counts(record)
    yield _to_do(record)
    yield ""
    run = f"run {record['run']} " if "run" in record else ""
    yield f"{run}on {socket.gethostname()}, {Path.cwd()}"


def _finding(finding: dict[str, Any]) -> Iterator[str]:
    figures = [f"{name} {figure(finding[name])}" for name in ("usual", "today") if finding[name] is not None]
    yield f"{finding['name']}: {', '.join(figures)}" if figures else finding["name"]
    yield from finding["examples"]
    yield from (f"kept: {folder}" for folder in finding["kept"])


def figure(number: float) -> str:
    """
    >>> figure(0.98765), figure(60.0), figure(1234567)
    ('0.988', '60', '1,234,567')
    """
    return f"{number:,.3f}".rstrip("0").rstrip(".")


def _counts(record: dict[str, Any]) -> str:
    counts = record["counts"]
    return ", ".join(f"{counts[name]} {name}" for name in (*NAMES, "owed") if counts.get(name) is not None) + "."


def _to_do(record: dict[str, Any]) -> str:
    if record["exitcode"] == OBJECTED:
        return f"{CHANGED}{'; the examples show where' * any(each['examples'] for each in record['findings'])}."
    if record["exitcode"] == OUTPUT_FAILED:
        return MEND
    if record["reason"] == "blocked":
        return BLOCKED
    return AGAIN if "ledger" in record else "Run the same command again."


def _cut(lines: list[str]) -> str:
    text = "\n".join(lines)
    if len(text) <= LONGEST:
        return text
    return text[: text.rindex("\n", 0, LONGEST - 30)] + "\n… cut; run.json has all of it"
