"""The ledger's tables. Times are ISO 8601 in UTC, to the second: 2022-01-09T00:30:00Z.

`sqlite3` and Datasette open the file as it is; `articles_fts` is a full-text index on title and paragraphs:
`SELECT url FROM articles JOIN articles_fts ON articles.id = articles_fts.rowid WHERE articles_fts MATCH 'presiden'`.
"""

from sqlalchemy import (
    DDL,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    event,
    literal_column,
)

VERSION = 3
UPGRADES = {
    1: (
        "ALTER TABLE runs ADD COLUMN stats TEXT",
        "ALTER TABLE runs ADD COLUMN findings TEXT",
        "ALTER TABLE pages ADD COLUMN day TEXT",
        "CREATE INDEX pages_day ON pages (day, state)",
        "CREATE INDEX articles_published ON articles (published, subsection)",
    ),
    2: (
        "ALTER TABLE jobs ADD COLUMN holder INTEGER",
        "ALTER TABLE runs ADD COLUMN host TEXT",
        "ALTER TABLE runs ADD COLUMN alive FLOAT",
        "ALTER TABLE indexes ADD COLUMN holder INTEGER",
        "ALTER TABLE indexes ADD COLUMN unread INTEGER",
        "ALTER TABLE owed ADD COLUMN holder INTEGER",
        "ALTER TABLE articles ADD COLUMN run INTEGER",
        "CREATE TABLE paces (host TEXT NOT NULL PRIMARY KEY, next FLOAT NOT NULL, hold FLOAT NOT NULL)",
        "DROP INDEX pages_day",
        "DROP INDEX pages_next_try",
        "CREATE INDEX pages_day ON pages (day) WHERE day IS NOT NULL",
        "CREATE INDEX pages_open ON pages (state, day) WHERE state != 'done'",
        "CREATE INDEX pages_next_try ON pages (next_try) WHERE next_try IS NOT NULL",
    ),
}
"""Version -> what makes the next one of it."""

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True, comment="version, id, searchable (the last article in the full-text index)"),
    Column("value", Text, nullable=False),
)
HALF = "copy"
"""A name in `meta`: this is no ledger yet but a copy that is being made, see copy.py."""

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("spider", Text, nullable=False),
    Column("arguments", Text, nullable=False, comment="JSON, names sorted"),
    Column("state", Text, nullable=False, comment="open, publishing, finished; partial: an index page was given up"),
    Column("walk", Integer, comment="of a newest walk: the first job with the same arguments"),
    Column("holder", Integer, comment="the run that leads where several share it, and publishes; empty: none does"),
    Column("started", Text, nullable=False),
    Column("finished", Text),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("job", ForeignKey("jobs.id"), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("host", Text, comment="the machine"),
    Column("started", Text, nullable=False),
    Column("alive", Float, comment="until when what it holds is its own: seconds since 1970 by the database's clock"),
    Column("ended", Text, comment="empty: it runs, or was killed"),
    Column("reason", Text),
    Column("exitcode", Integer),
    Column("counts", Text, comment="JSON"),
    Column("stats", Text, comment="JSON: Scrapy's stats at the end, names sorted"),
    Column("findings", Text, comment="JSON: what is not as it should be, see findings.py"),
)

indexes = Table(
    "indexes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("job", ForeignKey("jobs.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("walk", Text, nullable=False, comment='JSON: {"way": "day", "day": "2022-01-01"}'),
    Column("day", Text, index=True, comment="of a day's index: 2022-01-01"),
    Column(
        "segment", ForeignKey("runs.id"), nullable=False, comment="of a newest walk: the run that began at the front"
    ),
    Column("state", Text, nullable=False, comment="pending, done, failed (given up)"),
    Column("tries", Integer, nullable=False, default=0, comment="runs in which it could not be read"),
    Column("run", Integer, comment="the run that read it last"),
    Column("holder", Integer, comment="the run that asks for it; empty: nobody does"),
    Column("unread", Integer, comment="the last run there was when it could not be read: later ones ask again"),
    Column("reason", Text),
    UniqueConstraint("job", "url"),
    Index("indexes_pending", "job", "state", "id"),
    comment="The lists that a job walks through.",
)

