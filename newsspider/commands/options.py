"""What every command line may get wrong, found before anything else happens."""

import json
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings

from newsspider.ledger.seconds import seconds

_BOOLEANS = ("0", "1", "True", "False", "true", "false")


def _not_negative(text: str) -> float:
    if not (number := float(text)) >= 0:
        raise ValueError
    return number


def _object(text: str) -> object:
    if not isinstance(read := json.loads(text), dict):
        raise ValueError
    return read


_READERS: dict[type, Callable[[str], object]] = {
    **{int: int, float: _not_negative, bool: _BOOLEANS.index},
    dict: _object,
}
_SPANS = ("RUN_DEADLINE", "LEDGER_REVISIT", "LEDGER_LEASE")


def check_words(args: Iterable[str], given: Iterable[str], command: str = "crawl") -> None:
    """Options that there are none of among `args`, and a name that is `given` twice. Raises UsageError."""
    if unknown := next((arg for arg in args if arg.startswith("-")), None):
        raise UsageError(f"unknown option {unknown}; `scrapy {command} --help` names all")
    names = [pair.partition("=")[0] for pair in given]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(f"-a {twice} is given more than once; give it once, several values with commas between")


def check_format(path: Path | None, form: str, settings: BaseSettings) -> None:
    """Of a file that is to be written. Raises UsageError."""
    known = settings.getwithbase("FEED_EXPORTERS")
    if form not in known:
        raise UsageError(f"unknown format {form!r}; known are {', '.join(known)}")
    if form == "parquet" and path and path.suffix == ".gz":
        raise UsageError("Parquet is compressed already; leave out the .gz")


def check_settings(given: dict[str, str], usual: BaseSettings) -> None:
    """A `-s` that Scrapy would trip over in the middle of the crawl. Raises UsageError."""
    for name, text in given.items():
        kind = type(usual.get(name))
        try:
            _READERS.get(kind, str)(text)
            if name in _SPANS and text:
                seconds(text)
        except ValueError as error:
            like = str(error) if name in _SPANS else f"{name} takes a value like {usual[name]}"
            raise UsageError(f"-s {name}={text}: {like}") from None


def check_log(settings: BaseSettings) -> None:
    """Raises UsageError, or OSError when its file cannot be written."""
    level, names = settings["LOG_LEVEL"], ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
    if level not in (*names, *map(logging.getLevelName, names)):
        raise UsageError(f"unknown log level {level!r}; allowed are {', '.join(names)}")
    if settings["LOG_FILE"]:
        Path(settings["LOG_FILE"]).open("a").close()
