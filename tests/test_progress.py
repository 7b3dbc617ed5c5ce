"""What a person sees: a moving line on a terminal, one line in a cron's mail."""

import os
import pty
import re
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path

from tests import histories
from tests.ledgers import LEDGER
from tests.process import FAST, environment, scrapy
from tests.site import content, many
from tests.site.server import Site
from tests.warcs import Kept, pages, write

RANGE = ("-a", "since=2026-07-23", "-a", "until=2026-07-24")


def on_a_terminal(folder: Path, env: dict[str, str], *args: str) -> str:
    """What `scrapy ARGS` writes to a terminal."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (25, 120))
    command = [sys.executable, "-m", "scrapy", *args]
    with subprocess.Popen(command, cwd=folder, env=environment(env), stderr=theirs, stdout=subprocess.DEVNULL) as run:
        os.close(theirs)
        seen = b""
        with suppress(OSError):  # the other end is closed
            while chunk := os.read(ours, 4096):
                seen += chunk
    os.close(ours)
    assert run.returncode == 0
    return seen.decode()


def test_a_terminal_sees_days_articles_pages_rate_and_errors(tmp_path: Path) -> None:
    with Site(content.pages(), delay=0.15) as site:
        seen = on_a_terminal(tmp_path, site.env, "crawl", "sindonews", *FAST, *RANGE)
    assert re.search(r"sindonews [12]/2 days, \S+ left, articles [1-9]\d*, pages [1-9]\d*, \d+\.\d/s, errors \d", seen)


def test_a_line_of_the_log_does_not_run_into_the_moving_line(tmp_path: Path) -> None:
    with Site(content.pages(), delay=0.15) as site:
        seen = on_a_terminal(
            tmp_path, site.env, "crawl", "sindonews", *FAST, *RANGE, "-s", "LOG_FORMAT=LOG %(message)s"
        )
    assert "LOG " in seen
    assert not re.search(r"errors \d+ *LOG ", seen)


SUMMARY = r"sindonews: finished; 2 new, 0 updated, 0 gone, 0 failed, 0 owed, \d+ s; \S+\.jsonl \(2\), \S+\.csv \(2\)\n"


def test_a_cron_gets_one_line(tmp_path: Path) -> None:
    with Site(content.pages()) as site:
        run = scrapy("crawl", "sindonews", *FAST, "-a", "subsections=41", "-a", "limit=2", cwd=tmp_path, env=site.env)
    assert re.fullmatch(SUMMARY, run.stderr)
    assert run.stdout == ""


def test_a_terminal_sees_how_far_the_extraction_is(tmp_path: Path) -> None:
    kept = write(tmp_path / "x.warc.gz", [pages(story)["whole"] for story in many.stories(600)])
    torn = write(tmp_path / "y.warc.gz", [Kept("https://www.sindonews.com/", b"x", kind="resource")])
    args = ("reextract", "--warc", str(kept), str(torn), "-O", "out.jsonl", "--workers", "1")
    seen = on_a_terminal(tmp_path, {}, *args)
    assert re.search(r"\rlooking for pages: .*\d+%", seen)
    assert re.search(r"\rreading articles: .*[1-9]\d*/600 ", seen)
    assert re.search(r"\r *\r/\S+y.warc.gz: the record at byte \d+ is left out: foreign", seen)


def test_a_terminal_sees_how_far_a_copy_of_the_ledger_is(tmp_path: Path) -> None:
    histories.write(tmp_path, 3)
    seen = on_a_terminal(tmp_path, {}, "ledger", "copy", str(LEDGER), "copy.sqlite")
    assert re.search(r"\rcopying: .* 0/\d+ .*\rcomparing: .* 0/\d+ .*\rscrapy ledger: copied; \d+ rows ", seen)
