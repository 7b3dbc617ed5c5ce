"""Names of feeds."""

from datetime import UTC
from typing import Any

from scrapy import Spider


def uri_params(params: dict[str, Any], spider: Spider) -> dict[str, Any]:
    """`%(job_start)s` in a feed's URI: when the job started, UTC, the same in all its feeds: 20220109T003000Z."""
    start = spider.crawler.stats.get_value("start_time")
    return {**params, "job_start": start.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")}
