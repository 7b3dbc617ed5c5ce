"""People hear of a run that went wrong, where they are; whatever comes of it, the run's result is what it was."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from newsspider.alerts.calls import occasions
from newsspider.alerts.message import LONGEST, clean, message
from newsspider.alerts.ways import ALWAYS, WELL, WRONG
from tests.people import DOWN, FOUND, NO_LISTS, TOLD, People, Told, started, tell, until, warnings
from tests.process import FAST, environment, room_for
from tests.receivers import SLACK, TELEGRAM, mails, web
from tests.site import many
from tests.site.faults import Fault
from tests.site.server import Site

IMPATIENT = ("-s", "OUTAGE_PATIENCE=2", "-s", "DOWNLOAD_TIMEOUT=2", "-s", "RETRY_TIMES=1", "-s", "RETRY_PAUSE=0.1")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(many.site(FOUND)) as site:
        yield site


@pytest.fixture(scope="module")
def objected(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A run that ended with 3."""
    return tell(site, tmp_path_factory.mktemp("objected"), NO_LISTS)


def test_a_run_that_objects_is_still_3_and_its_log_has_no_line_more(objected: Told) -> None:
    assert objected.done.returncode == 3
    assert warnings(objected.done) == []
    assert json.loads((objected.folder / "run.json").read_text())["exitcode"] == 3