pages = Table(
    "pages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Text, nullable=False, unique=True, comment="canonical"),
    Column("state", Text, nullable=False, comment="pending, done, gone, failed"),
    Column("tries", Integer, nullable=False, default=0, comment="how often it could not be had"),
    Column("next_try", Text, comment="of gone and failed; empty: given up"),
    Column("found", Text, nullable=False),
    Column("reason", Text),
    Column("vanished", Text, comment="when the site no longer had an article that is stored here"),
    Column("etag", Text),
    Column("modified", Text, comment="Last-Modified, as sent"),
    Column("day", Text, comment="whose index listed it first; empty: it was found otherwise"),
    Index("pages_found", "found"),
    comment="The articles that were ever found.",
)
OPEN = pages.c.state != literal_column("'done'")
"""In a statement, so that it goes by the index of these few."""
Index("pages_open", pages.c.state, pages.c.day, sqlite_where=OPEN, postgresql_where=OPEN)
for column in (pages.c.day, pages.c.next_try):
    given = column.isnot(None)
    Index(f"pages_{column.name}", column, sqlite_where=given, postgresql_where=given)

owed = Table(
    "owed",
    metadata,
    Column("job", ForeignKey("jobs.id"), primary_key=True),
    Column("page", ForeignKey("pages.id"), primary_key=True, index=True),
    Column("holder", Integer, comment="the run that asks for it; empty: nobody does"),
    comment="What each job has still to ask for.",
    sqlite_with_rowid=False,
)

listed = Table(
    "listed",
    metadata,
    Column("walk", ForeignKey("jobs.id"), primary_key=True),
    Column("page", ForeignKey("pages.id"), primary_key=True),
    Column("job", ForeignKey("jobs.id"), nullable=False),
    Column("segment", ForeignKey("runs.id"), nullable=False),
    comment="Which job of a newest walk, and which of its segments, listed an article: where the next one may stop.",
    sqlite_with_rowid=False,
)

articles = Table(
    "articles",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("page", ForeignKey("pages.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("job", ForeignKey("jobs.id"), nullable=False, comment="which delivers it", index=True),
    Column("run", Integer, comment="which stored it"),
    Column("stored", Text, nullable=False),
    Column("hash", Text, nullable=False, comment="of title and paragraphs"),
    Column("title", Text),
    Column("published", Text),
    Column("subsection", Text),
    Column("item", Text, nullable=False, comment="the article as JSON, see items.py"),
    UniqueConstraint("url", "revision"),
    Index("articles_published", "published", "subsection"),
    comment="Every revision of each article.",
)

paces = Table(
    "paces",
    metadata,
    Column("host", Text, primary_key=True),
    Column("next", Float, nullable=False, comment="when the next request may leave"),
    Column("hold", Float, nullable=False, comment="until when none may: Retry-After"),
    comment="Of each host, shared by all who crawl: seconds since 1970 by the database's clock.",
)

moves = Table(
    "moves",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("job", ForeignKey("jobs.id"), nullable=False),
    Column("part", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    comment="The feeds of each job: a publication's redo log, and afterwards its record.",
)

SEARCH = (
    "ALTER TABLE articles ADD COLUMN paragraphs TEXT GENERATED ALWAYS AS (json_extract(item, '$.paragraphs')) VIRTUAL",
    """CREATE VIRTUAL TABLE articles_fts
    USING fts5(title, paragraphs, content="articles", content_rowid="id", tokenize="unicode61")""",
)
for statement in SEARCH:
    event.listen(metadata, "after_create", DDL(statement).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]
event.listen(metadata, "before_drop", DDL("DROP TABLE IF EXISTS articles_fts").execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]
