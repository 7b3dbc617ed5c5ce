"""All that the monitors look at, of one run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newsspider.ledger.history import Past
from newsspider.monitor.figures import Stats, rules
from newsspider.monitor.judgement import Judgement, Verdict
from newsspider.monitor.kinds import Kind
from newsspider.monitor.pages import Pages


@dataclass(frozen=True, kw_only=True)
class Case:
    """`earlier` are the runs that it can be compared with, also those without an article, the last first."""

    judgement: Judgement
    pages: Pages
    site: Any
    """How the site's articles are read: `sites/<site>/article.py`."""
    kind: Kind | None
    earlier: Sequence[Past]
    now: datetime
    new: int
    finished: bool
    """It came to the end of what it set out to do."""
    lost: Sequence[str] = ()
    """URLs of articles that could not be had."""

    @property
    def today(self) -> Stats:
        return self.judgement.today

    @property
    def past(self) -> Sequence[Stats]:
        return self.judgement.past

    def fallen(self, field: str) -> Iterator[tuple[str, Verdict]]:
        """Names of this field's rules that stopped matching, the best rule first."""
        for name in sorted(name for name in rules(self.today) if name.split("/")[1] == field):
            if verdict := self.judgement.share(name):
                yield name, verdict

    def rule(self, name: str) -> str:
        """A rule as it is written; `name`: rules/title/2024/1."""
        _, field, layout, place = name.split("/")
        found = next((each for each in getattr(self.site, "LAYOUTS", ()) if each.name == layout), None)
        ways = () if found is None else found.body if field == "paragraphs" else found.fields.get(field, ())
        written = next((way.text for number, way in enumerate(ways, 1) if number == int(place)), "")
        return f"rule {place} of {field} in layout {layout}" + (f" ({written})" if written else "")
