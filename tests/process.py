"""`scrapy …` as a process, the way cron runs it."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
FAST = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0")
"""Manners off: for a site of our own on loopback."""


def environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment with what `scrapy` needs to find the project from any folder, and `env`."""
    project = {"SCRAPY_SETTINGS_MODULE": "newsspider.settings", "PYTHONPATH": str(ROOT)}
    usual = {"PYTHONUNBUFFERED": ""}  # cron's streams have buffers
    return {**os.environ, **project, **usual, **(env or {})}


def scrapy(
    *args: str, cwd: Path, env: Mapping[str, str] | None = None, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run `scrapy ARGS` in `cwd`; `env` is added to the environment."""
    command = [sys.executable, "-m", "scrapy", *args]
    return subprocess.run(command, cwd=cwd, env=environment(env), capture_output=True, text=True, timeout=timeout)


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file of the processes that start here may be larger: as good as a full disk."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
