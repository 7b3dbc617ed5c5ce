"""An outage costs time, and no article; cron is told the truth."""

import json
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.kills import start
from tests.ledgers import OUT, crawl, delivered, sql
from tests.site import many
from tests.site.faults import Fault
from tests.site.server import Site

FOUND = many.stories(60)
ONE = FOUND[5].url
SHORT = ("-s", "OUTAGE_PATIENCE=3", "-s", "DOWNLOAD_TIMEOUT=2", "-s", "RETRY_TIMES=1")
NO_RETRY = ("-s", "RETRY_TIMES=0", "-s", "DOWNLOAD_TIMEOUT=2")


@pytest.mark.parametrize(
    ("where", "kind"), [("sindonews", "reset"), ("/(read|more)/", "reset"), ("/read/", "503"), ("/read/", "429")]
)
def test_a_run_ends_with_4_when_the_site_stays_away_and_the_next_one_completes(
    where: str, kind: str, tmp_path: Path
) -> None:
    with Site(many.site(FOUND)) as site:
        site.faults = [Fault(where, kind)]
        down = crawl(site, tmp_path, *SHORT)
        assert down.returncode == 4
        assert "the site is down" in down.stderr
        assert not (tmp_path / "out.jsonl").exists()
        site.faults.clear()
        assert crawl(site, tmp_path).returncode == 0
        assert delivered(tmp_path / "out.jsonl") == dict.fromkeys(many.urls(FOUND), 1)


def test_no_name_is_an_outage_too(tmp_path: Path) -> None:
    with Site(many.site(FOUND)) as site:
        nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://nowhere.invalid:1")

        class Lost:
            env = site.env | nowhere

        assert crawl(Lost(), tmp_path, *SHORT).returncode == 4  # type: ignore[arg-type]
        assert crawl(site, tmp_path).returncode == 0
        assert delivered(tmp_path / "out.jsonl").keys() == many.urls(FOUND)


def test_a_short_outage_is_waited_for(tmp_path: Path) -> None:
    with Site(many.site(FOUND)) as site:
        site.faults = [Fault("/read/", "reset")]
        threading.Timer(5, site.faults.clear).start()
        assert crawl(site, tmp_path, "-s", "OUTAGE_PATIENCE=30", *NO_RETRY).returncode == 0
        assert delivered(tmp_path / "out.jsonl") == dict.fromkeys(many.urls(FOUND), 1)


def test_403_everywhere_is_blocked(tmp_path: Path) -> None:
    with Site(many.site(FOUND), faults=[Fault("/(read|more)/", "403")]) as site:
        blocked = crawl(site, tmp_path)
        assert blocked.returncode == 4
        assert "the site blocks" in blocked.stderr


@pytest.mark.parametrize("kind", ["wrong-authority", "wrong-host"])
def test_a_certificate_that_cannot_be_trusted_is_not_waited_for(kind: str, tmp_path: Path) -> None:
    with Site(many.site(FOUND), faults=[Fault("sindonews", kind)]) as site:
        began = time.monotonic()
        refused = crawl(site, tmp_path, "-s", "RETRY_PAUSE=30")
        assert (refused.returncode, "certificate cannot be trusted" in refused.stderr) == (4, True)
        assert time.monotonic() - began < 20


@pytest.mark.parametrize("kind", ["silence", "drip", "reset", "503", "403", "500", "empty", "truncated-gzip"])
def test_one_bad_article_keeps_no_job_open(kind: str, tmp_path: Path) -> None:
    with Site(many.site(FOUND), faults=[Fault(ONE, kind)]) as site:
        done = crawl(site, tmp_path, *NO_RETRY)
        assert done.returncode == 0
        assert "59 new, 0 updated, 0 gone, 1 failed, 0 owed" in done.stderr
        assert delivered(tmp_path / "out.jsonl").keys() == many.urls(FOUND) - {ONE}


@pytest.mark.parametrize("kind", ["silence", "500", "503", "403"])
def test_a_row_of_bad_articles_is_no_outage(kind: str, tmp_path: Path) -> None:
    bad = {story.url for story in FOUND[20:40]}
    with Site(many.site(FOUND)) as site:
        site.faults = [Fault(url, kind) for url in bad]
        done = crawl(site, tmp_path, "-s", "RETRY_TIMES=0", "-s", "DOWNLOAD_TIMEOUT=1")
        assert (done.returncode, "40 new, 0 updated, 0 gone, 20 failed, 0 owed" in done.stderr) == (0, True)
        assert delivered(tmp_path / "out.jsonl").keys() == many.urls(FOUND) - bad


