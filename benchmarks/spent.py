"""What one process takes, from its start to its end."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Spent(NamedTuple):
    cpu: float
    """Seconds, of user and system."""
    wall: float
    """Seconds."""
    memory: float
    """MB at the peak."""


def spent(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Spent:
    """Python with these arguments, in a folder; raises RuntimeError, with the log's end, on another code than 0."""
    start = time.monotonic()
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen([sys.executable, *arguments], cwd=folder, env=environment, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}:\n{log.read()[-2000:]}")
    kilo = 1024 if sys.platform == "linux" else 1024**2
    return Spent(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / kilo)
