"""One run: what all parts of the room share while a process is at work."""

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from socket import gethostname
from time import monotonic

from scrapy.crawler import Crawler
from scrapy.utils.defer import _schedule_coro

from newsspider.ledger.articles import Articles, Headers, SharedArticles
from newsspider.ledger.database import Database
from newsspider.ledger.errors import LedgerError
from newsspider.ledger.findings import Finding
from newsspider.ledger.frontier import Asked, Frontier
from newsspider.ledger.jobs import Job, Jobs
from newsspider.ledger.lead import Lead
from newsspider.ledger.leases import leases
from newsspider.ledger.lock import Lock
from newsspider.ledger.outcomes import Outcome
from newsspider.ledger.publication import Publication

NAMES = ("new", "updated", "gone", "failed")
"""Of the counts that the last line tells."""


REASONS = {
    "finished": "an index page could not be read",
    "shutdown": "interrupted",
    "outage": "the site is down",
    "blocked": "the site blocks",
    "deadline": "RUN_DEADLINE",
    "page": "a page held up its reader, and is left out from now on",
    "certificate": "the site's certificate cannot be trusted; DOWNLOAD_VERIFY_CERTIFICATES=0 crawls all the same",
    "warc_failed": "WARC_DIR cannot be written",
    "browser_failed": "the browser cannot be started",
    "lost": "it was stopped for longer than LEDGER_LEASE: another worker goes on",
    "abandoned": "another run began afresh",
}


class Run:
    """Opens the ledger, completes what a kill left of a publication, and finds or makes the job."""

    def __init__(
        self,
        crawler: Crawler,
        database: Database,
        lock: Lock | None,
        arguments: dict[str, str],
        *,
        marks: bool,
        lease: float,
    ) -> None:
        """`lock`: where this run is the only one. `lease`: seconds, where it is not."""
        assert crawler.spider
        self.lock = lock
        self.crawler = crawler
        self.database = database
        self.jobs = Jobs(database, crawler.spider.name)
        self.publication = Publication(database, self.jobs)
        self.delivered = None if database.shared else self._completed(arguments)
        """The job, once its feeds stand, also by a publication that a kill interrupted: what is left is to say so."""
        fresh = arguments.get("fresh") == "1"
        key = {name: value for name, value in arguments.items() if name != "fresh"}
        self.job: Job = (
            self.jobs.read(self.delivered) if self.delivered else self.jobs.open(key, marks=marks, fresh=fresh)
        )
        self.id = self.jobs.begin_run(self.job.id, lease)
        self.lead = Lead(database, self.job.id, self.id, lease)
        self.articles = (SharedArticles if database.shared else Articles)(database, self.id)
        self.frontier = Frontier(database, self.job, self.id, leases(database, self.job.id, self.id))
        self.asked: dict[str, dict[int, Asked]] = {"article": {}, "index": {}}
        """What is on its way, by kind and id: asked for, and no outcome yet."""
        self.unread: set[int] = set()
        """Index pages that could not be read in this run: the next one asks again."""
        self.carried: dict[int, Asked] = {}
        """Identity of an item in the pipelines -> its page; the items of two pages may have one URL."""
        self.headers: dict[int, Headers] = {}
        """Of pages whose items are on their way."""
        self.lists_by_others = False
        """Other runs read some of the job's lists: this one does not know what was on them."""
        self.counts: Counter[str] = Counter()
        self.lost: deque[str] = deque(maxlen=3)
        """URLs of articles that are gone or failed, the last of them."""
        self.findings: list[Finding] = []
        """What is not as it should be."""
        self.broken: LedgerError | None = None
        self.closed = False
        self.reason = "shutdown"
        """Why it is to end, where it was not a signal."""
        self.began = monotonic()

    def _completed(self, arguments: dict[str, str]) -> int | None:
        key = {name: value for name, value in arguments.items() if name != "fresh"}
        mine = (job for job in self.publication.complete() if self.jobs.is_of(job, key))
        return next(mine, None)

    def complete_others(self) -> None:
        """Publications of other jobs whose runs are no more, where their parts are on this machine."""
        for job in self.publication.interrupted():
            lead = Lead(self.database, job, self.id, self.lead.lease)
            if job != self.job.id and lead.take() and not self.publication.resume(job, self.id):
                lead.leave()

    @property
    def new(self) -> int:
        """Articles that were not there before; of a job that several share, all that they brought."""
        return self.articles.count(self.job.id) if self.database.shared else self.counts["new"]

    @property
    def mark(self) -> str:
        """What tells this worker from others, as a name of a file has it."""
        return f"{gethostname()}-{self.id}"

    def renew(self) -> None:
        """It lives. What others took over while it did not is theirs."""
        with self.writing():
            if not self.lead.renew(self.counts):
                held = self.lead.held()
                for kind, asked in self.asked.items():
                    for page in [page for page in asked if page not in held[kind]]:
                        del asked[page]

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A ledger that cannot be written to ends the run: what is not written down did not happen."""
        try:
            yield
        except LedgerError as error:
            self.stop(error)

    def count(self, what: str) -> None:
        """It stands in the ledger."""
        self.counts[what] += 1

    def stop(self, error: LedgerError) -> None:
        if self.broken is None:
            self.broken = error
            self.end("ledger")

    def close(self) -> None:
        """Nothing more is written down."""
        self.closed = True
        self.database.close()
        if self.lock:
            self.lock.release()

    def end(self, reason: str) -> None:
        """Close the spider in good order."""
        engine = self.crawler.engine
        if engine.spider is not None:
            self.reason = reason
            _schedule_coro(engine.close_spider_async(reason=reason))

    def settle(self, page: Asked, outcome: Outcome) -> None:
        """A page is through without an item; the first outcome counts."""
        if self.asked[page.kind].pop(page.id, None) is None:
            return
        self.headers.pop(page.id, None)
        with self.writing():
            if page.kind == "index":
                if self.frontier.unread(page.id, outcome.reason):
                    self.unread.add(page.id)
            elif outcome.state == "unchanged":
                if self.frontier.unchanged(page.id):
                    self.count("unchanged")
            else:
                state = outcome.state if outcome.state == "gone" else "failed"
                if self.frontier.lost(page.id, state, outcome.reason):
                    self.lost.append(page.url)
                    self.count(state)

    def revisit(self, age: timedelta | None) -> None:
        """Owe again what is due; a run that lists the newest looks after all of them."""
        spider = self.crawler.spider
        if self.job.walk is not None:
            self.frontier.retry_due(spider.wants)  # type: ignore[union-attr]  # a NewsSpider
            if age:
                self.frontier.revisit(age, spider.wants)  # type: ignore[union-attr]

    def counted(self, owed: int) -> str:
        """For the last line."""
        counts = ", ".join(f"{self.counts[name]} {name}" for name in NAMES)
        return f"{counts}, {owed} owed, {monotonic() - self.began:.0f} s"

    def unfinished(self, reason: str, owed: int, stored: int) -> str:
        """The last line of a run that leaves its job open."""
        return (
            f"not finished ({REASONS.get(reason, reason)}); {self.counted(owed)}; {stored} stored,"
            " the feeds are as they were: the same command goes on; scrapy export -O FILE gives what is there"
        )
