"""What is not as it should be with a run: exit code 3 where it finished otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Finding:
    """One objection, as it stands in the ledger and in run.json."""

    name: str
    """What was looked at, like a stat: fields/title, index/listed."""
    told: str
    """One line for the person at cron: what is wrong, and where to look."""
    usual: float | None = None
    """The usual figure, or the bound; None where there is none."""
    today: float | None = None
    examples: list[str] = field(default_factory=list)
    """URLs of pages that show it, three at most."""
    kept: list[str] = field(default_factory=list)
    """Folders of those of them that were kept as cases."""


def objection(findings: Sequence[Finding], elsewhere: str) -> str:
    """For the last line, behind "finished"; empty where there are none. `elsewhere` stand the others."""
    more = f" (and {len(findings) - 1} more, see {elsewhere})" if len(findings) > 1 else ""
    return f", but {findings[0].told}{more}" if findings else ""
