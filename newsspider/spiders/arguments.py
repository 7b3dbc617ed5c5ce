"""What a user may ask of a news spider: the `-a` arguments, checked before anything else happens."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import ModuleType
from typing import Any, Literal


class ArgumentError(ValueError):
    """A wrong argument; the message says what was wrong and what is allowed, in one line."""


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """The arguments of one job. One field an argument; an absent one is None or empty."""

    since: date | None = None
    until: date | None = None
    days: tuple[date, ...] = ()
    """Every day from since to until, or those that were chosen, in order."""
    source: Literal["rss", "sitemap", "scroll"] | None = None
    url: tuple[str, ...] = ()
    """Canonical URLs of articles."""
    channel: str = ""
    subsections: frozenset[int] = frozenset()
    limit: int | None = None
    details: Literal["full"] | None = None
    fresh: Literal["1"] | None = None
    """A new job, also where one of these arguments is unfinished."""


def own(raw: Mapping[str, str]) -> dict[str, str]:
    """Without what a scheduler adds for itself: scrapyd gives each run a `_job`, which must not make it another job.

    >>> own({"since": "2022-01-01", "_job": "6487ec79947edab326d6db28a2d86511e8247444"})
    {'since': '2022-01-01'}
    """
    return {name: text for name, text in raw.items() if not name.startswith("_")}


def parse(raw: Mapping[str, str], urls: ModuleType, today: date) -> Arguments:
    """Check `-a` arguments against the site's `urls`; `today` is the site's own day. Raises ArgumentError."""
    readers: dict[str, Callable[[str], Any]] = {
        "since": _date,
        "until": _date,
        "days": _days,
        "source": _one_of("source", ("rss", "sitemap", "scroll")),
        "url": lambda text: _articles(text, urls),
        "channel": _one_of("channel", tuple(urls.CHANNELS)),
        "subsections": _numbers,
        "limit": _count,
        "details": _one_of("details", ("full",)),
        "fresh": _one_of("fresh", ("1",)),
    }
    for name in raw:
        if name not in readers:
            raise ArgumentError(f"unknown argument {name!r}; allowed are {', '.join(readers)}")
    values = {name: readers[name](text.strip()) for name, text in raw.items()}
    values.setdefault("channel", urls.DEFAULT_CHANNEL)
    if "since" in values:
        values.setdefault("until", today)
    arguments = Arguments(**values)
    _check_range(arguments, today)
    _check_subsections(arguments, urls)
    _check_ways(arguments, raw)
    if arguments.since and arguments.until:
        return replace(arguments, days=tuple(_between(arguments.since, arguments.until)))
    return arguments


def spelled(raw: Mapping[str, str], arguments: Arguments, urls: ModuleType) -> dict[str, str]:
    """What was given, each in one spelling, and without a channel that is meant anyway: what makes a job the same."""
    values = {name: getattr(arguments, name) for name in raw}
    if arguments.channel == urls.DEFAULT_CHANNEL:
        values.pop("channel", None)
    lists = (tuple, frozenset)
    words = {
        name: ",".join(map(str, sorted(value))) if isinstance(value, lists) else str(value)
        for name, value in values.items()
    }
    return words | ({"days": ranges(values["days"])} if "days" in values else {})


def ranges(days: Iterable[date]) -> str:
    """Days in order, as the argument `days` has them.

    >>> ranges([date(2022, 1, 3), date(2022, 1, 4), date(2022, 1, 9)])
    '2022-01-03..2022-01-04,2022-01-09'
    """
    found: list[list[date]] = []
    for day in days:
        if found and day - found[-1][-1] == timedelta(1):
            found[-1][1:] = [day]
        else:
            found.append([day])
    return ",".join("..".join(map(str, ends)) for ends in found)


def _date(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise ArgumentError(f"{text!r} is no date; write it as YYYY-MM-DD, for example 2022-01-31") from None


def _days(text: str) -> tuple[date, ...]:
    found: set[date] = set()
    for part in text.split(","):
        first, dots, last = part.strip().partition("..")
        ends = _date(first), _date(last if dots else first)
        if ends[1] < ends[0]:
            raise ArgumentError(f"days {part.strip()} run backwards; write the earlier day first")
        found.update(_between(*ends))
    return tuple(sorted(found))


def _between(first: date, last: date) -> Iterator[date]:
    """Both included."""
    return (first + timedelta(n) for n in range((last - first).days + 1))


def _one_of(name: str, allowed: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ArgumentError(f"unknown {name} {text!r}; allowed are {', '.join(allowed)}")
        return text

    return read


def _articles(text: str, urls: ModuleType) -> tuple[str, ...]:
    found = []
    for url in filter(None, (part.strip() for part in text.split(","))):
        article = urls.article_url(url)
        if article is None:
            raise ArgumentError(
                f"{url!r} is no article of this site; its articles have /read/<id>/<subsection>/ in the URL"
            )
        found.append(article.canonical)
    if not found:
        raise ArgumentError("url is empty; give one article's URL, or several with commas between")
    return tuple(dict.fromkeys(found))


def _numbers(text: str) -> frozenset[int]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise ArgumentError(f"subsections {text!r} are none; give their numbers with commas between, for example 40,43")
    return frozenset(map(int, parts))


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise ArgumentError(f"limit {text!r} is none; give a whole number from 1 on")
    return int(text)


def _check_range(arguments: Arguments, today: date) -> None:
    since, until = arguments.since, arguments.until
    if until is not None and since is None:
        raise ArgumentError("until needs since; give both, or since alone for everything from that day on")
    latest = arguments.days[-1] if arguments.days else None
    for name, day in (("since", since), ("until", until), ("days", latest)):
        if day is not None and day > today:
            raise ArgumentError(f"{name} {day} lies in the future; today is {today}")
    if since is not None and until is not None and until < since:
        raise ArgumentError(f"until {until} lies before since {since}")


def _check_subsections(arguments: Arguments, urls: ModuleType) -> None:
    unknown = sorted(arguments.subsections - urls.SUBSECTIONS.keys())
    if unknown and arguments.channel == urls.DEFAULT_CHANNEL:
        known = ", ".join(f"{number} {label}" for number, label in urls.SUBSECTIONS.items())
        raise ArgumentError(f"unknown subsection {unknown[0]} of {arguments.channel}; allowed are {known}")


WAYS = ("since", "days", "source", "url")
"""Arguments of which each is a way through the site of its own."""


def _check_ways(arguments: Arguments, raw: Mapping[str, str]) -> None:
    ways = [name for name in WAYS if getattr(arguments, name)]
    if len(ways) > 1:
        raise ArgumentError(f"{' and '.join(ways)} exclude each other; give one of {', '.join(WAYS)}")
    for name in ("channel", "subsections"):
        if arguments.url and name in raw:
            raise ArgumentError(f"{name} means nothing beside url, which names the articles; leave one of them out")
