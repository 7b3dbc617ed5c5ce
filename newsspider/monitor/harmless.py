"""A fault of this room is one line in the log: it costs no article, and changes no exit code."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

logger = logging.getLogger(__name__)

_told: set[str] = set()


def tell(fault: str) -> None:
    """Once."""
    if fault not in _told:
        _told.add(fault)
        logger.warning("the monitors could not do all their work (%s); the crawl is as it would be without", fault)


def harmless(method: Callable[..., Any]) -> Callable[..., None]:
    """Of an extension's signal handler."""

    @wraps(method)
    def guarded(self: Any, **named: Any) -> None:
        try:
            method(self, **named)
        except Exception as error:
            tell(f"{type(error).__name__}: {error}")

    return guarded
