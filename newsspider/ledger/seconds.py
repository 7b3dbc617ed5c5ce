"""Spans of time in settings."""

import re

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)")


def seconds(text: str) -> float:
    """Seconds of a span. Raises ValueError.

    >>> seconds("6h"), seconds("30m"), seconds("90")
    (21600.0, 1800.0, 90.0)
    """
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no span of time; write 90 (seconds), 30m, 6h or 2d")
    return float(match[1]) * UNITS[match[2]]
