"""What reads a WARC file, each a process in its own environment: `readers.py NAME FILE MOST`.

FILE is read anew for every line on standard input, its first MOST answers (0: all); the answer is a line of JSON:
{"cpu": seconds, "pages": how many were read, "got": how many gave something}. It begins with {"version": str}.
"""

import json
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from time import process_time

HERE = str(Path(__file__).parent)
sys.path = [path for path in sys.path if path != HERE]  # `html`, `pages` … are modules of others, too

Read = Callable[[Path, int], tuple[int, int]]
"""File and how many answers at most (0: all) -> how many were read, and how many gave something."""


def answers(file: Path) -> Iterator[tuple[str, bytes]]:
    """URL and body of every answer, read as one reads a WARC in Python."""
    from warcio.archiveiterator import ArchiveIterator

    with file.open("rb") as stream:
        for record in ArchiveIterator(stream):
            if record.rec_type == "response":
                yield record.rec_headers["WARC-Target-URI"], record.content_stream().read()


def each(extract: Callable[[str, bytes], object]) -> Read:
    """Read with warcio, extract one page after the other."""

    def read(file: Path, most: int) -> tuple[int, int]:
        got = [bool(extract(url, body)) for url, body in islice(answers(file), most or None)]
        return len(got), sum(got)

    return read


def warcio() -> Read:
    """Nothing but the reading."""
    return each(lambda url, body: body)


def lxml() -> Read:
    """Reading and parsing: the floor of what extracts from HTML."""
    from lxml.html import fromstring

    return each(lambda url, body: fromstring(body) is not None)


def newsspider() -> Read:
    """All of `scrapy reextract` in one process, to the feed."""
    from benchmarks.reextract import articles_of

    def read(file: Path, most: int) -> tuple[int, int]:
        run = articles_of(file)
        return run.counts["pages"], run.articles

    return read


def extractor(name: str) -> Callable[[], Read]:
    def made() -> Read:
        sys.path.insert(0, HERE)
        from contenders import CONTENDERS

        sys.path.remove(HERE)
        return each(CONTENDERS[name]())

    return made


READERS: dict[str, Callable[[], Read]] = {
    "warcio": warcio,
    "lxml": lxml,
    "newsspider": newsspider,
    "trafilatura": extractor("trafilatura"),
    "newspaper4k": extractor("newspaper4k"),
}
"""By the name of the package."""


def _version(name: str) -> str:
    if name == "newsspider":
        from newsspider import __version__

        return __version__
    from importlib.metadata import version

    return version(name)


def main(name: str, file: Path, most: int) -> None:
    read, out = READERS[name](), sys.stdout
    sys.stdout = sys.stderr  # what an extractor prints is no answer
    print(json.dumps({"version": _version(name)}), file=out, flush=True)
    for _ in sys.stdin:
        start = process_time()
        pages, got = read(file, most)
        print(json.dumps({"cpu": process_time() - start, "pages": pages, "got": got}), file=out, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