def test_a_mail_says_what_happened_in_its_subject_and_the_rest_in_plain_text(objected: Told) -> None:
    [mail] = objected.mails.got
    assert mail["Subject"].startswith(f"newsspider sindonews: finished, but {TOLD}")
    assert (mail["From"], mail["To"]) == ("ani@example.org", "ani@example.org, budi@example.org")
    assert objected.mails.receivers == ["ani@example.org", "budi@example.org"]
    assert mail["Date"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    text = mail.get_content()
    assert text.splitlines()[0].endswith("has the site changed? (exit 3)")
    assert text.count(TOLD) == 1
    assert "index/listed: today 0" in text
    assert "0 new, 0 updated, 0 gone, 0 failed, 0 owed." in text
    assert "newsspider/sites/" in text
    assert str(objected.folder) in text


def test_slack_gets_the_same_text_and_no_more_rights_than_it_takes(objected: Told) -> None:
    [posted] = objected.web.posted(SLACK)
    assert "Bearer xoxb-secret" in objected.web.authorizations
    assert posted["channel"] == "#news"
    assert TOLD in posted["text"]
    assert (posted["link_names"], posted["mrkdwn"]) == (False, False)
    assert not {"username", "icon_url", "attachments", "parse"} & posted.keys()
    assert not [path for path in objected.web.paths() if "users" in path]


def test_telegram_gets_it_too_as_plain_text(objected: Told) -> None:
    [posted] = objected.web.posted(TELEGRAM)
    assert "/bot1:secret/sendMessage" in objected.web.paths()
    assert posted["chat_id"] == "-1001"
    assert TOLD in posted["text"]
    assert "parse_mode" not in posted


def test_the_heartbeat_stays_away_and_its_failure_is_called(objected: Told) -> None:
    assert [path for path in objected.web.paths() if path.startswith("/ping")] == ["/ping/hidden/fail"]


def numbers(path: Path) -> dict[tuple[str, ...], float]:
    """Name and labels but the spider's -> value."""
    families = text_string_to_metric_families(path.read_text())
    samples = [sample for family in families for sample in family.samples]
    assert {sample.labels.pop("spider") for sample in samples} == {"sindonews"}
    return {(sample.name, *sample.labels.values()): sample.value for sample in samples}


def test_the_metrics_of_a_run_that_objects_leave_the_time_of_the_last_healthy_one(objected: Told) -> None:
    [path] = (objected.folder / "metrics").iterdir()
    assert path.name == "newsspider_sindonews.prom"
    assert path.stat().st_mode & 0o044 == 0o044
    found = numbers(path)
    assert (found["newsspider_run_exit_code",], found["newsspider_run_findings",]) == (3, 1)
    assert found["newsspider_run_articles", "new"] == 0


@pytest.fixture(scope="module")
def healthy(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A run that ended with 0."""
    return tell(site, tmp_path_factory.mktemp("healthy"), [])


def test_a_healthy_run_calls_its_heartbeat_once_and_nobody_else(healthy: Told) -> None:
    assert (healthy.done.returncode, warnings(healthy.done)) == (0, [])
    assert healthy.web.log == [("/ping/hidden", {})]
    assert healthy.mails.got == []


def test_the_metrics_of_a_healthy_run_say_what_came_and_when(healthy: Told) -> None:
    folder = healthy.folder / "metrics"
    assert {path.name for path in folder.iterdir()} == {
        "newsspider_sindonews.prom",
        "newsspider_sindonews_success.prom",
    }
    found = numbers(folder / "newsspider_sindonews.prom")
    assert found["newsspider_run_exit_code",] == 0
    assert found["newsspider_run_articles", "new"] == 10
    assert found["newsspider_run_owed_pages",] == 0
    assert found["newsspider_run_responses", "200"] >= 11
    assert found["newsspider_run_received_bytes",] > 10_000
    assert 0 < found["newsspider_run_duration_seconds",] < 60
    [success] = numbers(folder / "newsspider_sindonews_success.prom").values()
    assert 0 <= time.time() - success < 60


def test_a_site_that_is_down_is_told(site: Site, tmp_path: Path) -> None:
    heard = tell(site, tmp_path, DOWN, *IMPATIENT)
    assert heard.done.returncode == 4
    [mail] = heard.mails.got
    assert mail["Subject"] == "newsspider sindonews: not finished (the site is down)"
    assert "The next run of the same command goes on where this one ended." in mail.get_content()
    assert "10 owed" in mail.get_content()


def test_a_deadline_was_asked_for_and_is_not_told(site: Site, tmp_path: Path) -> None:
    heard = tell(site, tmp_path, DOWN, "-s", "RUN_DEADLINE=1", "-s", "RETRY_PAUSE=0.1")
    assert (heard.done.returncode, warnings(heard.done)) == (4, [])
    assert (heard.mails.got, heard.web.log) == ([], [])
    assert numbers(tmp_path / "metrics" / "newsspider_sindonews.prom")["newsspider_run_exit_code",] == 4


def test_a_person_who_interrupts_is_not_told(site: Site, tmp_path: Path) -> None:
    site.faults, site.log = DOWN, []
    with web() as there, mails() as post:
        run = started(site, tmp_path, People(there.url, post.port), "-s", "RETRY_PAUSE=0.1")
        until(lambda: len(site.log) > 3)
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=20)
    assert (run.returncode, there.log, post.got) == (4, [], [])


def test_a_ledger_that_cannot_be_written_is_told(site: Site, tmp_path: Path) -> None:
    with room_for(300_000):
        heard = tell(site, tmp_path, [])
    assert heard.done.returncode == 5
    [mail] = heard.mails.got
    assert mail["Subject"].startswith("newsspider sindonews: failed: the ledger")
    assert "(exit 5)" in mail.get_content()
    assert "/ping/hidden/fail" in heard.web.paths()


def test_without_a_ledger_the_stats_are_told(site: Site, tmp_path: Path) -> None:
    heard = tell(site, tmp_path, NO_LISTS, "-s", "LEDGER_URL=")
    assert heard.done.returncode == 3
    assert "finished, but" in heard.mails.got[0]["Subject"]
    well = tell(site, tmp_path, [], "-s", "LEDGER_URL=")
    assert (well.done.returncode, well.web.paths()) == (0, ["/ping/hidden"])
    assert numbers(tmp_path / "metrics" / "newsspider_sindonews.prom")["newsspider_run_articles", "new"] == 10


def test_without_a_ledger_what_the_monitors_object_to_is_told_and_the_heartbeat_stays_away(
    tmp_path: Path,
) -> None:
    with Site(many.site(many.stories(30))) as site:
        heard = tell(site, tmp_path, [Fault("/read/", "500")], "-s", "LEDGER_URL=", "-s", "RETRY_TIMES=0")
    assert heard.done.returncode == 3
    assert [path for path in heard.web.paths() if path.startswith("/ping")] == ["/ping/hidden/fail"]
    [mail] = heard.mails.got
    objected = "30 of 30 articles could not be had (500: 30)"
    assert objected in heard.done.stderr.splitlines()[-1]
    assert mail["Subject"].startswith(f"newsspider sindonews: finished, but {objected}")
    assert "(exit 3)" in mail.get_content()
    assert {path.name for path in (tmp_path / "metrics").iterdir()} == {"newsspider_sindonews.prom"}


@pytest.mark.parametrize(
    ("code", "reason", "findings", "expected"),
    [
        (0, "finished", 0, {ALWAYS, WELL}),
        (3, "finished", 1, {ALWAYS, WRONG}),
        (4, "outage", 0, {ALWAYS, WRONG}),
        (4, "shutdown", 1, {ALWAYS}),
        (4, "deadline", 0, {ALWAYS}),
        (4, "deadline", 1, {ALWAYS, WRONG}),
        (5, "the ledger x: no room", 0, {ALWAYS, WRONG}),
    ],
)
def test_what_was_asked_for_is_neither_well_nor_wrong(
    code: int, reason: str, findings: int, expected: set[str]
) -> None:
    assert occasions({"exitcode": code, "reason": reason, "findings": [{}] * findings}) == expected


HOSTILE = """
from newsspider.ledger.findings import Finding
from newsspider.ledger.signals import judging

BAD = "Judul {{ 7*7 }}{% raw %}\\r\\nBcc: evil@example.org\\r\\n\\r\\n<!channel> <@U1> *b* _i_ [a](b) @everyone \\u202e"
URL = "https://international.sindonews.com/read/1/<!channel>?a={{ 7 * 7 }}&b=1"

class Hostile:
    @classmethod
    def from_crawler(cls, crawler):
        self = cls()
        crawler.signals.connect(self.judge, judging)
        self.crawler = crawler
        return self

    def judge(self, run):
        finding = Finding(name="fields/title", told=BAD, usual=0.98765, today=60.0, examples=[URL], kept=["k/1"])
        run.findings.append(finding)
"""


def test_what_comes_from_the_site_is_text_and_nothing_more(site: Site, tmp_path: Path) -> None:
    (tmp_path / "hostile.py").write_text(HOSTILE)
    both = '{"newsspider.progress.Progress": 100, "hostile.Hostile": 200}'
    heard = tell(site, tmp_path, [], "-s", f"EXTENSIONS={both}")
    assert heard.done.returncode == 3
    [mail] = heard.mails.got
    assert (mail["Bcc"], mail.defects) == (None, [])
    assert "{{ 7*7 }}{% raw %} Bcc: evil@example.org" in mail["Subject"]
    lines = mail.get_content().splitlines()
    assert "\u202e" not in mail.get_content()
    figures = lines.index("fields/title: usual 0.988, today 60")
    assert lines[figures + 1].startswith("https://international.sindonews.com/read/1/<!channel>")
    assert lines[figures + 2] == "kept: k/1"
    [slack] = heard.web.posted(SLACK)
    assert "<" not in slack["text"]
    assert "&lt;!channel&gt;?a={{ 7 * 7 }}&amp;b=1" in slack["text"]
    [telegram] = heard.web.posted(TELEGRAM)
    assert "@everyone" not in telegram["text"]
    assert "@\u2060everyone" in telegram["text"]
    assert "*b* _i_ [a](b)" in telegram["text"]


MODULES = (
    "import atexit, sys; atexit.register(lambda: print(*sys.modules)); from scrapy.cmdline import execute; execute()"
)


def test_switched_off_it_costs_no_import(site: Site, tmp_path: Path) -> None:
    site.faults = NO_LISTS
    command = [sys.executable, "-c", MODULES, "crawl", "sindonews", *FAST, "-s", "MONITOR_ENABLED=0", "-O", "out.jsonl"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(site.env), capture_output=True, text=True, timeout=60)
    assert done.returncode == 3
    imported = set(done.stdout.split())
    rooms = {name for name in imported if name.startswith("newsspider.alerts")}
    assert rooms == {"newsspider.alerts", "newsspider.alerts.addon", "newsspider.alerts.ways"}
    assert not imported & {"spidermon", "slack_sdk", "premailer", "prometheus_client"}


def test_a_text_is_never_too_long_for_a_chat() -> None:
    finding = {"name": "fields/title", "told": "kata " * 100, "usual": 1.0, "today": 0.0, "kept": []}
    findings = [{**finding, "examples": ["https://example.org/" + "a" * 400] * 3}] * 9
    record = {
        "spider": "s",
        "exitcode": 3,
        "reason": "finished",
        "counts": {"new": 1, "owed": None},
        "findings": findings,
    }
    subject, text = message(record)
    assert len(subject) <= 140
    assert len(text) <= LONGEST
    assert text.endswith("run.json has all of it")
    assert clean("a\u2028b\x00c\u200d\u2066") == "a bc"
