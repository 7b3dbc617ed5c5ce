"""One run at a time on one ledger: the system's lock on a file, which dies with its process."""

import fcntl
import json
import os
from pathlib import Path
from typing import IO

from newsspider.ledger.database import now
from newsspider.ledger.errors import BusyError, LedgerError


class Lock:
    """Held until `release`, or until the process is no more. Raises BusyError, which names who holds it."""

    def __init__(self, path: Path, spider: str) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.file: IO[str] = path.open("a+")
        except OSError as error:
            raise LedgerError(f"the ledger's folder {path.parent} is not writable: {error.strerror}") from None
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = self._holder()
            self.file.close()
            raise BusyError(f"another run of {spider} is at work: {holder}; its ledger is in {path.parent}") from None
        except OSError as error:
            self.file.close()
            why = f"{path} cannot be locked: {error.strerror}; name a folder on a disk of this machine with JOBDIR"
            raise LedgerError(why) from None
        self._sign()

    def release(self) -> None:
        self.file.close()

    def _sign(self) -> None:
        self.file.truncate(0)
        json.dump({"pid": os.getpid(), "started": now()}, self.file)
        try:
            self.file.flush()
        except OSError as error:
            raise LedgerError(f"{self.file.name} cannot be written: {error.strerror}") from None

    def _holder(self) -> str:
        self.file.seek(0)
        try:
            holder = json.load(self.file)
            return f"process {holder['pid']}, started {holder['started']}"
        except (ValueError, KeyError, TypeError):
            return "a process that has just started"
