"""Browsers grow. Watched every few seconds, and ended where it grows out of bounds; the pages in it are owed."""

import asyncio
import logging
from contextlib import suppress

import psutil
from scrapy.crawler import Crawler

from newsspider.browser.launch import Chromium

MEGABYTE = 2**20

logger = logging.getLogger(__name__)


def megabytes(chromium: Chromium) -> float:
    """What the browser and its driver take together; what they share counts once, where the system tells."""
    return sum(map(_share, chromium.processes())) / MEGABYTE


def _share(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        memory = process.memory_full_info()
        return int(getattr(memory, "pss", 0) or memory.rss)
    return 0


async def grown(crawler: Crawler, chromium: Chromium) -> bool:
    """Whether it takes more than BROWSER_MEMORY; the most it took is told in the stats.

    To ask the system takes up to 0.1 s, so it is asked in a thread.
    """
    taken, most = await asyncio.to_thread(megabytes, chromium), crawler.settings.getfloat("BROWSER_MEMORY")
    crawler.stats.max_value("browser/memory_mb", round(taken))
    if taken <= most:
        return False
    logger.warning("the browser takes %d MB, more than BROWSER_MEMORY (%g): it is started again", taken, most)
    return True
