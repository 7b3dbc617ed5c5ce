"""What is wrong with a feed: how often, and where first."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

EXAMPLES = 5
"""Of each check, of one feed."""
LONGEST = 160
"""Characters of an example."""


@dataclass
class Report:
    """Of one feed, which may be several files; its size does not depend on theirs."""

    feed: str
    unit: str
    """What places in it are: line, row, item."""
    articles: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    unrecorded: int = 0
    """Files of which no run.json beside them tells count and SHA-256."""

    def add(self, check: str, told: str, file: str, place: int | None = None, url: str | None = None) -> None:
        self.counts[check] += 1
        if len(self.examples[check]) < EXAMPLES:
            example = {"url": _shown(url) if url else None, "told": _shown(told)}
            self.examples[check].append({"file": file, self.unit: place, **example})

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        found = [{"check": name, "count": n, "examples": self.examples[name]} for name, n in self.counts.items()]
        return {"feed": self.feed, "articles": self.articles, "unrecorded": self.unrecorded, "findings": found}

    def lines(self) -> list[str]:
        """For a person."""
        told = ", ".join(f"{name} {number}" for name, number in self.counts.items())
        unrecorded = f" (of {self.unrecorded} files no run.json tells count and SHA-256)" if self.unrecorded else ""
        lines = [f"{self.feed}: {self.articles} articles, {told or 'nothing found'}{unrecorded}"]
        for name, number in self.counts.items():
            lines += [_line(self.unit, name, example) for example in self.examples[name]]
            if number > EXAMPLES:
                lines.append(f"  … and {number - EXAMPLES} more of {name}")
        return lines


def _line(unit: str, check: str, example: dict[str, Any]) -> str:
    place = f":{unit} {example[unit]}" if example[unit] else ""
    return f"  {example['file']}{place}: {check}: {example['told']}" + (
        f"\n    {example['url']}" if example["url"] else ""
    )


def _shown(text: Any) -> str:
    """Short, and such that every terminal takes it."""
    short = str(text)[: LONGEST + 1]
    short = short if len(short) <= LONGEST else f"{short[:LONGEST]}…"
    return short.encode("utf-8", "backslashreplace").decode()
