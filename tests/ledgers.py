"""Crawls of a site of many articles, in a folder, with a ledger."""

import json
import sqlite3
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

from tests.process import FAST, ROOT, scrapy
from tests.site.server import Site

MANY = (*FAST, "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=16", "-s", "RETRY_PAUSE=0.1", "-s", "LOG_LEVEL=CRITICAL")
OUT = ("-O", "out.jsonl")
LEDGER = Path(".newsspider", "sindonews.sqlite")


def crawl(site: Site, folder: Path, *args: str, feeds: tuple[str, ...] = OUT) -> subprocess.CompletedProcess[str]:
    """`scrapy crawl sindonews` to its end; its last line is that of the spider."""
    done = scrapy("crawl", "sindonews", *MANY, *feeds, *args, cwd=folder, env=site.env, timeout=60)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def delivered(path: Path) -> Counter[str]:
    """URL -> how often it stands in a feed."""
    return Counter(json.loads(line)["url"] for line in path.read_text("utf-8").splitlines())


def asked(site: Site, since: int = 0) -> list[str]:
    """What was asked for, robots.txt aside."""
    return [url for url in site.urls()[since:] if not url.endswith("/robots.txt")]


def sql(folder: Path, statement: str, *values: Any) -> list[Any]:
    """A look into the ledger, or a change of it."""
    with sqlite3.connect(folder / LEDGER) as connection:
        found = connection.execute(statement, values).fetchall()
    connection.close()
    return found


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """All that was said on stderr."""
    [line] = done.stderr.strip().splitlines()
    return line


def spoilt(
    site: Site, folder: Path, method: str, *args: str, feeds: tuple[str, ...] = OUT
) -> subprocess.CompletedProcess[str]:
    """A crawl of a spider of which one method, or attribute, is another."""
    (folder / "spoilt.py").write_text(
        "from newsspider.spiders.sindonews import SindonewsSpider\n\n\n"
        f"class Spoilt(SindonewsSpider):\n    name = 'sindonews'\n\n    {method}\n"
    )
    env = site.env | {"PYTHONPATH": f"{ROOT}:{folder}"}
    many_at_once = ("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=16", "-s", "SPIDER_MODULES=spoilt")
    return scrapy("crawl", "sindonews", *FAST, *many_at_once, *feeds, *args, cwd=folder, env=env)
