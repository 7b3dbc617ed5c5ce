"""Feeds from the ledger: Scrapy's own exports in everything but when and from where they are written."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import suppress
from glob import escape
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Self
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.extensions.feedexport import FeedExporter, apply_uri_params
from scrapy.utils.defer import ensure_awaitable

from newsspider.feeds.uris import JOB_START, own_uri, without_password
from newsspider.items import Article
from newsspider.ledger.addon import LedgerAddon
from newsspider.ledger.articles import FIELDS
from newsspider.ledger.claims import WAIT, claim, release, reserve, turn
from newsspider.ledger.errors import FeedError, FeedRefusedError, LedgerError
from newsspider.ledger.parts import PartStorage
from newsspider.ledger.publication import Move
from newsspider.ledger.run import Run

ROWS_A_TURN = 500
"""Then the closed batches get their turn."""


class Storing:
    """A storage, and what went wrong with it: Scrapy would put that into its log, with a traceback, and go on."""

    def __init__(self, storage: Any) -> None:
        self.storage = storage
        self.failed = ""

    def open(self, spider: Spider) -> Any:
        return self.storage.open(spider)

    async def store(self, file: IO[bytes]) -> None:
        try:
            file.flush()  # what the standard output still holds has not arrived
            await ensure_awaitable(self.storage.store(file))
        except Exception as error:
            self.failed = str(error) or type(error).__name__


class LedgerExporter(FeedExporter):
    """`deliver` is called when nothing of the job is owed any more; no signal writes anything before."""

    run: Run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        exporter = cls(crawler)
        exporter.run = LedgerAddon.run_of(crawler)
        exporter.storages["file"] = exporter.storages[""] = PartStorage
        exporter.parts = []
        crawler.stats.set_value("job/start", exporter.run.job.started)
        assert crawler.spider
        exporter.check(crawler.spider)
        return exporter

    parts: list[tuple[Any, Any]]
    """Storage and slot of each feed and batch."""

    def _start_new_batch(self, *args: Any, **kwargs: Any) -> Any:
        slot: Any = super()._start_new_batch(*args, **kwargs)
        self.parts.append((slot.storage, slot))
        slot.storage = Storing(slot.storage)
        return slot

    def _get_storage(self, uri: str, feed_options: dict[str, Any]) -> Any:
        storage = super()._get_storage(uri, feed_options)
        if isinstance(storage, PartStorage) and self.run.database.shared:  # another worker may be at it, too
            storage.name_part(f"{self.run.job.id}-{self.run.id}")
        return storage

    async def deliver(self, spider: Spider) -> None:
        """Raises FeedError, OvertakenError; the feeds are then as they were."""
        names = self._reserved(spider)
        self._sweep(spider)
        async with turn(self._contested(spider)):
            await self._settled(spider)
            try:
                moves = await self._write(spider, self.run.articles.of_job(self.run.job.id))
            except LedgerError:
                self._discard()
                raise
            except OSError as error:
                self._discard()
                feed = error.filename or ", ".join(map(str, self.paths(spider))) or "stdout:"
                raise FeedError(f"the feed {feed} cannot be written: {error.strerror}") from None
            self.run.publication.publish(self.run.job.id, moves, self.run.id)
        self._release(names)

    def _contested(self, spider: Spider) -> list[Path]:
        """Paths to which another job may publish at the same time."""
        local = self._local(spider) if self.run.database.shared else ()
        return [storage.target for uri, storage in local if storage.is_file and JOB_START not in uri]

    async def _settled(self, spider: Spider) -> None:
        """What another job's run did not live to put in its place here comes first."""
        paths = self._contested(spider)
        while paths and self.run.publication.waits_here(self.run.job.id, paths):
            self.run.complete_others()
            await asyncio.sleep(WAIT)

    async def deliver_own(self, spider: Spider) -> None:
        """What this worker stored itself, in its own folder beside each feed that is a file. Raises FeedError."""
        whole = self.feeds, self.filters
        files = {uri: options for uri, options in self.feeds.items() if self._is_file(uri)}
        own = {uri: own_uri(uri, self.run.mark) for uri in files}
        self.feeds = {own[uri]: {**options, "overwrite": True} for uri, options in files.items()}
        self.filters = {own[uri]: self.filters[uri] for uri in files}
        try:
            for move in await self._write(spider, self.run.articles.of_run(self.run.job.id)):
                move.part.replace(move.path)
        except OSError as error:
            self._discard()
            raise FeedError(f"the feed {error.filename} cannot be written: {error.strerror}") from None
        finally:
            self.feeds, self.filters = whole
            self.slots, self.parts = [], []

    def _sweep(self, spider: Spider) -> None:
        """What runs of this job left here that are no more: this one leads it."""
        if self.run.database.shared:
            for _, storage in self._local(spider):
                for part in storage.target.parent.glob(f".{escape(storage.target.name)}.{self.run.job.id}-*.part"):
                    part.unlink(missing_ok=True)

    async def _write(self, spider: Spider, stored: Iterable[Article]) -> list[Move]:
        self.open_spider(spider)
        for number, article in enumerate(stored):
            self.item_scraped(article, spider)
            if number % ROWS_A_TURN == 0:
                await asyncio.sleep(0)
        await self.close_spider(spider)
        for _, slot in self.parts:
            if slot.storage.failed:
                raise FeedError(f"the feed {without_password(slot.uri)} cannot be written: {slot.storage.failed}")
        return [
            Move(s.part, s.target, slot.itemcount) for s, slot in self.parts if isinstance(s, PartStorage) and s.whole
        ]

    def _discard(self) -> None:
        for storage, slot in self.parts:
            if isinstance(storage, PartStorage):
                if slot.file is not None:
                    with suppress(OSError):  # what it still holds has no room
                        self._get_file(slot).close()
                storage.part.unlink(missing_ok=True)

    def check(self, spider: Spider) -> None:
        """Before the first request: can every feed be written, and is it this ledger's? Raises LedgerError."""
        try:
            self._check(spider)
        except LedgerError as error:
            self.run.jobs.end_run(self.run.id, "feed", error.exitcode)
            self.run.close()
            raise

    def _check(self, spider: Spider) -> None:
        local = [(uri, storage) for uri, storage in self._local(spider) if storage.is_file]
        _check_paths([storage.target for _, storage in local])
        for uri, storage in local:
            try:
                storage.target.parent.mkdir(parents=True, exist_ok=True)
                TemporaryFile(dir=storage.target.parent).close()
                _check_what_is_there(storage)
            except OSError as error:
                raise FeedError(f"the feed {storage.given} cannot be written: {error.strerror or error}") from None
            if JOB_START not in uri:
                claim(storage.target, *self._ledger)

    @property
    def _ledger(self) -> tuple[str, str]:
        return self.run.database.id, self.run.database.name

    def _reserved(self, spider: Spider) -> list[Path]:
        """Names made of the job's start; one that a job of another ledger has, too, makes this job a second later."""
        while True:
            names = [storage.target for uri, storage in self._local(spider) if JOB_START in uri]
            if all(reserve(name, *self._ledger) for name in names):
                return names
            self._release(names)
            self.run.job = self.run.jobs.later(self.run.job)
            self.crawler.stats.set_value("job/start", self.run.job.started)

    def _release(self, names: list[Path]) -> None:
        for name in names:
            release(name, self._ledger[0])

    def paths(self, spider: Spider) -> list[Path]:
        """Of the local feeds, as they were named; of batches, the first."""
        return [storage.given for _, storage in self._local(spider) if storage.is_file]

    def _is_file(self, uri: str) -> bool:
        return self.storages.get(urlsplit(uri).scheme) is PartStorage

    def _local(self, spider: Spider) -> Iterator[tuple[str, PartStorage]]:
        for uri, options in self.feeds.items():
            if self._is_file(uri):
                params = self._get_uri_params(spider, options["uri_params"])
                yield uri, PartStorage(apply_uri_params(uri, params), feed_options=options)


def _check_paths(paths: list[Path]) -> None:
    """Raises FeedRefusedError."""
    for path in paths:
        if paths.count(path) > 1:
            raise FeedRefusedError(f"two feeds are to be written to {path}; name another path for one of them")


def _check_what_is_there(storage: PartStorage) -> None:
    """A CSV of an older newsspider goes on in the columns it has; new fields are the last. Raises FeedRefusedError."""
    if storage.is_no_gzip():
        raise FeedRefusedError(f"the feed {storage.given} is no gzip file: name another feed, or overwrite it with -O")
    there, fields = storage.columns(), storage.options.get("fields") or FIELDS
    wanted = list(fields.values()) if isinstance(fields, dict) else list(fields)
    if there and fields is FIELDS and there == wanted[: len(there)]:
        storage.options["fields"] = there
    elif there and there != wanted:
        raise FeedRefusedError(
            f"the feed {storage.given} has other columns ({', '.join(there[:5])} …) than would be appended;"
            " name another feed, or overwrite it with -O"
        )
