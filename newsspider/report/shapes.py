"""Numbers and times as HTML: plain English in the page, and a value for its script to put into the reader's form."""

from datetime import date, datetime
from http.client import responses
from math import log10

from markupsafe import Markup

from newsspider.dates import WIB

NOTHING = "–"
UNITS = ("B", "kB", "MB", "GB")


def number(value: float | None) -> str:
    """
    >>> number(1234)
    Markup('<data value="1234">1,234</data>')
    >>> number(1.5), number(None)
    (Markup('<data value="1.5">1.5</data>'), '–')
    """
    return NOTHING if value is None else _data(value, "number", f"{round(value, 2):,}")


def share(value: float | None) -> str:
    """
    >>> share(0.98765)
    Markup('<data value="0.98765" data-form="percent">98.8 %</data>')
    """
    return NOTHING if value is None else _data(value, "percent", f"{100 * value:.1f}".removesuffix(".0") + " %")


def size(value: float | None) -> str:
    """
    >>> size(1_234_567)
    Markup('<data value="1234567" data-form="bytes">1.2 MB</data>')
    """
    if value is None:
        return NOTHING
    power = min(int(log10(max(value, 1)) // 3), 3)
    return _data(value, "bytes", f"{value / 1000**power:.{1 if power else 0}f} {UNITS[power]}")


def seconds(value: float | None) -> str:
    """
    >>> seconds(1.5)
    Markup('<data value="1.5" data-form="seconds">1.5 s</data>')
    """
    return NOTHING if value is None else _data(value, "seconds", f"{value:,.2f}".rstrip("0").rstrip(".") + " s")


def time(value: str | None) -> str:
    """ISO 8601 with an offset, as WIB; what is no time stays as it is.

    >>> time("2022-01-08T17:30:00Z")
    Markup('<time datetime="2022-01-09T00:30:00+07:00">9 Jan 2022, 00:30 WIB</time>')
    """
    if value is None:
        return NOTHING
    try:
        there = datetime.fromisoformat(value).astimezone(WIB)
    except (ValueError, OverflowError):
        return value
    return _time(there, f"{there.day} {there:%b %Y, %H:%M} WIB")


def span(began: str, ended: str | None) -> str:
    """
    >>> span("2022-01-08T17:30:00Z", "2022-01-08T19:31:05Z")
    '2 h 1 min 5 s'
    >>> span("2022-01-08T17:30:00Z", None)
    '–'
    """
    if ended is None:
        return NOTHING
    took = int((datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds())
    parts = ((took // 3600, "h"), (took // 60 % 60, "min"), (took % 60, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"


def day(value: str) -> str:
    """
    >>> day("2022-01-09")
    Markup('<time datetime="2022-01-09">9 Jan 2022</time>')
    """
    there = date.fromisoformat(value)
    return _time(there, f"{there.day} {there:%b %Y}")


def status(code: str) -> str:
    """
    >>> status("404"), status("999"), status("TimeoutError")
    ('Not Found', '', '(no answer)')
    """
    return responses.get(int(code), "") if code.isdecimal() else "(no answer)"


def link(url: str) -> bool:
    """Whether it may be followed: the address of a page, and nothing that a browser would run."""
    return url.startswith(("https://", "http://"))


def _data(value: float, form: str, text: str) -> Markup:
    kind = f' data-form="{form}"' if form != "number" else ""
    return Markup(f'<data value="{value}"{kind}>{text}</data>')  # noqa: S704  # numbers, and words of this file


def _time(value: datetime | date, text: str) -> Markup:
    return Markup(f'<time datetime="{value.isoformat()}">{text}</time>')  # noqa: S704
