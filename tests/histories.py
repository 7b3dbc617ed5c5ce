"""A ledger with a past: the runs of a month and what they stored, written by SQL, for a crawl to come after."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from newsspider.items import Article
from newsspider.ledger.articles import encode
from newsspider.ledger.database import Database
from tests.ledgers import LEDGER
from tests.site.many import LAST

SUBSECTIONS = {
    "Asia Pasifik": 26,
    "Timur Tengah": 22,
    "Eropa": 18,
    "Amerika": 13,
    "Fokus Dunia": 7,
    "Afrika": 3,
    "Sosok": 1,
}
"""Label -> articles a day, about."""
BOUNDS = ("0.1", "0.2", "0.5", "1", "2", "5", "10", "30", "inf")
FIELDS = {
    "title": 1.0,
    "published": 1.0,
    "paragraphs": 1.0,
    "dateline": 0.94,
    "authors": 0.99,
    "editor": 0.9,
    "tags": 0.97,
}
FIELDS |= {"related": 0.5, "image_url": 0.98, "image_caption": 0.8, "subsection": 1.0, "section": 1.0}
URL = "https://international.sindonews.com/read/{number}/41/kabar-nomor-{number}-1750000000"
RANDOM = Random(1)
BREAKS = 27
"""In this run and those after it, image_caption is found less often."""


def write(folder: Path, runs: int = 30, *, articles: bool = True) -> None:
    """So many daily runs before LAST, each with the articles of its day."""
    (folder / LEDGER).parent.mkdir(parents=True, exist_ok=True)
    Database(f"sqlite:///{folder / LEDGER}").close()
    chance = Random(1)
    with closing(sqlite3.connect(folder / LEDGER)) as connection, connection:
        for number in range(1, runs + 1):
            began = LAST - timedelta(days=runs - number + 1, hours=20)
            stored = list(_articles(number, began, chance))
            _insert(connection, "jobs", _job(number, began))
            _insert(connection, "runs", _run(number, began, len(stored), chance))
            for row in stored if articles else ():
                page = _insert(
                    connection, "pages", {"url": row["url"], "state": "done", "tries": 0, "found": row["stored"]}
                )
                _insert(connection, "articles", row | {"page": page})
                _insert(connection, "listed", {"walk": 1, "page": page, "job": number, "segment": number})


def add(folder: Path, article: Article, run: int, stored: str) -> None:
    """One article more, of a run that was then at work."""
    with closing(sqlite3.connect(folder / LEDGER)) as connection, connection:
        page = _insert(connection, "pages", {"url": article.url, "state": "done", "tries": 0, "found": stored})
        _insert(connection, "articles", _row(article, run, stored) | {"page": page})


def item(size: int) -> str:
    """An article as it stands in the ledger, of about so many characters."""
    sentence = "Semua pihak diminta menahan diri sampai pertemuan berikutnya. "
    article = Article(
        url=URL.format(number=1), article_id="1", title="Kabar", paragraphs=[sentence * 4] * (size // len(sentence * 4))
    )
    return encode(article)


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> int:
    names, places = ", ".join(row), ", ".join("?" * len(row))
    return connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", tuple(row.values())).lastrowid or 0


def _utc(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def _job(number: int, began: datetime) -> dict[str, Any]:
    ended = _utc(began + timedelta(minutes=4))
    return {
        "id": number,
        "spider": "sindonews",
        "arguments": "{}",
        "walk": 1,
        "state": "finished",
        "started": _utc(began),
        "finished": ended,
    }


def _run(number: int, began: datetime, articles: int, chance: Random) -> dict[str, Any]:
    findings = [alarm([], [])] if number >= BREAKS else []
    code = 3 if findings else 0
    counts = {"new": articles, "gone": chance.randint(0, 2), "failed": chance.randint(0, 1), "owed": 0}
    row = {
        "id": number,
        "job": number,
        "pid": 1,
        "started": _utc(began),
        "ended": _utc(began + timedelta(minutes=4)),
        "reason": "finished",
    }
    return row | {
        "exitcode": code,
        "counts": json.dumps(counts),
        "stats": json.dumps(stats(number, articles, chance)),
        "findings": json.dumps(findings),
    }


def alarm(examples: list[str], kept: list[str]) -> dict[str, Any]:
    """What a monitor says from BREAKS on."""
    told = "image_caption in 40 % of the articles, usually in 80 %: the first rule of layout 2024 stopped matching"
    return {
        "name": "fields/image_caption",
        "told": told,
        "usual": 0.8,
        "today": 0.4,
        "examples": examples,
        "kept": kept,
    }


def stats(number: int, articles: int, chance: Random = RANDOM) -> dict[str, Any]:
    """What Scrapy and room monitor/ count in a run."""
    pages = articles + 9
    fields = {
        name: share / 2 if number >= BREAKS and name == "image_caption" else share for name, share in FIELDS.items()
    }
    found = {
        f"monitor/fields/{name}": round(articles * min(1, share * chance.uniform(0.98, 1.02)))
        for name, share in fields.items()
    }
    times = {
        f"monitor/latency/{bound}": round(pages * part)
        for bound, part in zip(BOUNDS, (0.02, 0.3, 0.45, 0.15, 0.05, 0.02, 0.01, 0, 0), strict=True)
    }
    return {
        "downloader/response_count": pages,
        "downloader/response_bytes": pages * chance.randint(17_000, 21_000),
        "downloader/response_status_count/200": pages - 1,
        "downloader/response_status_count/404": 1,
        "monitor/articles": articles,
        "run/summary": f"finished; {articles} new, 0 updated, 0 gone, 0 failed, 0 owed, 240 s",
        **found,
        **times,
    }


def _articles(number: int, began: datetime, chance: Random) -> Iterator[dict[str, Any]]:
    count = 0
    for subsection, usual in SUBSECTIONS.items():
        for _ in range(max(0, round(chance.gauss(usual, usual**0.5)))):
            count += 1
            url, at = URL.format(number=number * 100_000 + count), began - timedelta(minutes=chance.randint(0, 1200))
            published = f"{at:%Y-%m-%dT%H:%M:00+07:00}"
            article = Article(
                url=url, article_id=str(count), title=f"Kabar nomor {count}", published=published, subsection=subsection
            )
            yield _row(article, number, _utc(began + timedelta(seconds=count)))


def _row(article: Article, job: int, stored: str) -> dict[str, Any]:
    shown = {"title": article.title, "published": article.published, "subsection": article.subsection}
    return {
        "url": article.url,
        "revision": 1,
        "job": job,
        "stored": stored,
        "hash": "",
        "item": encode(article),
        **shown,
    }
