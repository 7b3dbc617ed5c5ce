"""The WARC files themselves: written whole, read as far as they are whole, ours and those of others."""

import gzip
import io
import json
import logging
import os
import re
import subprocess
import sys
import tracemalloc
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newsspider.warc.index import Index
from newsspider.warc.reader import captures, files
from newsspider.warc.records import WarcFile
from newsspider.warc.writer import Message, Writer

BASE = "https://www.sindonews.com"
ASKED = Message(b"GET / HTTP/1.1", [(b"Host", b"www.sindonews.com")], b"")


def answer(body: bytes, *headers: tuple[bytes, bytes]) -> Message:
    return Message(b"HTTP/1.1 200 OK", [(b"Content-Type", b"text/html"), *headers], body)


def write(path: Path, bodies: dict[str, bytes]) -> Path:
    with closing(Writer(path, {"software": "newsspider"})) as writer:
        for name, body in bodies.items():
            writer.exchange(f"{BASE}/{name}", ASKED, answer(body))
    return path


def told(path: Path) -> dict[str, bytes]:
    return {capture.url.removeprefix(f"{BASE}/"): capture.body for capture in captures(path)}


def unpacked(path: Path) -> Path:
    """The same records, not compressed."""
    plain = path.with_name(path.name.removesuffix(".gz"))
    plain.write_bytes(gzip.decompress(path.read_bytes()))
    return plain


BODIES = {"a": b"<p>Satu</p>", "b": os.urandom(200_000), "c": b"", "d": b"<p>Empat</p>" * 5000}


@pytest.mark.parametrize("form", [".gz", ""])
def test_what_was_written_is_read(tmp_path: Path, form: str):
    path = write(tmp_path / "x.warc.gz", BODIES)
    before = datetime.now(UTC)
    path = path if form else unpacked(path)
    found = list(captures(path))
    assert {capture.url.rpartition("/")[2]: capture.body for capture in found} == BODIES
    assert all(capture.status == 200 and capture.path == path for capture in found)
    assert all(0 <= (before - capture.time).total_seconds() < 60 for capture in found)


def test_each_record_is_a_gzip_member_of_its_own(tmp_path: Path):
    path = write(tmp_path / "x.warc.gz", BODIES)
    for record in WarcFile(path):
        with path.open("rb") as file:
            file.seek(record.offset)
            assert next(iter(ArchiveIterator(file))).rec_headers["WARC-Record-ID"] == record.fields["warc-record-id"]


def test_headers_are_kept_byte_for_byte(tmp_path: Path):
    odd = [
        (b"Location", "/baca/kopi-tubruk-é".encode()),
        (b"X-Old", b"caf\xe9"),
        (b"Set-Cookie", b"a=1"),
        (b"Set-Cookie", b"b=2"),
    ]
    with closing(Writer(tmp_path / "x.warc.gz", {})) as writer:
        writer.exchange(f"{BASE}/", ASKED, answer(b"x", *odd))
    (capture,) = captures(tmp_path / "x.warc.gz")
    assert capture.headers[1:] == odd


def test_a_file_is_never_overwritten(tmp_path: Path):
    path = write(tmp_path / "x.warc.gz", BODIES)
    with pytest.raises(FileExistsError):
        Writer(path, {})
    assert told(path) == BODIES


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 10**6), form=st.sampled_from([".gz", ""]))
def test_a_file_cut_anywhere_is_read_up_to_the_cut(tmp_path: Path, cut: int, form: str):
    whole = tmp_path / "x.warc.gz"
    if not whole.exists():
        write(whole, {"a": b"<p>Satu</p>", "b": os.urandom(3000), "c": b"", "d": b"<p>Empat</p>" * 50})
    source = whole if form else unpacked(whole)
    data = source.read_bytes()
    cut %= len(data) + 1
    torn = tmp_path / f"torn.warc{form}"
    torn.write_bytes(data[:cut])
    before = [record.end for record in WarcFile(source) if record.end <= cut]
    warc = WarcFile(torn)
    assert [record.end for record in warc] == before
    assert warc.torn == (cut not in (0, *before))
    assert told(torn).items() <= told(source).items()


@pytest.mark.parametrize("form", [".gz", ""])
def test_a_torn_record_in_the_middle_is_said_and_the_rest_is_read(
    tmp_path: Path, form: str, caplog: pytest.LogCaptureFixture
):
    whole = write(tmp_path / "x.warc.gz", {"a": b"A" * 3000, "b": os.urandom(9000), "c": b"C"})
    path = whole if form else unpacked(whole)
    third = [record for record in WarcFile(path) if record.fields["warc-type"] == "response"][1]
    data = path.read_bytes()
    path.write_bytes(data[: third.offset + 5000] + data[third.end :])
    with caplog.at_level(logging.WARNING):
        assert set(told(path)) == {"a", "c"}
    (said,) = caplog.messages
    assert said.startswith(f"{path}: the record at byte {third.offset} is torn and left out: ")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10**6), form=st.sampled_from([".gz", ""]))
