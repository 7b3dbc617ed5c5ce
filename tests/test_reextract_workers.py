"""Who reads the pages changes nothing: two processes, one of them killed, give the bytes that one gives."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psutil
import pytest
from scrapy.settings import Settings

from newsspider.feeds.exporters import JsonLinesExporter
from newsspider.items import Article
from newsspider.reextract import ClusterError
from newsspider.reextract.places import places
from newsspider.reextract.run import Run
from newsspider.reextract.site import orders
from newsspider.reextract.watch import Bar
from newsspider.reextract.workers import Workers, workers
from newsspider.spiders.sindonews import SindonewsSpider
from tests.process import ROOT, environment
from tests.site import many
from tests.test_reextract import lines, reextract
from tests.warcs import pages, write

MANY = 800


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Many articles, in two files; every tenth was kept twice."""
    folder = tmp_path_factory.mktemp("kept")
    found = many.stories(MANY)
    times = [f"2026-07-{20 + number % 9}T01:00:00Z" for number in range(MANY)]
    write(folder / "a.warc.gz", [pages(s, t)["whole"] for s, t in zip(found, times, strict=True)])
    write(folder / "b.warc.gz", [pages(s, "2026-07-29T01:00:00Z")["whole"] for s in found[::10]])
    return folder


@pytest.fixture(scope="module")
def alone(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What one process makes of them."""
    folder = tmp_path_factory.mktemp("alone")
    done = reextract("--warc", str(kept), "-O", "out.jsonl", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert len(lines(folder / "out.jsonl")) == MANY
    return (folder / "out.jsonl").read_bytes()


def run_by(some: Workers, kept: Path, more: dict[str, Any] | None = None) -> Run:
    settings = Settings(more)
    settings.setmodule("newsspider.settings", "default")
    found, _ = places([str(kept)])
    return Run(orders(SindonewsSpider, {"channel": "all"}, settings), found, some, Bar())


def children(process: psutil.Process) -> list[psutil.Process]:
    """The workers of a process."""
    return [each for each in process.children(recursive=True) if "spawn_main" in " ".join(each.cmdline())]


def test_two_processes_of_which_one_is_killed_give_what_one_process_gives(
    kept: Path, alone: bytes, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "scrapy", "reextract", "--warc", str(kept), "-O", "out.jsonl", "--workers", "2"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        workers = _at_work(psutil.Process(process.pid))
        workers[0].send_signal(signal.SIGKILL)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert "Traceback" not in told
    assert (tmp_path / "out.jsonl").read_bytes() == alone


def _at_work(process: psutil.Process) -> list[psutil.Process]:
    """Both workers, once a page was read by the first: it has its Scrapy loaded and computes."""
    until = monotonic() + 40
    while monotonic() < until:
        with suppress(psutil.Error):
            found = children(process)
            if len(found) == 2 and any("lxml" in each.path for each in found[0].memory_maps()):
                return found
        sleep(0.01)
    raise AssertionError("the workers did not begin")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_workers_start_is_not_lost(number: int, kept: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scrapy", "reextract", "--warc", str(kept), "-O", "out.jsonl", "--workers", "2"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        until = monotonic() + 40
        while len(children(psutil.Process(process.pid))) < 2 and monotonic() < until:
            sleep(0.01)
        os.killpg(process.pid, number)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 4
    assert told == "scrapy reextract: not finished (interrupted); the files are as they were: run it again\n"
    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_is_killed_between_two_batches_costs_time_only(kept: Path, alone: bytes) -> None:
    with workers(2, None, 0) as some:
        feed = BytesIO()
        exporter = JsonLinesExporter(feed, encoding="utf-8")
        for number, articles in enumerate(run_by(some, kept).batches()):
            for article in articles:
                exporter.export_item(article)
            if number in (2, 9):
                victim = children(psutil.Process())[0]
                os.kill(victim.pid, signal.SIGKILL)
    assert feed.getvalue() == alone


def test_the_workers_take_no_port_that_others_use_and_listen_on_this_machine_only() -> None:
    with socket.socket() as taken:
        with suppress(OSError):  # some other program has it
            taken.bind(("127.0.0.1", 8787))
            taken.listen()
        with workers(2, None, 0):
            here = psutil.Process()
            open_ports = [each for one in (here, *children(here)) for each in one.net_connections("inet")]
    listening = {each.laddr.ip for each in open_ports if each.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


class Deadly:
    """A pipeline that not every process survives."""

    def process_item(self, item: Article) -> Article:
        if item.title == "Kabar nomor 99900":
            os.kill(os.getpid(), signal.SIGKILL)
        return item


def test_a_page_that_kills_its_readers_is_found_and_left_out(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsspider.reextract.run.A_BATCH", 2)
    with workers(2, None, 0) as some:
        run = run_by(some, kept / "b.warc.gz", {"ITEM_PIPELINES": {Deadly: 50}})
        found = [article.title for articles in run.batches() for article in articles]
    assert len(found) == MANY / 10 - 1
    assert "Kabar nomor 99900" not in found
    assert run.counts["damaged"] == 1


@contextmanager
def cluster(**env: str) -> Iterator[str]:
    """A scheduler and two workers of their own, on loopback."""
    command = [sys.executable, "-m", "tests.cluster"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.communicate(timeout=30)


def test_a_cluster_that_is_there_does_the_work(kept: Path, alone: bytes, tmp_path: Path) -> None:
    with cluster() as address:
        done = reextract("--warc", str(kept), "-O", "out.jsonl", "--scheduler", address, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.jsonl").read_bytes() == alone


def test_a_scheduler_that_does_not_answer_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsspider.reextract.workers.PATIENCE", 1)
    with pytest.raises(ClusterError) as told, workers(None, "tcp://127.0.0.1:9", 0):
        pass
    assert str(told.value).startswith("no scheduler answers at tcp://127.0.0.1:9; ")
