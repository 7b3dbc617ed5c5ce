"""What stats say, as figures that can be compared: how many of how many are not as they should be."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from newsspider.monitor.chance import Middle, Tally

Stats = Mapping[str, Any]

FIELDS = (
    *("title", "published", "modified", "section", "subsection", "dateline", "authors", "editor", "description"),
    *("paragraphs", "subheadings", "related", "tags", "image_url", "image_caption"),
)
"""Those that an article can lack."""
REQUIRED = {"no title": "title", "no text": "paragraphs"}
"""Why an article is dropped -> the field that it lacks."""


def number(stats: Stats, name: str) -> int:
    value: int = stats.get(name, 0)
    return value


def _articles(stats: Stats, bad: str) -> Tally:
    return Tally(number(stats, bad), number(stats, "monitor/articles"))


def _dropped(stats: Stats) -> int:
    return sum(number(stats, f"dropped/{reason}") for reason in REQUIRED)


def _field(stats: Stats, field: str) -> Tally:
    """Articles without it; one without title or text is none, but was to be one."""
    articles, have = number(stats, "monitor/articles"), number(stats, f"monitor/fields/{field}")
    lost = sum(number(stats, f"dropped/{reason}") for reason, name in REQUIRED.items() if name == field)
    return Tally(articles - have + lost, articles + (_dropped(stats) if field in REQUIRED.values() else 0))


def _errors(stats: Stats, _: str) -> Tally:
    failed = number(stats, "monitor/failed")
    return Tally(failed, failed + number(stats, "monitor/articles") + _dropped(stats))


def _retries(stats: Stats, _: str) -> Tally:
    asked = number(stats, "downloader/request_count")
    return Tally(min(number(stats, "retry/count"), asked), asked)


def _listed(stats: Stats, _: str) -> Tally:
    """Links to articles that the lists name, and nothing came of."""
    listed = number(stats, "index/listed")
    taken = number(stats, "monitor/known") + _errors(stats, "").of
    return Tally(max(listed - taken, 0), listed)


def _layout(stats: Stats, layout: str) -> Tally:
    """Articles that were read by another one."""
    tally = _articles(stats, f"monitor/layout/{layout}")
    return Tally(tally.of - tally.bad, tally.of)


def _rule(stats: Stats, rule: str) -> Tally:
    """Pages of its layout on which it gave nothing, of those on which no better rule did; `rule`: title/2024/1."""
    field, layout, place = rule.split("/")
    hits = [number(stats, f"parser/{field}/{layout}/{better}") for better in range(1, int(place) + 1)]
    asked = max(number(stats, f"monitor/read/{layout}") - sum(hits[:-1]), 0)
    return Tally(max(asked - hits[-1], 0), asked)


TALLIES: dict[str, Callable[[Stats, str], Tally]] = {
    "fields": _field,
    "published": lambda stats, _: _articles(stats, "monitor/published_from/url"),
    "boilerplate": lambda stats, kind: _articles(stats, f"monitor/boilerplate/{kind}"),
    "incomplete": lambda stats, _: _articles(stats, "monitor/incomplete"),
    "errors": _errors,
    "retries": _retries,
    "articles": _listed,
    "layout": _layout,
    "rules": _rule,
}


def tally(name: str, stats: Stats) -> Tally:
    """The figure of this name: fields/title, rules/title/2024/1."""
    family, _, rest = name.partition("/")
    bad, of = TALLIES[family](stats, rest)
    return Tally(min(max(bad, 0), of), of)


def middle(name: str, stats: Stats) -> Middle:
    """paragraphs: how many an article has; length: how long they are."""
    return Middle(stats.get(f"monitor/{name}/median", 0), number(stats, "monitor/articles"))


def rules(stats: Stats) -> list[str]:
    """Names of figures, one a rule of a layout that a page was read by."""
    return [f"rules/{name.removeprefix('parser/')}" for name in stats if name.startswith("parser/")]


def layouts(stats: Stats) -> list[str]:
    return [name.removeprefix("monitor/") for name in stats if name.startswith("monitor/layout/")]


def read(stats: Stats) -> Iterator[tuple[str, int]]:
    """`read/<layout>` and how many pages were read by it: some field is found on every one."""
    found: dict[tuple[str, str], int] = {}
    for name in rules(stats):
        _, field, layout, rule = name.split("/")
        found[field, layout] = found.get((field, layout), 0) + number(stats, f"parser/{field}/{layout}/{rule}")
    for layout in {layout for _, layout in found}:
        yield f"read/{layout}", max(hits for (_, of), hits in found.items() if of == layout)
