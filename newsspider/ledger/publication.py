"""Feeds are put in their place all or none: parts first, then the list of moves, then the moves."""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from newsspider.feeds.hash import sha256
from newsspider.ledger.database import Database, again
from newsspider.ledger.errors import FeedError
from newsspider.ledger.jobs import Jobs
from newsspider.ledger.tables import jobs, moves


@dataclass(frozen=True)
class Move:
    """A part that is whole and on the disk, and the path where it belongs."""

    part: Path
    path: Path
    rows: int


class Publication:
    """A redo log: what a kill interrupts, the next start completes."""

    def __init__(self, database: Database, ledger_jobs: Jobs) -> None:
        self.database = database
        self.jobs = ledger_jobs

    def publish(self, job: int, parts: Iterable[Move]) -> None:
        """The point of no return is the first transaction."""
        rows = [
            {"job": job, "part": str(move.part), "path": str(move.path), "rows": move.rows, "sha256": sha256(move.part)}
            for move in parts
        ]
        _settle(Path(str(row["part"])) for row in rows)
        self._promise(job, rows)
        self._complete(job)

    @again
    def _promise(self, job: int, rows: list[dict[str, Any]]) -> None:
        with self.database.durable() as connection:
            state = connection.scalar(select(jobs.c.state).where(jobs.c.id == job))
            if self.database.rerun and state == "publishing":
                return
            if rows:
                connection.execute(insert(moves), rows)
            connection.execute(update(jobs).where(jobs.c.id == job).values(state="publishing"))

    def complete(self) -> list[int]:
        """Finish every publication that a kill interrupted; the ids of their jobs."""
        found = self._interrupted()
        for job in found:
            self._complete(job)
        return found

    @again
    def _interrupted(self) -> list[int]:
        with self.database.begin() as connection:
            these = select(jobs.c.id).where(jobs.c.state == "publishing").order_by(jobs.c.id)
            return list(connection.scalars(these))

    @again
    def _complete(self, job: int) -> None:
        with self.database.begin() as connection:
            rows = connection.execute(select(moves.c.part, moves.c.path).where(moves.c.job == job)).all()
        try:
            for part, path in rows:
                with suppress(FileNotFoundError):  # it was moved before the kill
                    os.replace(part, path)  # noqa: PTH105
            for _, path in rows:
                _settle([Path(path)])
        except OSError as error:
            raise FeedError(f"the feed {path} cannot be put in its place: {error.strerror}") from None
        with self.database.durable() as connection:
            self.jobs.finish(connection, job)


def _settle(files: Iterable[Path]) -> None:
    """The entries of these files are on the disk, too, and those of their folders, which may be new."""
    for folder in {folder for file in files for folder in list(file.parents)[:2]}:
        with suppress(PermissionError):  # it may be written to and not be read
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
