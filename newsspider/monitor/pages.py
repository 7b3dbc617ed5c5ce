"""A few pages of many, put aside while the run lasts: what a finding shows, and where mending the rules starts."""

from collections.abc import Callable
from typing import Any, NamedTuple

from scrapy.http import HtmlResponse, Response, TextResponse

SHOWN = 3
"""Examples of a finding."""
SAMPLE = 24
"""Articles, and lists a quarter of that, to be read once more when something is found."""


class Shown(NamedTuple):
    """One example."""

    url: str
    page: Response | None
    """None where there is nothing to be read."""


class Spread:
    """At most so many of all that is added, and at least half of that, evenly spread over it; others are not held."""

    def __init__(self, most: int = 2 * SHOWN - 1) -> None:
        self.most = most
        self.held: list[Shown] = []
        self._count, self._step = 0, 1

    def add(self, url: str, response: object) -> None:
        if self._count % self._step == 0:
            self.held.append(Shown(url, lean(response)))
            if len(self.held) > self.most:
                del self.held[1::2]
                self._step *= 2
        self._count += 1


def lean(response: object) -> Response | None:
    """A response without the request that it came by and what hangs on that; None if it is none."""
    if not isinstance(response, TextResponse):
        return None
    headers = {"Content-Type": response.headers.get("Content-Type") or b""}
    return HtmlResponse(response.url, response.status, headers, response.body, encoding=response.encoding)


class Hits(dict[str, int]):
    """Takes the place of Scrapy's stats while a page is read once more."""

    def inc_value(self, key: str, count: int = 1, start: int = 0, spider: object = None) -> None:
        self[key] = self.get(key, start) + count


class Pages:
    """Of one run; `read` is how its site reads an article's page."""

    def __init__(self, read: Callable[..., Any]) -> None:
        self.read = read
        self.by_name: dict[str, Spread] = {}
        """Name of a finding -> pages that it would show."""
        self.articles, self.lists = Spread(SAMPLE), Spread(SAMPLE // 4)

    def add(self, name: str, url: str, response: object) -> None:
        spread = self.by_name.get(name)
        if spread is None:
            spread = self.by_name[name] = Spread()
        spread.add(url, response)

    def of(self, name: str) -> list[Shown]:
        """What was put aside under this name."""
        return self.by_name[name].held[:SHOWN] if name in self.by_name else []

    def unmatched(self, rule: str) -> list[Shown]:
        """Articles of the rule's layout on which it gives nothing; `rule` is a stat: parser/title/2024/1."""
        return [shown for shown, hits, _ in self._again() if hits.get(rule) == 0][:SHOWN]

    def shortest(self, *, first: Callable[[Any], float]) -> list[Shown]:
        """Articles, those first that are so."""
        return [shown for shown, _, article in sorted(self._again(), key=lambda row: first(row[2]))][:SHOWN]

    def _again(self) -> list[tuple[Shown, Hits, Any]]:
        rows = []
        for shown in self.articles.held:
            if shown.page is not None:
                hits = Hits()
                rows.append((shown, hits, self.read(shown.page, hits).article))
        return rows
