"""A signal, whenever it comes: the exit code, the last line and run.json say the same, and nothing is lost."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from fcntl import F_SETPIPE_SZ, fcntl
from pathlib import Path

import pytest

from tests.kills import start
from tests.ledgers import OUT, crawl, delivered, one_line
from tests.process import FAST, environment
from tests.site import many
from tests.site.faults import Fault
from tests.site.server import Site

FOUND = many.stories(60)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(many.site(FOUND)) as site:
        yield site


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_commands_are_loaded_is_4(number: signal.Signals, tmp_path: Path) -> None:
    loading = f"import newsspider.commands, os; os.kill(os.getpid(), {number})"
    command = [sys.executable, "-c", loading, "-v", "crawl", "sindonews"]
    done = subprocess.run(command, cwd=tmp_path, env=environment({}), capture_output=True, text=True, timeout=30)
    assert done.returncode == 4
    assert one_line(done) == "scrapy crawl: not finished (interrupted); the same command goes on"


def test_without_a_ledger_an_interrupted_crawl_is_4_too(tmp_path: Path) -> None:
    with Site(many.site(FOUND), faults=[Fault("/read/", "503")]) as site:
        process = start(site, tmp_path, *OUT, "-s", "LEDGER_URL=")
        while len(site.log) < 3:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode == 4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_writing_its_feeds_ends_first_when_a_signal_comes(
    number: signal.Signals, site: Site, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    with os.fdopen(os.open(tmp_path / "pipe.jsonl", os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as pipe:
        fcntl(pipe, F_SETPIPE_SZ, 4096)  # so that who writes a feed to it waits for who reads it
        run = start(site, tmp_path, "-O", "pipe.jsonl", *OUT)
        while not pipe.read(1):
            time.sleep(0.01)
        run.send_signal(number)
        os.set_blocking(pipe.fileno(), True)
        pipe.read()
    _, stderr = run.communicate(timeout=30)
    told = stderr.splitlines()[-1]
    assert json.loads((tmp_path / "run.json").read_text())["exitcode"] == run.returncode
    assert run.returncode == 0
    assert "finished; 60 new, 0 updated" in told
    assert told.endswith("; out.jsonl (60)")
    assert delivered(tmp_path / "out.jsonl") == dict.fromkeys(many.urls(FOUND), 1)


@pytest.mark.parametrize(
    ("ledger", "code", "told"), [((), 0, "finished; 60 new"), (("-s", "LEDGER_URL="), 4, "shutdown")]
)
def test_a_signal_while_a_pipeline_of_ones_own_is_closed(
    ledger: tuple[str, ...], code: int, told: str, site: Site, tmp_path: Path
) -> None:
    (tmp_path / "own.py").write_text(OWN)
    run = start(site, tmp_path, *OUT, *ledger, "-s", 'ITEM_PIPELINES={"own.Pipeline": 1}')
    _, stderr = run.communicate(timeout=30)
    assert (run.returncode, told in stderr.splitlines()[-1]) == (code, True), stderr
    assert "Traceback" not in stderr
    assert ledger or delivered(tmp_path / "out.jsonl") == dict.fromkeys(many.urls(FOUND), 1)


def test_two_signals_cut_an_end_and_the_next_run_completes_it(site: Site, tmp_path: Path) -> None:
    twice = OWN.replace(
        "sleep(0.5)", "sleep(0.5)\n        os.kill(os.getpid(), signal.SIGTERM)\n        await asyncio.sleep(600)"
    )
    (tmp_path / "own.py").write_text(twice)
    run = start(site, tmp_path, *OUT, "-s", 'ITEM_PIPELINES={"own.Pipeline": 1}')
    _, stderr = run.communicate(timeout=30)
    assert (run.returncode, "not finished (interrupted)" in stderr.splitlines()[-1]) == (4, True), stderr
    assert json.loads((tmp_path / "run.json").read_text())["exitcode"] == 4
    assert not (tmp_path / "out.jsonl").exists()
    assert crawl(site, tmp_path).returncode == 0
    assert delivered(tmp_path / "out.jsonl") == dict.fromkeys(many.urls(FOUND), 1)


OWN = """
import asyncio, os, signal

class Pipeline:
    def process_item(self, item):
        return item

    async def close_spider(self):
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.5)
"""


def test_two_signals_while_a_finished_run_ends_do_not_make_it_another_end(site: Site, tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    command = [sys.executable, "slow.py", "crawl", "sindonews", *FAST, *OUT]
    run = subprocess.Popen(command, cwd=tmp_path, env=environment(site.env), stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "out.jsonl").exists():
        time.sleep(0.01)
    for _ in range(2):
        run.send_signal(signal.SIGTERM)
        time.sleep(0.2)
    told = run.communicate(timeout=20)[1]
    assert (run.returncode, "Traceback" in told) == (0, False), told
    assert "finished; 60 new" in told.splitlines()[-1]
    assert json.loads((tmp_path / "run.json").read_text())["exitcode"] == 0


SLOW = """
import time
from scrapy.cmdline import execute
from newsspider.ledger import ending

usual = ending.fill_search

async def slow(database):
    time.sleep(1.5)
    await usual(database)

ending.fill_search = slow
execute()
"""


@pytest.mark.parametrize("late", ["waits for a thread", "puts its things away"])
def test_a_signal_when_all_is_told_changes_nothing(late: str, site: Site, tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text(LATE[late])
    command = [sys.executable, "late.py", "crawl", "sindonews", *FAST, *OUT]
    done = subprocess.run(command, cwd=tmp_path, env=environment(site.env), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "finished; 60 new" in one_line(done)


LATE = {
    "waits for a thread": """
import os, signal, threading
from scrapy.cmdline import execute

def strike():
    threading.main_thread().join()
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait()

threading.Thread(target=strike).start()
execute()
""",
    "puts its things away": """
import os, signal, sys
from scrapy.cmdline import execute

class Late:
    def __del__(self, kill=os.kill, process=os.getpid(), number=signal.SIGTERM):
        kill(process, number)

sys.late = Late()  # who goes last
execute()
""",
}
