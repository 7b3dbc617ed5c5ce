"""Dates of Indonesian pages, pure functions: text in, ISO 8601 with an offset out."""

import re
from datetime import UTC, datetime, timedelta, timezone

WIB, WITA, WIT = (timezone(timedelta(hours=hours), name) for hours, name in ((7, "WIB"), (8, "WITA"), (9, "WIT")))
ZONES = {"wib": WIB, "wita": WITA, "wit": WIT, "z": UTC, "utc": UTC, "gmt": UTC}

_NAMES = (
    "januari jan january",
    "februari feb pebruari peb february",
    "maret mar mrt march",
    "april apr",
    "mei may",
    "juni jun june",
    "juli jul july",
    "agustus agu agt ags agust august aug",
    "september sep sept",
    "oktober okt october oct",
    "november nov nopember nop",
    "desember des december dec",
)
MONTHS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}
MONTHS |= {f"{number:0{width}d}": number for number in range(1, 13) for width in (1, 2)}

_TIME = r"(?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})(?:[:.](?P<second>[0-9]{2})(?:[.,][0-9]+)?)?(?![0-9])"
_ZONE = r"[\s(]*(?P<zone>wib|wita|wit|utc|gmt|z|[+-][0-9]{2}:?[0-9]{2})?(?![a-z])"
_PATTERNS = tuple(
    re.compile(rf"(?<![0-9]){day}{_TIME}{_ZONE}", re.IGNORECASE)
    for day in (
        r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})(?:T|\s+)",
        r"(?P<day>[0-9]{1,2})[\s.\-/]+(?P<month>[a-z]{3,9}|[0-9]{1,2})[\s.,\-/]+(?P<year>[0-9]{4})"
        r"[\s,|:–—-]*(?:pukul|jam|pkl\.?)?\s*",
    )
)


def iso(text: str) -> str | None:
    """The first date with a time in the text; WIB where no zone is named, and for zones outside Indonesia.

    None if there is none, if it cannot be, or if it has no time of day.

    >>> iso("Jum'at, 24 Juli 2026 - 14:00 WIB")
    '2026-07-24T14:00:00+07:00'
    >>> iso("Selasa,  6 Nopember 2015 - 05:23:09 WITA")
    '2015-11-06T05:23:09+08:00'
    >>> iso("2026-07-24T07:00:00Z")
    '2026-07-24T14:00:00+07:00'
    >>> iso("31 Februari 2022 - 10:00 WIB")
    """
    match = next((found for pattern in _PATTERNS if (found := pattern.search(text))), None)
    if match is None or (month := MONTHS.get(match["month"].lower())) is None:
        return None
    day = (int(match["year"]), month, int(match["day"]))
    time = (int(match["hour"]), int(match["minute"]), int(match["second"] or 0))
    try:
        return _indonesian(datetime(*day, *time, tzinfo=_zone(match["zone"])))
    except (ValueError, OverflowError):
        return None


def from_epoch(seconds: int) -> str | None:
    """Seconds since 1970, in WIB; None if they are out of range.

    >>> from_epoch(1641663000)
    '2022-01-09T00:30:00+07:00'
    """
    try:
        return datetime.fromtimestamp(seconds, WIB).isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def _zone(name: str | None) -> timezone:
    if name is None:
        return WIB
    if name.lower() in ZONES:
        return ZONES[name.lower()]
    minutes = int(name[1:3]) * 60 + int(name[-2:])
    return timezone(timedelta(minutes=-minutes if name[0] == "-" else minutes))


def _indonesian(moment: datetime) -> str:
    """Keep the three zones of Indonesia, put all others into WIB."""
    kept = moment.utcoffset() in [zone.utcoffset(None) for zone in (WIB, WITA, WIT)]
    return (moment if kept else moment.astimezone(WIB)).isoformat()
