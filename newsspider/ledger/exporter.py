"""Feeds from the ledger: Scrapy's own exports in everything but when and from where they are written."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.extensions.feedexport import FeedExporter, FileFeedStorage, apply_uri_params

from newsspider.ledger.addon import LedgerAddon
from newsspider.ledger.errors import FeedError, FeedTakenError, LedgerError
from newsspider.ledger.publication import Move
from newsspider.ledger.run import Run

ROWS_A_TURN = 500
"""Then the closed batches get their turn."""


class PartStorage(FileFeedStorage):
    """A local feed as a part beside its path, with what stands there where it is appended to."""

    def __init__(self, uri: str, *, feed_options: dict[str, Any] | None = None) -> None:
        super().__init__(uri, feed_options=feed_options)
        self.target = Path(self.path).absolute()
        self.part = self.target.with_name(f".{self.target.name}.part")
        self.whole = False

    def open(self, spider: Spider) -> IO[bytes]:
        self.target.parent.mkdir(parents=True, exist_ok=True)
        if self.write_mode == "ab" and self.target.exists():
            shutil.copyfile(self.target, self.part)
            return self.part.open("ab")
        return self.part.open("wb")

    def store(self, file: IO[bytes]) -> None:
        file.flush()
        os.fsync(file.fileno())
        file.close()
        self.whole = True


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
        slot = super()._start_new_batch(*args, **kwargs)
        self.parts.append((slot.storage, slot))
        return slot

    async def deliver(self, spider: Spider) -> None:
        """Raises FeedError; the feeds are then as they were."""
        try:
            moves = await self._write(spider)
        except OSError as error:
            self._discard()
            raise FeedError(f"the feed {error.filename or ''} cannot be written: {error.strerror}") from None
        self.run.publication.publish(self.run.job.id, moves)

    async def _write(self, spider: Spider) -> list[Move]:
        self.open_spider(spider)
        for number, article in enumerate(self.run.articles.of_job(self.run.job.id)):
            self.item_scraped(article, spider)
            if number % ROWS_A_TURN == 0:
                await asyncio.sleep(0)
        await self.close_spider(spider)
        if failed := self._failed():
            self._discard()
            raise FeedError(f"the feed {failed} cannot be written")
        return [
            Move(s.part, s.target, slot.itemcount) for s, slot in self.parts if isinstance(s, PartStorage) and s.whole
        ]

    def _failed(self) -> str | None:
        stats = self.crawler.stats.get_stats()
        return next((name.rpartition("/")[2] for name in stats if name.startswith("feedexport/failed_count")), None)

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
            self.run.jobs.end_run(self.run.id, "feed", error.exitcode, {})
            self.run.close()
            raise

    def _check(self, spider: Spider) -> None:
        for uri, path in self._local(spider):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                probe = path.with_name(f".{path.name}.part")
                probe.open("ab").close()
                probe.unlink()
            except OSError as error:
                raise FeedError(f"the feed {path} cannot be written: {error.strerror}") from None
            if "%(job_start)s" not in uri:
                claim(path, self.run.database.id, self.run.database.url.database or "")

    def paths(self, spider: Spider) -> list[Path]:
        """Of the local feeds; of batches, the first."""
        return [path for _, path in self._local(spider)]

    def _local(self, spider: Spider) -> Iterator[tuple[str, Path]]:
        for uri, options in self.feeds.items():
            if self.storages.get(urlsplit(uri).scheme) is PartStorage:
                params = self._get_uri_params(spider, options["uri_params"])
                yield uri, PartStorage(apply_uri_params(uri, params)).target


def claim(path: Path, ledger: str, file: str) -> None:
    """One ledger a feed, or an article would stand in it twice. Raises FeedTakenError."""
    note = path.with_name(f".{path.name}.ledger")
    mine = f"{ledger} {Path(file).absolute()}"
    try:
        with note.open("x") as new:
            new.write(mine)
    except FileExistsError:
        holder, _, other = note.read_text().partition(" ")
        if holder == ledger or not other or not Path(other).exists():
            note.write_text(mine)
            return
        raise FeedTakenError(f"the feed {path} is written by another ledger, {other}; name another feed") from None
