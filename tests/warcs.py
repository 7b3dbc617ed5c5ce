"""WARC files as crawls and other people make them, record by record."""

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.site import Page
from tests.site.articles import article_pages
from tests.site.stories import Story

HTML = "text/html; charset=utf-8"
TIME = "2026-07-26T01:00:00Z"


@dataclass
class Kept:
    """One answer, with its request."""

    url: str
    body: bytes
    time: str = TIME
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": HTML})
    fields: dict[str, str] = field(default_factory=dict)
    """Of the record."""
    kind: str = "response"


def kept(url: str, page: Page, time: str = TIME, **more: str) -> Kept:
    return Kept(url, page.body, time, page.status, {**page.headers, "Content-Length": str(len(page.body))}, more)


def pages(story: Story, time: str = TIME) -> dict[str, Kept]:
    """What a crawl keeps of a story: "whole", and each page by its offset: "0", "5" …"""
    found = article_pages(story)
    named = {url.removeprefix(story.url): kept(url, page, time) for url, page in found.items() if url[:5] == "https"}
    names = {"?showpage=all": "whole", "": "0"}
    return {names.get(end, end.removeprefix("/")): each for end, each in named.items() if "newsread" not in end}


def write(path: Path, answers: Iterable[Kept]) -> Path:
    """The file, compressed where its name ends with .gz."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=path.suffix == ".gz", warc_version="WARC/1.1")
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "another tool", "isPartOf": "news"}))
        for each in answers:
            _exchange(writer, each)
    return path


def _exchange(writer: WARCWriter, each: Kept) -> None:
    asked = StatusAndHeaders(f"GET {each.url} HTTP/1.1", [("Host", "x")], is_http_request=True)
    said = StatusAndHeaders(f"{each.status} -", list(each.headers.items()), protocol="HTTP/1.1")
    for kind, head, body in (("request", asked, b""), (each.kind, said, each.body)):
        record = writer.create_warc_record(
            each.url,
            kind,
            payload=BytesIO(body),
            length=len(body),
            http_headers=head,
            warc_headers_dict={"WARC-Date": each.time, **(each.fields if kind == each.kind else {})},
        )
        writer.write_record(record)


def wacz(path: Path, *warcs: Path, compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("datapackage.json", "{}", zipfile.ZIP_DEFLATED)
        for warc in warcs:
            file.write(warc, f"archive/{warc.name}", compression)
    return path
