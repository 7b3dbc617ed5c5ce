"""Runs the monitors by Spidermon's own runner, which logs nothing. Imported when a run is over, with Spidermon."""

from collections.abc import Sequence
from typing import Any

from scrapy.crawler import Crawler
from spidermon import MonitorRunner  # type: ignore[import-untyped]

from newsspider.monitor.case import Case
from newsspider.monitor.harmless import tell
from newsspider.monitor.monitors import NewsMonitor, NewsSuite
from newsspider.monitor.words import Objection, objected


def run(crawler: Crawler, case: Case, more: Sequence[type]) -> list[Objection]:
    """What the monitors object to, and `more` of them: any of Spidermon's kind, which get the data they know."""
    objections: list[Objection] = []
    data = {"stats": case.today, "crawler": crawler, "spider": crawler.spider, "job": None}
    result = MonitorRunner().run(NewsSuite(monitors=more), **data, case=case, objections=objections)
    for failed in result.monitors_failed_results:
        if failed.status == "ERROR":
            tell(failed.error.strip().splitlines()[-1])
        elif not isinstance(failed.item, NewsMonitor):
            objections.append(_of_another(failed))
    return objections


def _of_another(failed: Any) -> Objection:
    return objected(failed.item.name, str(failed.reason).splitlines()[-1], None, None, ())