@pytest.mark.parametrize("kind", ["silence", "503", "403"])
def test_bad_articles_that_are_all_there_is_are_no_outage(kind: str, tmp_path: Path) -> None:
    """Not even where the article by which one could tell is broken, too."""
    bad = [story.url for story in FOUND[:8]]
    with Site(many.site(FOUND[8:])) as site:
        crawl(site, tmp_path)
        [(last,)] = sql(tmp_path, "SELECT url FROM articles ORDER BY id DESC LIMIT 1")
        site.pages |= many.site(FOUND)
        site.faults = [Fault(url, kind) for url in [last, *bad]]
        done = crawl(site, tmp_path, "-a", f"url={','.join(bad)}", *NO_RETRY)
        assert (done.returncode, "8 failed, 0 owed" in done.stderr) == (0, True)


@pytest.mark.parametrize(("kind", "reason"), [("reset", "the site is down"), ("403", "the site blocks")])
def test_an_outage_in_the_middle_is_one_although_articles_came(kind: str, reason: str, tmp_path: Path) -> None:
    with Site(many.site(FOUND), delay=0.2) as site:

        def break_off() -> None:
            while len(site.log) < 30:
                time.sleep(0.05)
            site.faults = [Fault("/read/", kind)]

        watcher = threading.Thread(target=break_off, daemon=True)
        watcher.start()
        stopped = crawl(site, tmp_path, *NO_RETRY, "-s", "OUTAGE_PATIENCE=5")
        watcher.join()
        assert (stopped.returncode, reason in stopped.stderr) == (4, True)
        site.faults.clear()
        assert crawl(site, tmp_path).returncode == 0
        assert delivered(tmp_path / "out.jsonl") == dict.fromkeys(many.urls(FOUND), 1)


@pytest.mark.parametrize("kind", ["silence", "503", "403"])
def test_one_new_article_that_never_answers_keeps_no_job_open(kind: str, tmp_path: Path) -> None:
    with Site(many.site(FOUND[6:])) as site:
        crawl(site, tmp_path)
        site.pages |= many.site(FOUND[5:])
        site.faults.append(Fault(ONE, kind))
        done = crawl(site, tmp_path, *NO_RETRY)
        assert (done.returncode, "1 failed, 0 owed" in done.stderr) == (0, True)


@pytest.mark.parametrize(("status", "state"), [("404", "gone"), ("410", "gone"), ("soft-404", "failed")])
def test_what_is_gone_or_failed_is_tried_again_with_growing_pauses_and_then_given_up(
    status: str, state: str, tmp_path: Path
) -> None:
    with Site(many.site(FOUND), faults=[Fault(ONE, status)]) as site:
        pauses = []
        for _ in range(7):
            crawl(site, tmp_path)
            [(found, tries, pause)] = sql(
                tmp_path,
                "SELECT state, tries, julianday(next_try) - julianday('now') FROM pages WHERE url = ?",
                ONE,
            )
            assert found == state
            pauses.append(pause)
            sql(tmp_path, "UPDATE pages SET next_try = '2020-01-01T00:00:00Z' WHERE next_try IS NOT NULL")
        assert tries == 6
        assert pauses[:5] == sorted(pauses[:5])
        assert pauses[5:] == [None, None]


def test_what_failed_is_delivered_when_it_comes_back(tmp_path: Path) -> None:
    with Site(many.site(FOUND), faults=[Fault(ONE, "404")]) as site:
        crawl(site, tmp_path)
        site.faults.clear()
        crawl(site, tmp_path)
        assert delivered(tmp_path / "out.jsonl").keys() == many.urls(FOUND) - {ONE}
        sql(
            tmp_path, "UPDATE pages SET next_try = '2999-01-01T00:00:00Z' WHERE next_try IS NOT NULL"
        )  # the clock went back
        crawl(site, tmp_path)
        assert delivered(tmp_path / "out.jsonl") == {ONE: 1}


def test_an_index_page_that_cannot_be_read_keeps_its_job_open_for_three_runs(tmp_path: Path) -> None:
    with Site(many.site(FOUND), faults=[Fault("/more/9/20", "404")]) as site:
        assert [crawl(site, tmp_path).returncode for _ in range(3)] == [4, 4, 3]
        assert len(delivered(tmp_path / "out.jsonl")) == 20
        site.faults.clear()
        assert crawl(site, tmp_path).returncode == 0  # and what it hid is no hole
        assert len(delivered(tmp_path / "out.jsonl")) == 40


