"""Kill a crawl 200 times, at random moments and inside the publication: `python -m benchmarks.kills [KILLS] [SEED]`."""

import random
import sys
import tempfile
from itertools import cycle
from pathlib import Path

from tests.kills import Report, judge, read, torment
from tests.site import many
from tests.site.server import Site
from tests.test_kills import ARTICLES, COMMANDS, DELAY, SPAN

KILLS_A_JOB = 6


def main(kills: int, seed: int) -> None:
    chance, report, expected = random.Random(seed), Report(), many.urls(ARTICLES)
    with Site(many.site(ARTICLES), delay=DELAY) as site:
        for command in cycle(COMMANDS.values()):
            with tempfile.TemporaryDirectory() as folder:
                torment(site, Path(folder), command, min(KILLS_A_JOB, kills - report.kills), chance, report, SPAN)
                for feed in Path(folder).glob("[abc].*"):
                    judge(report, expected, read(feed))
                if batches := sorted(Path(folder).glob("*-*.csv")):
                    judge(report, expected, (row for batch in batches for row in read(batch)))
            print(report, flush=True)
            if report.kills >= kills:
                return


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
