"""Where a URL's newest capture is: on disk, whatever the size of the files."""

import sqlite3
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from newsspider.warc.reader import Capture, answers, files, read
from newsspider.warc.records import WarcFile

DEFAULT_PORTS = {"http": ":80", "https": ":443"}

CREATE = "CREATE TABLE captures (url BLOB PRIMARY KEY, time REAL, file INTEGER, offset INTEGER) WITHOUT ROWID"
ADD = """INSERT INTO captures VALUES (?, ?, ?, ?)
    ON CONFLICT (url) DO UPDATE SET time = excluded.time, file = excluded.file, offset = excluded.offset
    WHERE excluded.time >= captures.time"""
FIND = "SELECT file, offset FROM captures WHERE url = ?"
COUNT = "SELECT count(*) FROM captures"

Row = tuple[bytes, float, int, int]


def canonical(url: str) -> str:
    """The form by which a URL asked for meets one recorded; http and https stay two.

    >>> canonical("HTTPS://International.Sindonews.com:443/read/1/41/judul?showpage=all#komentar")
    'https://international.sindonews.com/read/1/41/judul?showpage=all'
    >>> canonical("http://www.sindonews.com")
    'http://www.sindonews.com/'
    """
    scheme, host, path, query, _ = urlsplit(url)
    host = host.lower().removesuffix(DEFAULT_PORTS.get(scheme, ""))
    return urlunsplit((scheme, host, path or "/", query, ""))


class Index:
    """Reads the files once; then one look-up a URL. SQLite keeps the table in a temporary file of its own."""

    def __init__(self, path: Path) -> None:
        self._warcs = [WarcFile(file) for file in files(path)]
        self._table = sqlite3.connect("")
        self._table.execute(CREATE)
        self._table.executemany(ADD, self._rows())
        self._table.commit()

    def __len__(self) -> int:
        """How many URLs are known."""
        count: int = self._table.execute(COUNT).fetchone()[0]
        return count

    @property
    def torn(self) -> int:
        """How many holes the files have."""
        return sum(warc.torn for warc in self._warcs)

    def find(self, url: str, *, rendered: bool = False) -> Capture | None:
        """The newest capture of a URL. Raises OSError, or TornError when a file has changed since."""
        row = self._table.execute(FIND, (_key(url, rendered),)).fetchone()
        return read(self._warcs[row[0]], row[1]) if row else None

    def close(self) -> None:
        self._table.close()

    def _rows(self) -> Iterator[Row]:
        for number, warc in enumerate(self._warcs):
            for url, time, offset, rendered in answers(warc):
                yield _key(url, rendered), time.timestamp(), number, offset


def _key(url: str, rendered: bool) -> bytes:
    return blake2b(canonical(url).encode(), digest_size=16, person=b"rendered" if rendered else b"").digest()
