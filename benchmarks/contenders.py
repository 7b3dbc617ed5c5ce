"""The extractors that are compared, each a process in its own environment: `contenders.py NAME FOLDER`.

FOLDER holds the pages (`*.html`) and `urls.json`, the URL of each. It says {"version": str}, then for every line on
standard input it reads all pages once and answers {"cpu": seconds per page, "paragraphs": [[str]]}, a line of JSON.
"""

import importlib.metadata
import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

Extract = Callable[[str, bytes], list[str]]
"""URL and body -> paragraphs."""


def newsspider() -> Extract:
    from scrapy.http import HtmlResponse

    from newsspider.sites.sindonews import article

    headers = {"Content-Type": "text/html; charset=utf-8"}

    def extract(url: str, body: bytes) -> list[str]:
        return article.read(HtmlResponse(url, body=body, headers=headers)).article.paragraphs

    return extract


def lxml() -> Extract:
    """Nothing but the parse: the floor."""
    from lxml.html import fromstring

    def extract(url: str, body: bytes) -> list[str]:
        fromstring(body)
        return []

    return extract


def trafilatura() -> Extract:
    from trafilatura import extract as read

    return lambda url, body: (read(body, url=url, include_comments=False) or "").splitlines()


def newspaper4k() -> Extract:
    from newspaper import Article

    def extract(url: str, body: bytes) -> list[str]:
        article = Article(url, language="id", fetch_images=False)
        article.download(input_html=body.decode())
        article.parse()
        return article.text.splitlines()

    return extract


def newsplease() -> Extract:
    from newsplease import NewsPlease

    def extract(url: str, body: bytes) -> list[str]:
        return (NewsPlease.from_html(body.decode(), url=url, fetch_images=False).maintext or "").splitlines()

    return extract


CONTENDERS: dict[str, Callable[[], Extract]] = {
    "lxml": lxml,
    "newsspider": newsspider,
    "trafilatura": trafilatura,
    "newspaper4k": newspaper4k,
    "news-please": newsplease,
}
"""By the name of the package."""


def _timed(extract: Extract, url: str, body: bytes) -> tuple[float, list[str]]:
    start = process_time()
    paragraphs = extract(url, body)
    return process_time() - start, paragraphs


def _version(name: str) -> str:
    if name == "newsspider":
        from newsspider import __version__

        return __version__
    return importlib.metadata.version(name)


def main(name: str, folder: Path) -> None:
    urls: list[str] = json.loads((folder / "urls.json").read_text())
    pages = list(zip(urls, (path.read_bytes() for path in sorted(folder.glob("*.html"))), strict=True))
    extract, out = CONTENDERS[name](), sys.stdout
    sys.stdout = sys.stderr  # what an extractor prints is no answer
    print(json.dumps({"version": _version(name)}), file=out, flush=True)
    for _ in sys.stdin:
        results = [_timed(extract, url, body) for url, body in pages]
        answer = {"cpu": sum(cpu for cpu, _ in results) / len(results), "paragraphs": [found for _, found in results]}
        print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
