"""The stored articles: every revision of each, as JSON."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from itertools import compress
from typing import Any, Literal

import orjson
from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, literal_column, null, select, update

from newsspider.items import Article
from newsspider.ledger.database import Database, again, now
from newsspider.ledger.errors import DAMAGED, LedgerError
from newsspider.ledger.frontier import Asked
from newsspider.ledger.leases import new
from newsspider.ledger.tables import articles, owed, pages

FIELDS = tuple(Article.__dataclass_fields__)
_KNOWN = frozenset(FIELDS)
Stored = Literal["new", "updated", "unchanged"]
Headers = tuple[str | None, str | None]
"""ETag and Last-Modified."""

COLUMNS = ("page", "url", "revision", "job", "run", "stored", "hash", "title", "published", "subsection", "item")
INSERT = insert(articles).values({name: bindparam(name) for name in COLUMNS})
LATEST = (
    select(articles.c.revision, articles.c.hash)
    .where(articles.c.url == bindparam("at"))
    .order_by(articles.c.revision.desc())
    .limit(1)
)
STORED = update(pages).values(
    state=literal_column("'done'"),
    reason=null(),
    next_try=null(),
    vanished=null(),
    etag=bindparam("tag"),
    modified=bindparam("changed"),
)
STANDS = select(articles.c.id).where(
    articles.c.url == bindparam("at"),
    articles.c.revision == bindparam("revision"),
    articles.c.run == bindparam("run"),
)
DONE = STORED.where(pages.c.id == bindparam("stored_page"))
AT = select(pages.c.id).where(pages.c.url == bindparam("at"))
SETTLED = delete(owed).where(owed.c.page == bindparam("stored_page"))
OF_JOB = (
    select(articles.c.id, articles.c.item)
    .where(articles.c.job == bindparam("job"), articles.c.id > bindparam("after"))
    .order_by(articles.c.id)
    .limit(bindparam("most"))
)
OF_RUN = OF_JOB.where(articles.c.run == bindparam("run"))
TOGETHER = 4
"""So many new articles share a transaction, which costs as much as the rest; what a kill loses is asked for again."""
BATCH = 200
"""Articles in memory at once while they are read."""
Values = dict[str, Any]
"""Of a row, and of its page."""


def encode(article: Article) -> str:
    """As it stands in the ledger. Raises TypeError where a value cannot stand there, such as half a character."""
    return orjson.dumps(article).decode()


def decode(item: str) -> Article:
    """Also what an older newsspider stored, with other fields. Raises LedgerError."""
    try:
        stored = orjson.loads(item)
    except ValueError:
        raise LedgerError(f"the ledger: {DAMAGED}") from None
    if not stored.keys() <= _KNOWN:
        stored = {name: value for name, value in stored.items() if name in _KNOWN}
    return Article(**stored)


def digest(article: Article) -> str:
    """Of what makes a new revision when it changes."""
    text = "\n".join([article.title or "", *article.paragraphs])
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class Articles:
    """Of one ledger, as one run stores them."""

    def __init__(self, database: Database, run: int) -> None:
        self.database = database
        self.run = run
        self._insert, self._done, self._settled = map(database.prepared, (INSERT, DONE, SETTLED))
        self._late: list[tuple[Values, Callable[[Stored], None]]] = []
        database.before = self._catch_up

    def store(
        self, article: Article, page: Asked, job: int, headers: Headers, counted: Callable[[Stored], None]
    ) -> None:
        """The article is stored and its page done, in one transaction; an unchanged one is not written again.

        `counted` is told what came of it once that stands in the ledger; nothing where the page was taken over.
        """
        digested = digest(article)
        etag, modified = headers
        of_page = {"stored_page": page.id, "tag": etag, "changed": modified, "of": job, "by": self.run}
        if page.stored or article.url != page.url:  # of others nothing is stored yet: see `_also`
            if told := self._again(article, page, job, of_page, digested):
                counted(told)
        else:
            self._late.append((row(article, page.id, job, self.run, digested) | of_page, counted))
            if len(self._late) == TOGETHER:
                self._catch_up()

    def _catch_up(self) -> None:
        """Nothing is put off any more; what cannot be written is still owed."""
        late, self._late = self._late, []
        if late:
            written = self._together([values for values, _ in late])
            for _, counted in compress(late, written):
                counted("new")

    @again
    def _together(self, rows: Sequence[Values]) -> Sequence[bool]:
        with self.database.begin():
            return self._write(rows)

    @again
    def _again(self, article: Article, page: Asked, job: int, of_page: Values, digested: str) -> Stored | None:
        with self.database.begin() as connection:
            latest = connection.execute(LATEST, {"at": article.url}).first()
            changed = latest is None or latest.hash != digested
            mine = self.database.rerun and self._stands(article.url, article.revision)
            if latest and changed:
                article.revision = latest.revision + 1
            if changed:
                written = self._write([row(article, page.id, job, self.run, digested) | of_page])
            else:
                written = self._keep([of_page])
            if not all(written):
                return None
            if article.url != page.url:
                self._also(connection, article.url)
        if latest is None or (mine and article.revision == 1):
            return "new"
        return "updated" if changed or mine else "unchanged"

    def _write(self, rows: Sequence[Values]) -> Sequence[bool]:
        """Which of them it was for this run to write."""
        self._insert.many(rows)
        return self._keep(rows)

    def _keep(self, rows: Sequence[Values]) -> Sequence[bool]:
        """Likewise, but what is stored of the page is as it is."""
        self._done.many(rows)
        self._settled.many(rows)
        return [True] * len(rows)

    def _stands(self, url: str, revision: int) -> bool:
        """Whether this run has stored this revision: by a commit whose answer was lost."""
        values = {"at": url, "revision": revision, "run": self.run}
        return self.database.connection.scalar(STANDS, values) is not None

    def _also(self, connection: Connection, url: str) -> None:
        """The article's own URL is not the one that was asked for: that one is not to be asked for any more, either."""
        page = connection.scalar(AT, {"at": url})
        if page is None:
            connection.execute(insert(pages), {"url": url, "state": "done", "found": now()})
        else:
            connection.execute(update(pages).where(pages.c.id == page).values(state="done", next_try=None, reason=None))
            self._settled({"stored_page": page})

    @again
    def count(self, job: int) -> int:
        """How many the job has stored."""
        with self.database.begin() as connection:
            return connection.scalar(select(func.count()).where(articles.c.job == job)) or 0

    def of_job(self, job: int) -> Iterator[Article]:
        """What the job delivers, in the order in which it was stored."""
        return read(self.database, OF_JOB, {"job": job})

    def of_run(self, job: int) -> Iterator[Article]:
        """Those of them that this run stored."""
        return read(self.database, OF_RUN, {"job": job, "run": self.run})

    @again
    def by_others(self, job: int) -> bool:
        """Whether other runs stored some of what the job delivers."""
        with self.database.begin() as connection:
            others = (articles.c.job == job) & (articles.c.run != self.run)
            return connection.scalar(select(articles.c.id).where(others).limit(1)) is not None