def test_a_changed_byte_never_stops_the_reading(tmp_path: Path, place: int, form: str):
    whole = tmp_path / "x.warc.gz"
    if not whole.exists():
        write(whole, {"a": b"<p>Satu</p>" * 100, "b": os.urandom(2000), "c": b"<p>Tiga</p>"})
    data = bytearray((whole if form else unpacked(whole)).read_bytes())
    data[place % len(data)] ^= 0x55
    damaged = tmp_path / f"damaged.warc{form}"
    damaged.write_bytes(data)
    assert sum(body == b"<p>Tiga</p>" or len(body) > 1000 for body in told(damaged).values()) >= 2


@pytest.mark.parametrize(
    "data", [b"", b"\x1f\x8b", b"Bukan WARC\n" * 9000, gzip.compress(b"Bukan WARC"), bytes(70_000)]
)
def test_a_file_that_is_no_warc_holds_nothing(tmp_path: Path, data: bytes):
    (tmp_path / "x.warc.gz").write_bytes(data)
    assert told(tmp_path / "x.warc.gz") == {}


def test_many_records_in_one_gzip_member_are_said_with_what_mends_it(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    path = write(tmp_path / "x.warc.gz", BODIES)
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())))
    with caplog.at_level(logging.WARNING):
        assert told(path) == {}
    assert "`warcio recompress` mends that" in caplog.text


def others(path: Path, url: str, block: bytes, date: str = "2022-01-09T00:30:00Z") -> Path:
    """A file as another tool would write it."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        record = writer.create_warc_record(
            url, "response", payload=io.BytesIO(block), length=len(block), warc_headers_dict={"WARC-Date": date}
        )
        writer.write_record(record)
        revisit = writer.create_revisit_record(url, "sha1:X", url, date, http_headers=StatusAndHeaders("200 OK", []))
        writer.write_record(revisit)
    return path


def test_chunks_that_another_tool_left_in_are_joined(tmp_path: Path):
    body = gzip.compress(b"<p>Satu</p>")
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    (capture,) = captures(others(tmp_path / "x.warc.gz", f"{BASE}/", head + chunks))
    assert capture.headers == [(b"Content-Encoding", b"gzip")]
    assert capture.body == body
    assert capture.time == datetime(2022, 1, 9, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "head", "date"),
    [
        (f"{BASE}/", b"HTTP/1.1 oops\r\n\r\n", "2022-01-09T00:30:00Z"),
        (f"{BASE}/", b"HTTP/1.1 200 OK\r\n\r\n", "kemarin"),
        ("dns:www.sindonews.com", b"www.sindonews.com. A 127.0.0.1", "2022-01-09T00:30:00Z"),
    ],
)
def test_records_that_are_no_answer_are_left_out(tmp_path: Path, url: str, head: bytes, date: str):
    assert list(captures(others(tmp_path / "x.warc.gz", url, head, date))) == []


def test_a_folder_means_the_warc_files_in_it_by_name(tmp_path: Path):
    write(tmp_path / "b.warc.gz", {"b": b"B"})
    unpacked(write(tmp_path / "a.warc.gz", {"a": b"A"}))
    (tmp_path / "a.warc.gz").unlink()
    (tmp_path / "notes.txt").write_text("bukan")
    assert [path.name for path in files(tmp_path)] == ["a.warc", "b.warc.gz"]
    assert told(tmp_path) == {"a": b"A", "b": b"B"}


def test_the_newest_capture_is_found_whatever_the_order_of_the_files(tmp_path: Path):
    write(tmp_path / "z.warc.gz", {"a": b"lama", "b": b"B"})
    write(tmp_path / "a.warc.gz", {"a": b"baru"})
    index = Index(tmp_path)
    assert len(index) == 2
    found = index.find(f"{BASE}/a")
    assert found
    assert found.body == b"baru"
    assert index.find(f"{BASE}/c") is None
    index.close()


def test_the_index_is_in_memory_and_the_file_is_not(tmp_path: Path):
    page = answer(os.urandom(200_000), (b"Content-Encoding", b"gzip"))
    with closing(Writer(tmp_path / "x.warc.gz", {})) as writer:
        for number in range(300):
            writer.exchange(f"{BASE}/{number}", ASKED, page)
    assert (tmp_path / "x.warc.gz").stat().st_size > 60_000_000
    tracemalloc.start()
    index = Index(tmp_path / "x.warc.gz")
    assert index.find(f"{BASE}/299")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    index.close()
    assert peak < 2_000_000


def test_cdxj_indexer_finds_every_answer(tmp_path: Path):
    pytest.importorskip("cdxj_indexer")
    path = write(tmp_path / "x.warc.gz", BODIES)
    program = "import sys; from cdxj_indexer.main import main; main(sys.argv[1:])"
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, timeout=60)
    lines = [json.loads(re.sub(r"^\S+ \d+ ", "", line)) for line in done.stdout.splitlines()]
    assert {line["url"] for line in lines} == {f"{BASE}/{name}" for name in BODIES}
    assert {int(line["offset"]) for line in lines} == {capture.offset for capture in captures(path)}
    assert {line["status"] for line in lines} == {"200"}
