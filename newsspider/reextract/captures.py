"""Which kept pages are an article's, and which of them is the newest: on disk, however many there are."""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from newsspider.reextract.articles import Kept, Sheets
from newsspider.reextract.pieces import Found
from newsspider.reextract.places import Place

CREATE = "CREATE TABLE captures (article TEXT, page INTEGER, time REAL, file INTEGER, offset INTEGER, length INTEGER)"
ADD = "INSERT INTO captures VALUES (?, ?, ?, ?, ?, ?)"
INDEX = "CREATE INDEX by_article ON captures (article)"
COUNT = "SELECT count(DISTINCT article) FROM captures"
NEWEST_FIRST = """SELECT captures.article, page, file, offset, length
    FROM (SELECT article, max(time) AS newest FROM captures GROUP BY article) AS articles
    JOIN captures ON captures.article = articles.article
    ORDER BY newest DESC, captures.article, page, time DESC, file DESC, offset DESC"""


class Captures:
    """Of one run; SQLite keeps the table in a temporary file of its own."""

    def __init__(self, places: list[Place]) -> None:
        self._places = places
        self._table = sqlite3.connect("")
        self._table.execute(CREATE)

    def add(self, file: int, found: Iterable[Found]) -> None:
        """What a piece of a file gave."""
        self._table.executemany(ADD, ((f.article, f.page, f.time, file, f.offset, f.length) for f in found))

    def __len__(self) -> int:
        """How many articles there are."""
        count: int = self._table.execute(COUNT).fetchone()[0]
        return count

    def articles(self) -> Iterator[Sheets]:
        """The article with the newest capture first, by URL where these are of one time."""
        self._table.execute(INDEX)
        rows: Iterable[tuple[Any, ...]] = self._table.execute(NEWEST_FIRST)
        for url, of_article in groupby(rows, lambda row: row[0]):
            pages: dict[int, list[Kept]] = {}
            for _, page, file, offset, length in of_article:
                pages.setdefault(page, []).append(Kept(self._places[file], offset, length))
            yield Sheets(str(url), pages)

    def close(self) -> None:
        self._table.close()
