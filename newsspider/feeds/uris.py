"""Names of feeds."""

import re
from collections.abc import Container
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.settings import BaseSettings
from scrapy.utils.conf import feed_complete_default_values_from_settings


def uri_params(params: dict[str, Any], spider: Spider) -> dict[str, Any]:
    """`%(job_start)s` in a feed's URI: when the job started, UTC, the same in all its feeds: 20220109T003000Z."""
    stats = spider.crawler.stats
    start = stats.get_value("job/start") or stats.get_value("start_time")
    return {**params, "job_start": start.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")}


JOB_START = "%(job_start)s"
ONE_DOCUMENT = frozenset(("json", "xml", "parquet", "pickle", "marshal"))
"""Formats of which two, one behind the other, cannot be read."""


def without_password(uri: str) -> str:
    """
    >>> without_password("ftp://me:secret@host/a@b.jsonl"), without_password("a.jsonl")
    ('ftp://host/a@b.jsonl', 'a.jsonl')
    """
    return _CREDENTIALS.sub("//", uri)


_CREDENTIALS = re.compile(r"(?<=:)//[^/]*@")


WORKERS = "workers"
"""The folder beside a feed where each worker has one of its own."""


def own_uri(uri: str, mark: str) -> str:
    """Where a worker of this name puts what it stored itself.

    >>> own_uri("feeds/%(job_start)s.jsonl", "host-3"), own_uri("a.csv", "host-3")
    ('feeds/workers/host-3/%(job_start)s.jsonl', 'workers/host-3/a.csv')
    """
    folder, slash, name = uri.rpartition("/")
    return f"{folder}{slash}{WORKERS}/{mark}/{name}"


class FeedArgumentError(ValueError):
    """A feed that could not hold what it is asked to; the message says why and what to do, in one line."""


GZIP = {"postprocessing": ["scrapy.extensions.postprocessing.GzipPlugin"]}


def named(given: str, formats: Container[str]) -> str:
    """An -o or -O as Scrapy reads it, which sees no format before a .gz.

    >>> [named(given, {"csv"}) for given in ("s3://a/b.csv.gz", "b.gz:csv", "b.csv", "b.gz")]
    ['s3://a/b.csv.gz:csv', 'b.gz:csv', 'b.csv', 'b.gz']
    """
    form = Path(given.removesuffix(".gz")).suffix[1:]
    return f"{given}:{form}" if given.endswith(".gz") and form in formats else given


def packed(feeds: dict[Any, Any]) -> dict[Any, dict[str, Any]]:
    """FEEDS, where those whose name ends with .gz are packed by gzip. Raises FeedArgumentError."""
    for uri, own in feeds.items():
        if not isinstance(own, dict):
            raise FeedArgumentError(f'FEEDS: the feed {uri} takes options, as in {{"{uri}": {{"format": "csv"}}}}')
    return {uri: GZIP | own if str(uri).endswith(".gz") else own for uri, own in feeds.items()}


def check(settings: BaseSettings) -> None:
    """Raises FeedArgumentError."""
    for given, own in settings.getdict("FEEDS").items():
        uri = str(given)
        options = feed_complete_default_values_from_settings(own, settings)
        if options["format"] == "parquet" and options.get("postprocessing"):
            raise FeedArgumentError(
                f"the feed {uri} is compressed already, as Parquet is: leave out its .gz or its postprocessing"
            )
        if JOB_START in uri:
            continue
        if options["batch_item_count"]:
            raise FeedArgumentError(
                f"the feed {uri} is written in batches and must carry the job's start, or the next job's batches would"
                f" mix with these: put {JOB_START} into its name"
            )
        local = urlsplit(uri).scheme in ("", "file")
        if not local and options.get("overwrite") is False:
            raise FeedArgumentError(
                f"the feed {without_password(uri)} cannot be appended to, for a kill could append twice: overwrite it"
                " with -O, or append to a file here"
            )
        if local and options["format"] in ONE_DOCUMENT and not options.get("overwrite"):
            raise FeedArgumentError(
                f"the feed {uri} cannot be appended to, for two {options['format']} documents in one file are none:"
                " overwrite it with -O, or append to a .jsonl"
            )