def test_the_deadline_of_a_run_ends_it_in_good_order(tmp_path: Path) -> None:
    with Site(many.site(FOUND), faults=[Fault("/read/", "silence")]) as site:
        began = time.monotonic()
        ended = crawl(site, tmp_path, "-s", "RUN_DEADLINE=2s")
        assert ended.returncode == 4
        assert time.monotonic() - began < 2 + 5 + 3
        assert "the same command goes on" in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("fault", [("/read/", "silence"), ("/(read|more)/", "reset"), ("robots", "503")])
def test_no_wait_delays_a_signal(fault: tuple[str, str], number: signal.Signals, tmp_path: Path) -> None:
    with Site(many.site(FOUND), faults=[Fault(*fault)]) as site:
        process = start(site, tmp_path, *OUT)
        while len(site.log) < 2:
            time.sleep(0.01)
        time.sleep(1)
        began = time.monotonic()
        process.send_signal(number)
        told = process.communicate(timeout=20)[1]
        assert time.monotonic() - began < 6
        assert process.returncode == 4
        assert told.splitlines()[-1].startswith("sindonews: not finished (interrupted)")
        assert json.loads((tmp_path / "run.json").read_text())["exitcode"] == 4


def test_a_second_signal_ends_at_once_and_is_written_down_too(tmp_path: Path) -> None:
    with Site(many.site(FOUND), faults=[Fault("/read/", "drip")]) as site:
        process = start(site, tmp_path, *OUT)
        while len(site.log) < 3:
            time.sleep(0.01)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=3)[1]
        assert (process.returncode, "not finished (interrupted)" in told) == (4, True)
        assert json.loads((tmp_path / "run.json").read_text())["exitcode"] == 4
        assert sql(tmp_path, "SELECT exitcode FROM runs") == [(4,)]


def test_a_deadline_that_pages_hold_up_is_told_as_a_deadline(tmp_path: Path) -> None:
    with Site(many.site(FOUND), faults=[Fault("/read/", "silence")]) as site:
        assert crawl(site, tmp_path, "-s", "RUN_DEADLINE=2s").returncode == 4
        assert json.loads((tmp_path / "run.json").read_text())["reason"] == "deadline"


def test_run_json_says_what_the_last_line_says(tmp_path: Path) -> None:
    with Site(many.site(FOUND)) as site:
        assert crawl(site, tmp_path, "-s", "CLOSESPIDER_ITEMCOUNT=10").returncode == 4
        record = json.loads((tmp_path / "run.json").read_text())
        assert (record["exitcode"], record["reason"], record["feeds"]) == (4, "closespider_itemcount", [])
        done = crawl(site, tmp_path)
        record = json.loads((tmp_path / "run.json").read_text())
        [feed] = record["feeds"]
        digest = subprocess.run(["sha256sum", tmp_path / "out.jsonl"], capture_output=True, text=True, check=True)
        assert (feed["rows"], feed["sha256"]) == (60, digest.stdout.split()[0])
        assert record["exitcode"] == done.returncode == 0


@pytest.mark.parametrize(("where", "code"), [("/more/9$", 4), ("/more/9/20", 3), ("/read/", 3)])
def test_without_a_ledger_a_list_that_could_not_be_read_is_told_too(where: str, code: int, tmp_path: Path) -> None:
    with Site(many.site(FOUND), faults=[Fault(where, "500")]) as site:
        assert crawl(site, tmp_path, *NO_RETRY, "-s", "LEDGER_URL=").returncode == code


def test_without_a_ledger_a_list_without_articles_is_3(tmp_path: Path) -> None:
    with Site(many.site(FOUND), faults=[Fault("/more/", "soft-404")]) as site:
        assert crawl(site, tmp_path, "-s", "LEDGER_URL=").returncode == 3


def test_without_a_ledger_a_run_has_its_deadline_too(tmp_path: Path) -> None:
    with Site(many.site(FOUND), delay=0.2) as site:
        one = ("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1", "-s", "RUN_DEADLINE=1s", "-s", "LEDGER_URL=")
        assert crawl(site, tmp_path, *one).returncode == 4
        assert 0 < len(delivered(tmp_path / "out.jsonl")) < 60
