"""The full-text index, of SQLite only."""

import asyncio

from sqlalchemy import select, text, update

from newsspider.ledger.database import Database
from newsspider.ledger.tables import meta

BATCH = 1000
"""So many articles a transaction, each of which makes a segment of the index, to be merged with others later."""
FURTHER = text("SELECT max(id) FROM (SELECT id FROM articles WHERE id > :last ORDER BY id LIMIT :batch) AS next")
FILL = text(
    "INSERT INTO articles_fts (rowid, title, paragraphs)"
    " SELECT id, title, paragraphs FROM articles WHERE id > :last AND id <= :upto"
)


async def fill_search(database: Database) -> None:
    """Bring it up to the last article; signals are heard between two transactions."""
    if database.shared:
        return
    while True:
        with database.begin() as connection:
            last = int(connection.scalar(select(meta.c.value).where(meta.c.name == "searchable")) or 0)
            upto = connection.scalar(FURTHER, {"last": last, "batch": BATCH})
            if upto is None:
                return
            connection.execute(FILL, {"last": last, "upto": upto})
            connection.execute(update(meta).where(meta.c.name == "searchable").values(value=str(upto)))
        await asyncio.sleep(0)