class SharedArticles(Articles):
    """Where another run may have taken the page over, and stored it: one statement does all, or nothing.

    Another page may have brought the article at this moment; of two that are the same one is stored.
    """

    def __init__(self, database: Database, run: int) -> None:
        super().__init__(database, run)
        self._store, self._kept = map(database.prepared, (_stored(database), _MINE_DONE))

    def _write(self, rows: Sequence[Values]) -> Sequence[bool]:
        return [self._store(values).rowcount == 1 or self._stood(values) for values in rows]

    def _stood(self, values: Values) -> bool:
        return self.database.rerun and self._stands(values["url"], values["revision"])

    def _keep(self, rows: Sequence[Values]) -> Sequence[bool]:
        return [self._kept(values).rowcount == 1 for values in rows]


_MINE = (
    delete(owed)
    .where(owed.c.job == bindparam("of"), owed.c.page == bindparam("stored_page"), owed.c.holder == bindparam("by"))
    .returning(owed.c.page)
    .cte("mine")
)
_OTHERS = delete(owed).where(owed.c.page == _MINE.c.page, owed.c.job != bindparam("of")).cte("others")
_MINE_DONE = STORED.where(pages.c.id == _MINE.c.page).add_cte(_OTHERS)


def _stored(database: Database) -> Any:
    """Of one kind of database."""
    values = [bindparam(name, type_=articles.c[name].type) for name in COLUMNS]
    return (
        new(database, articles)
        .from_select(COLUMNS, select(*values).select_from(_MINE))
        .add_cte(_OTHERS, STORED.where(pages.c.id == _MINE.c.page).cte("done"))
    )


def read(database: Database, statement: Select[Any], values: dict[str, Any]) -> Iterator[Article]:
    """The articles of a statement like OF_JOB, a batch at a time."""
    after = 0
    while rows := _batch(database, statement, {**values, "after": after, "most": BATCH}):
        for row in rows:
            yield decode(row.item)
        after = rows[-1].id


@again
def _batch(database: Database, statement: Select[Any], values: dict[str, Any]) -> list[Row[Any]]:
    with database.begin() as connection:
        return list(connection.execute(statement, values).all())


def row(article: Article, page: int, job: int, run: int, digested: str) -> Values:
    """Of the table."""
    return {
        "page": page,
        "url": article.url,
        "revision": article.revision,
        "job": job,
        "run": run,
        "stored": now(),
        "hash": digested,
        "title": article.title,
        "published": article.published,
        "subsection": article.subsection,
        "item": encode(article),
    }
