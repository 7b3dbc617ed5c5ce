"""CPU per page of our extraction and the share of paragraphs right, beside the bare parse and three other extractors.

`python -m benchmarks.extraction [--pages N] [--rounds N]` prints a table; exit code 1: a target was not reached.

All read the same pages in turn, round by round, so that a busy machine slows all alike; the first round warms up.
Decoding and parsing count. Each package is installed as its makers publish it, in an environment of its own
(`.environments/`, made once), and used with its defaults. A paragraph is right when it is the same text once white
space is normalised. The others' text is cut into paragraphs at its line breaks, and the place before the first one
("MOSKOW - ") may stand or not.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import mean, median

from rich.console import Console
from rich.table import Table

from benchmarks.contenders import CONTENDERS
from benchmarks.environments import HERE, ContenderError, Process
from benchmarks.pages import BenchmarkPage, page, stories

PARSE_FACTOR = 2.5
"""Ours: at most so many times the CPU of lxml's bare parse."""
RIVAL_FACTOR = 8
"""trafilatura: at least so many times ours."""


class Contender(Process):
    """One extractor's process."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name, "contenders.py", folder)
        self.cpu: list[float] = []
        self.paragraphs: list[list[str]] = []

    def read(self) -> None:
        """Read all pages once: `cpu` grows by the seconds per page, `paragraphs` is what each page gave."""
        answer = self.ask()
        self.cpu.append(answer["cpu"])
        self.paragraphs = answer["paragraphs"]


@contextmanager
def contenders(pages: list[BenchmarkPage]) -> Iterator[list[Contender]]:
    """Every extractor that runs, each after a first round that does not count; those that do not run are named."""
    with tempfile.TemporaryDirectory(prefix="newsspider-benchmark-") as name:
        folder = Path(name)
        (folder / "urls.json").write_text(json.dumps([page.url for page in pages]))
        for number, each in enumerate(pages):
            (folder / f"{number:05}.html").write_bytes(each.body)
        running: list[Contender] = []
        try:
            running.extend(_started(folder))
            yield running
        finally:
            for contender in running:
                contender.end()


def _started(folder: Path) -> Iterator[Contender]:
    for name in CONTENDERS:
        try:
            contender = Contender(name, folder)
            contender.read()
        except ContenderError as error:
            if name in HERE:
                raise
            print(f"Left out: {error}", file=sys.stderr)
        else:
            contender.cpu.clear()
            yield contender


def _normal(paragraphs: list[str], place: str) -> Counter[str]:
    lines = [" ".join(text.split()) for text in paragraphs]
    return Counter(line.removeprefix(f"{place} - ") for line in lines if line)


def f1(page: BenchmarkPage, paragraphs: list[str]) -> float:
    """Harmonic mean of precision and recall: 1.0 when every paragraph is there, and nothing else."""
    truth, found = _normal(page.paragraphs, page.place), _normal(paragraphs, page.place)
    return 2 * (truth & found).total() / (truth.total() + found.total())


def ratio(one: Contender, other: Contender) -> float:
    """How many times the CPU of the other, round by round."""
    return median(a / b for a, b in zip(one.cpu, other.cpu, strict=True))


def table(running: list[Contender], pages: list[BenchmarkPage]) -> Table:
    shown = Table(title=f"{len(pages)} pages of 80 KB, median of {len(running[0].cpu)} rounds", title_justify="left")
    for column in ("extractor", "version", "ms CPU per page", "x lxml's parse", "paragraph F1"):
        shown.add_column(column, justify="left" if column in ("extractor", "version") else "right")
    for each in running:
        share = "-" if each.name == "lxml" else f"{score(each, pages):.3f}"
        cpu, times = f"{median(each.cpu) * 1000:.2f}", f"{ratio(each, running[0]):.1f}"
        shown.add_row(each.name, each.version, cpu, times, share)
    return shown


def score(contender: Contender, pages: list[BenchmarkPage]) -> float:
    """Mean F1 over the pages."""
    return mean(f1(page, found) for page, found in zip(pages, contender.paragraphs, strict=True))


def targets(running: list[Contender], pages: list[BenchmarkPage]) -> Iterator[tuple[bool, str]]:
    """What is to be reached -> whether it was, and how near."""
    by_name = {contender.name: contender for contender in running}
    ours = by_name["newsspider"]
    parse = ratio(ours, by_name["lxml"])
    yield parse <= PARSE_FACTOR, f"at most {PARSE_FACTOR} x lxml's bare parse: {parse:.2f}"
    if "trafilatura" in by_name:
        rival = ratio(by_name["trafilatura"], ours)
        yield rival >= RIVAL_FACTOR, f"at least {RIVAL_FACTOR} times less CPU than trafilatura: {rival:.1f}"
    else:
        yield False, "trafilatura, to compare with, could not be had"
    right = score(ours, pages)
    yield right == 1, f"every paragraph right, F1 1.00: {right:.3f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pages", type=int, default=48)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    pages = [page(story) for story in stories(options.pages)]
    with contenders(pages) as running:
        for _ in range(options.rounds):
            for contender in running:
                contender.read()
    Console().print(table(running, pages))
    results = list(targets(running, pages))
    for reached, claim in results:
        print(f"{'reached    ' if reached else 'NOT reached'}  {claim}")
    return 0 if all(reached for reached, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
