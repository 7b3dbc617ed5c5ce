"""Feeds are put in their place all or none: parts first, then the list of moves, then the moves."""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, select, update

from newsspider.feeds.hash import sha256
from newsspider.ledger.database import Database, again
from newsspider.ledger.errors import FeedError, OvertakenError
from newsspider.ledger.jobs import Jobs
from newsspider.ledger.lead import GOING_ON, STATE
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

    def publish(self, job: int, parts: Iterable[Move], run: int) -> None:
        """The point of no return is the first transaction. Raises OvertakenError where another run leads by now."""
        given = list(parts)
        try:
            self._promise(job, self._rows(job, given, run), run)
        except OvertakenError:
            for move in given:
                move.part.unlink(missing_ok=True)
            raise
        self._complete(job, run)

    def _rows(self, job: int, parts: list[Move], run: int) -> list[dict[str, Any]]:
        """Of `moves`; the parts are on the disk."""
        self._check(job, run)
        rows = [
            {"job": job, "part": str(move.part), "path": str(move.path), "rows": move.rows, "sha256": sha256(move.part)}
            for move in parts
        ]
        _settle(Path(str(row["part"])) for row in rows)
        return rows

    @again
    def _promise(self, job: int, rows: list[dict[str, Any]], run: int) -> None:
        with self.database.durable() as connection:
            if self.database.shared:  # one that another run began on another machine, and did not live to finish
                connection.execute(delete(moves).where(moves.c.job == job))
            elif self.database.rerun and connection.scalar(STATE, {"of": job}) == "publishing":
                return
            if rows:
                connection.execute(insert(moves), rows)
            going = update(jobs).where(jobs.c.id == job, *self._mine(run)).values(state="publishing")
            if connection.execute(going).rowcount != 1:
                raise OvertakenError

    def complete(self) -> list[int]:
        """Finish every publication that a kill interrupted; the ids of their jobs."""
        found = self.interrupted()
        for job in found:
            self._complete(job, 0)
        return found

    @again
    def interrupted(self) -> list[int]:
        """Jobs that are being published; where a run is alone, by nobody any more."""
        with self.database.begin() as connection:
            found = connection.scalars(select(jobs.c.id).where(jobs.c.state == "publishing").order_by(jobs.c.id))
            return list(found)

    def resume(self, job: int, run: int) -> bool:
        """Finish what a run that is no more began; False where it must be made anew, for its parts are not here."""
        rows = self._moves(job)
        if not rows or not all(_here(Path(row.part), Path(row.path), row.sha256) for row in rows):
            return False
        self._complete(job, run)
        return True

    @again
    def waits_here(self, job: int, paths: Iterable[Path]) -> bool:
        """Whether another job is being published to one of these paths, on this machine."""
        others = select(moves.c.part).join(jobs, jobs.c.id == moves.c.job)
        others = others.where(jobs.c.state == "publishing", jobs.c.id != job, moves.c.path.in_(map(str, paths)))
        with self.database.begin() as connection:
            return any(Path(part).is_file() for part in connection.scalars(others))

    @again
    def _moves(self, job: int) -> list[Row[Any]]:
        with self.database.begin() as connection:
            return list(connection.execute(select(moves).where(moves.c.job == job).order_by(moves.c.id)))

    def _mine(self, run: int) -> list[ColumnElement[bool]]:
        return [jobs.c.holder == run, jobs.c.state.in_(GOING_ON)] if self.database.shared else []

    @again
    def _check(self, job: int, run: int) -> None:
        with self.database.begin() as connection:
            if connection.scalar(select(jobs.c.id).where(jobs.c.id == job, *self._mine(run))) is None:
                raise OvertakenError

    @again
    def _complete(self, job: int, run: int) -> None:
        self._check(job, run)
        rows = [(row.part, row.path) for row in self._moves(job)]
        try:
            for part, path in rows:
                with suppress(FileNotFoundError):  # it was moved before the kill
                    os.replace(part, path)  # noqa: PTH105
            for _, path in rows:
                _settle([Path(path)])
        except OSError as error:
            raise FeedError(f"the feed {path} cannot be put in its place: {error.strerror}") from None
        with self.database.durable() as connection:
            if connection.execute(select(jobs.c.id).where(jobs.c.id == job, *self._mine(run))).first():
                self.jobs.finish(connection, job)


def _here(part: Path, path: Path, digest: str) -> bool:
    """Whether a part is on this machine, or was moved before the kill."""
    return part.is_file() or (path.is_file() and sha256(path) == digest)


def _settle(files: Iterable[Path]) -> None:
    """The entries of these files are on the disk, too, and those of their folders, which may be new."""
    for folder in {folder for file in files for folder in list(file.parents)[:2]}:
        with suppress(PermissionError):  # it may be written to and not be read
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
