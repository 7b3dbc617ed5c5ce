"""Writes sample.warc.gz beside this file: every page of the site, the same bytes each time.

python -m tests.site.build_sample [path]
"""

import sys
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.site import Page
from tests.site.content import pages

SAMPLE = Path(__file__).with_name("sample.warc.gz")
RECORDED = "2026-07-26T01:00:00Z"
REASONS = {200: "OK", 301: "Moved Permanently", 404: "Not Found", 410: "Gone"}
SOFTWARE = {"software": "newsspider", "format": "WARC File Format 1.1", "description": "The bundled sample"}


def record_id(kind: str, url: str) -> str:
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, f'{kind} {url}')}>"


def _fields(kind: str, url: str) -> dict[str, str]:
    other = "request" if kind == "response" else "response"
    fields = {"WARC-Record-ID": record_id(kind, url), "WARC-Date": RECORDED}
    return fields | {"WARC-Warcinfo-ID": record_id("warcinfo", ""), "WARC-Concurrent-To": record_id(other, url)}


def _request(url: str) -> StatusAndHeaders:
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return StatusAndHeaders(f"GET {path} HTTP/1.1", [("Host", parts.netloc)], is_http_request=True)


def _response(page: Page) -> StatusAndHeaders:
    headers = [*page.headers.items(), ("Content-Length", str(len(page.body)))]
    return StatusAndHeaders(f"{page.status} {REASONS[page.status]}", headers, protocol="HTTP/1.1")


def _exchange(writer: WARCWriter, url: str, page: Page) -> None:
    for kind, head, body in (("request", _request(url), b""), ("response", _response(page), page.body)):
        record = writer.create_warc_record(
            url, kind, payload=BytesIO(body), length=len(body), http_headers=head, warc_headers_dict=_fields(kind, url)
        )
        writer.write_record(record)


def build(path: Path = SAMPLE) -> Path:
    """Write the sample to `path`."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="WARC/1.1")
        info = writer.create_warcinfo_record(SAMPLE.name, SOFTWARE)
        info.rec_headers.replace_header("WARC-Record-ID", record_id("warcinfo", ""))
        info.rec_headers.replace_header("WARC-Date", RECORDED)
        writer.write_record(info)
        for url, page in pages().items():
            _exchange(writer, url, page)
    return path


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE)
