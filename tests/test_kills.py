"""Kill it at any moment, run the same command again: every feed holds every article exactly once."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kills import Report, judge, read, torment
from tests.site import many
from tests.site.server import Site

ARTICLES = many.stories(240)
DAYS = ("-a", f"since={ARTICLES[-1].time:%Y-%m-%d}", "-a", f"until={ARTICLES[0].time:%Y-%m-%d}")
FEEDS = {
    "a.jsonl.gz": {"format": "jsonlines", "postprocessing": ["scrapy.extensions.postprocessing.GzipPlugin"]},
    "%(job_start)s-%(batch_id)d.csv": {"format": "csv", "batch_item_count": 70},
}
COMMANDS = {
    "overwrite": ("-O", "a.jsonl", "-O", "b.csv", "-O", "c.json"),
    "append": ("-o", "a.jsonl", "-o", "b.csv", *DAYS),
    "gzip and batches": ("-s", f"FEEDS={json.dumps(FEEDS)}", *DAYS),
    "newest, one feed": ("-O", "a.csv"),
}
KILLS, DELAY = 5, 0.06
SPAN = len(ARTICLES) / 16 * DELAY / KILLS
"""Seconds of a crawl in which a kill falls: so few that something is left for the next one."""
MOST_REFETCHED = 20


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(many.site(ARTICLES), delay=DELAY) as site:
        yield site


@pytest.mark.parametrize("command", COMMANDS)
def test_kills_lose_nothing_and_double_nothing(command: str, site: Site, tmp_path: Path) -> None:
    report, expected = Report(), many.urls(ARTICLES)
    torment(site, tmp_path, COMMANDS[command], KILLS, random.Random(command), report, SPAN)
    batches = sorted(tmp_path.glob("*-*.csv"))
    feeds = [path for path in tmp_path.iterdir() if path.name[0] in "abc"]
    for feed in feeds:
        judge(report, expected, read(feed))
    if batches:
        judge(report, expected, (row for batch in batches for row in read(batch)))
    assert len(feeds) + bool(batches) >= 1
    assert report.kills >= KILLS - 1, report  # one inside the publication may be the last
    assert (report.lost, report.doubled) == (0, 0), report
    assert max(report.refetched) <= MOST_REFETCHED, report
    assert not list(tmp_path.glob(".*.part"))
