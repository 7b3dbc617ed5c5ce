"""`scrapy export --cluster`: how well it finds what belongs together, and what a million paragraphs cost.

`python -m benchmarks.cluster` prints both and exits with 1 when a target is not reached.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import combinations, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import insert

from benchmarks.spent import spent
from benchmarks.texts import Made, corpus
from newsspider.corpus.clusters import Clusters
from newsspider.ledger.articles import encode
from newsspider.ledger.database import Database, now
from newsspider.ledger.tables import articles, jobs, pages
from tests.process import environment

KNOWN, MANY = 60_000, 1_000_000
"""Paragraphs: of the set that is judged, and of the one that is timed."""
SECONDS, MEGABYTES = 180, 2_000
PRECISION, RECALL = 0.98, 0.9
SEEDS = (6, 7, 8)

Pairs = set[tuple[str, str]]


def pairs(named: Iterable[tuple[str, str | int]]) -> Pairs:
    """(article, cluster) -> every two articles of one cluster."""
    together: dict[str | int, list[str]] = defaultdict(list)
    for url, cluster in named:
        together[cluster].append(url)
    return {pair for urls in together.values() for pair in combinations(sorted(urls), 2)}


def judged(made: list[Made]) -> tuple[Pairs, Pairs]:
    """The true pairs, and those that were found."""
    clusters = Clusters(one.article for one in made)
    found = pairs((one.article.url, clusters.of(one.article)) for one in made)
    return pairs((one.article.url, one.cluster) for one in made), found


def quality() -> bool:
    """Prints precision and recall, of pairs; whether they are what they should be."""
    reached = True
    for seed in SEEDS:
        made = list(corpus(KNOWN, seed))
        kinds = {one.article.url: one.kind for one in made}
        true, found = judged(made)
        precision, recall = len(true & found) / len(found), len(true & found) / len(true)
        reached &= precision >= PRECISION and recall >= RECALL
        print(f"seed {seed}: {len(made)} articles, {dict(Counter(kinds.values()))}")
        print(f"  pairs: {len(true)} true, {len(found)} found; precision {precision:.3f}, recall {recall:.3f}")
        for kind in ("copy", "follow-up"):
            of = {pair for pair in true if kind in map(kinds.__getitem__, pair)}
            print(f"  with a {kind}: recall {len(of & found) / len(of):.3f} of {len(of)}")
        rivals = Counter(kind for pair in found - true for kind in {kinds[url] for url in pair})
        print(f"  wrong: {len(found - true)}, by kind: {dict(rivals)}")
    return reached


def fill(folder: Path, paragraphs: int) -> tuple[int, int]:
    """A ledger with a made corpus; articles and paragraphs."""
    made, told, number = corpus(paragraphs), 0, 0
    with closing(Database(f"sqlite:///{folder}/.newsspider/sindonews.sqlite")) as database:
        with database.begin() as connection:
            connection.execute(
                insert(jobs), {"spider": "sindonews", "arguments": "{}", "state": "open", "started": now()}
            )
        while some := list(islice(made, 1000)):
            rows = list(_rows(some, number))
            with database.begin() as connection:
                connection.execute(insert(pages), [page for page, _ in rows])
                connection.execute(insert(articles), [article for _, article in rows])
            number += len(some)
            told += sum(len(one.article.paragraphs) for one in some)
    return number, told


def _rows(made: list[Made], before: int) -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    for number, one in enumerate(made, start=before + 1):
        article = one.article
        yield (
            {"id": number, "url": article.url, "state": "done", "found": now()},
            {
                "page": number,
                "url": article.url,
                "revision": 1,
                "job": 1,
                "stored": now(),
                "hash": str(number),
                "title": article.title,
                "published": article.published,
                "subsection": "Eropa",
                "item": encode(article),
            },
        )


def cost() -> bool:
    """Prints what the big export costs, with the column and without; whether it is little enough."""
    with TemporaryDirectory() as name:
        number, told = fill(Path(name), MANY)
        print(f"{number} articles, {told} paragraphs, exported to Parquet")
        for more in ((), ("--cluster",)):
            arguments = ["-m", "scrapy", "export", "-O", "out.parquet", *more]
            cpu, seconds, megabytes = spent(arguments, Path(name), environment())
            print(f"  {' '.join(more) or 'without':10} {seconds:6.1f} s  {cpu:6.1f} s CPU  {megabytes:6.0f} MB")
    return seconds <= SECONDS and megabytes <= MEGABYTES


if __name__ == "__main__":
    sys.exit(not all([quality(), cost()]))
