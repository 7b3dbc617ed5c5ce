"""People hear of a run that went wrong, where they are; whatever comes of it, the run's result is what it was."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from scrapy.settings import Settings

from newsspider.alerts import heartbeat, mail, slack, telegram
from newsspider.alerts.calls import occasions
from newsspider.alerts.message import LONGEST, clean, message
from newsspider.alerts.told import told
from newsspider.alerts.ways import ALWAYS, WELL, WRONG, mail_tls
from tests.process import FAST, environment, room_for, scrapy
from tests.receivers import SLACK, TELEGRAM, Mails, Web, mails, nobody, silence, web
from tests.site import many
from tests.site.certificates import Authority
from tests.site.faults import Fault
from tests.site.server import Site

FOUND = many.stories(10)
NO_LISTS = [Fault("/more/", "soft-404")]
"""Makes exit code 3."""
DOWN = [Fault("/read/", "503")]
"""Makes exit code 4."""
TOLD = "no article on any of"
SECRETS = {"ALERT_SLACK_TOKEN": "xoxb-secret", "ALERT_TELEGRAM_TOKEN": "1:secret", "ALERT_MAIL_PASSWORD": "right"}
NEAR = dict.fromkeys(("no_proxy", "NO_PROXY"), "localhost,127.0.0.1")
IMPATIENT = ("-s", "OUTAGE_PATIENCE=2", "-s", "DOWNLOAD_TIMEOUT=2", "-s", "RETRY_TIMES=1", "-s", "RETRY_PAUSE=0.1")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(many.site(FOUND)) as site:
        yield site


@dataclass
class People:
    """Whom a run tells; all of them, where nothing else is said."""

    web: str
    smtp: int
    settings: dict[str, str] = field(default_factory=dict)

    def args(self, **more: str) -> list[str]:
        usual = {
            "ALERT_MAIL_TO": "ani@example.org, budi@example.org",
            "ALERT_MAIL_PORT": str(self.smtp),
            "ALERT_MAIL_TLS": "off",
            "ALERT_SLACK_TO": "#news",
            "ALERT_SLACK_URL": f"{self.web}/api/",
            "ALERT_TELEGRAM_TO": "-1001",
            "ALERT_TELEGRAM_URL": self.web,
            "PROMETHEUS_DIR": "metrics",
            "LOG_LEVEL": "WARNING",
        }
        return [part for name, value in (usual | self.settings | more).items() for part in ("-s", f"{name}={value}")]

    def env(self, site: Site, **more: str) -> dict[str, str]:
        """Of a cron job with secrets in it; what goes to this machine takes no proxy."""
        url = f"{self.web}/ping/hidden"
        urls = {"HEARTBEAT_URL": url, "HEARTBEAT_FAIL_URL": f"{url}/fail"}
        return site.env | NEAR | SECRETS | {"ALERT_MAIL_PASSWORD": ""} | urls | more


def crawl(site: Site, folder: Path, people: People, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    (folder / "metrics").mkdir(exist_ok=True)
    command = ("crawl", "sindonews", *FAST, "-O", "out.jsonl", *people.args(), *args)
    done = scrapy(*command, cwd=folder, env=people.env(site, **env), timeout=60)
    assert "Traceback" not in done.stderr, done.stderr
    assert "secret" not in done.stderr
    assert "hidden" not in done.stderr
    return done


def warnings(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What is not about a page, without the time, in the order of the words; the last line is the run's."""
    lines = done.stderr.strip().splitlines()
    assert lines[-1].startswith("sindonews: ")
    told = (line.partition(" WARNING ")[2] for line in lines[:-1])
    return sorted(line for line in told if not line.startswith("https://"))


@dataclass
class Told:
    done: subprocess.CompletedProcess[str]
    folder: Path
    web: Web
    mails: Mails


def tell(site: Site, folder: Path, faults: list[Fault], *args: str, **env: str) -> Told:
    """What everyone hears of one run."""
    site.faults = faults
    with web() as there, mails() as post:
        done = crawl(site, folder, People(there.url, post.port), *args, **env)
        return Told(done, folder, there, post)


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


def started(site: Site, folder: Path, people: People, *args: str) -> subprocess.Popen[str]:
    (folder / "metrics").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "scrapy", "crawl", "sindonews", *FAST, "-O", "out.jsonl", *people.args(), *args]
    env = environment(people.env(site))
    return subprocess.Popen(command, cwd=folder, env=env, stderr=subprocess.PIPE, text=True)


def until(is_so: object) -> None:
    """Waits, for thirty seconds at most."""
    assert callable(is_so)
    end = time.monotonic() + 30
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)
    assert is_so()


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


BY = (
    "the alert by Slack to #news",
    "the alert by Telegram to -1001",
    "the alert by mail",
    "the call of HEARTBEAT_FAIL_URL",
)


@pytest.mark.parametrize("how", ["refuse", "hang", "answer 500", "are not trusted"])
def test_receivers_that_fail_are_a_warning_each_and_nothing_else(how: str, site: Site, tmp_path: Path) -> None:
    site.faults = NO_LISTS
    settings = {"ALERT_TIMEOUT": "3" if how == "hang" else "10"}
    say = {"refuse": "refused", "hang": "no answer in time (ALERT_TIMEOUT)", "answer 500": "50"}
    with ExitStack() as stack:
        if how == "refuse":
            port = stack.enter_context(nobody())
            people = People(f"http://127.0.0.1:{port}", port, settings)
        elif how == "hang":
            people = People(stack.enter_context(web(hangs=True)).url, stack.enter_context(silence()), settings)
        elif how == "answer 500":
            answers = {"": (500, {"ok": False, "error": "500 internal_error"})}
            post = stack.enter_context(mails(fails=True))
            people = People(stack.enter_context(web(answers=answers)).url, post.port, settings)
        else:
            stranger = Authority(tmp_path).context("localhost")
            post = stack.enter_context(mails(stranger))
            settings |= {"ALERT_MAIL_TLS": "starttls"}
            people = People(stack.enter_context(web(stranger)).url, post.port, settings)
        began = time.monotonic()
        done = crawl(site, tmp_path, people, "-s", "PROMETHEUS_DIR=nowhere")
    assert done.returncode == 3
    assert time.monotonic() - began < 12  # one after the other they would take longer
    prometheus, *others = warnings(done)
    assert prometheus == "the Prometheus file failed: PROMETHEUS_DIR nowhere is no folder"
    assert [line.partition(" failed: ")[0] for line in others] == sorted(BY)
    assert all(say.get(how, "certificate") in line for line in others), others
    assert all(len(line) < 300 for line in others)
    assert json.loads((tmp_path / "run.json").read_text())["exitcode"] == 3


def test_whoever_gives_up_first_an_answer_that_does_not_come_is_told_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in NEAR.items():
        monkeypatch.setenv(name, value)
    with web(hangs=True) as there, silence() as smtp:
        given = {"ALERT_MAIL_PORT": smtp, "ALERT_SLACK_URL": there.url, "ALERT_TELEGRAM_URL": there.url}
        given |= {"ALERT_MAIL_HOST": "127.0.0.1", "ALERT_MAIL_TLS": "off", "ALERT_TIMEOUT": 0.5}
        settings = Settings(SECRETS | given)
        record = {"spider": "s", "exitcode": 4, "reason": "outage", "counts": {}, "findings": []}
        for module, to in (mail, "ani@example.org"), (slack, "#news"), (telegram, "-1001"), (heartbeat, there.url):
            with pytest.raises(Exception) as raised:  # noqa: PT011  # each library has its own
                module.call(to, settings, record, {})
            assert "no answer in time (ALERT_TIMEOUT)" in told(raised.value, settings)


def test_what_a_service_objects_to_is_said(site: Site, tmp_path: Path) -> None:
    site.faults = NO_LISTS
    answers = {
        SLACK: (200, {"ok": False, "error": "channel_not_found"}),
        TELEGRAM: (400, {"ok": False, "description": "Bad Request: chat not found"}),
        "/fail": (404, {"ok": False, "msg": "Monitor not found"}),
    }
    with web(answers=answers) as there, mails(refuses=("budi@example.org",)) as post:
        done = crawl(site, tmp_path, People(there.url, post.port))
    assert (done.returncode, post.receivers) == (3, ["ani@example.org"])
    slack, telegram, mail, heartbeat = warnings(done)
    assert slack.endswith("failed: Slack says channel_not_found")
    assert "chat not found" in telegram
    assert mail.endswith("failed: refused for budi@example.org")
    assert "Monitor not found" in heartbeat


def test_one_receiver_that_is_not_there_keeps_nothing_from_the_others(site: Site, tmp_path: Path) -> None:
    site.faults = NO_LISTS
    people = {"ALERT_MAIL_TO": "", "ALERT_SLACK_TO": "#gone, #news", "ALERT_TELEGRAM_TO": "1,2"}
    with web() as there, nobody() as closed:
        done = crawl(site, tmp_path, People(there.url, closed, people))
    assert (done.returncode, warnings(done)) == (3, [])
    assert {post["channel"] for post in there.posted(SLACK)} == {"#gone", "#news"}
    assert {post["chat_id"] for post in there.posted(TELEGRAM)} == {"1", "2"}


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_mail_goes_with_a_login_over_a_line_that_is_trusted(tls: str, site: Site, tmp_path: Path) -> None:
    site.faults = NO_LISTS
    settings = {"ALERT_MAIL_TLS": tls, "ALERT_MAIL_USER": "ani", "ALERT_MAIL_FROM": "cron@example.org"}
    with web() as there, mails(site.authority.context("localhost"), at_once=tls == "tls") as post:
        done = crawl(site, tmp_path, People(there.url, post.port, settings), ALERT_MAIL_PASSWORD="right")
    assert (done.returncode, warnings(done), post.logins) == (3, [], [(b"ani", b"right")])
    assert post.got[0]["From"] == "cron@example.org"


def test_a_wrong_password_is_said_and_not_quoted(site: Site, tmp_path: Path) -> None:
    site.faults = NO_LISTS
    with web() as there, mails(site.authority.context("localhost")) as post:
        people = People(there.url, post.port, {"ALERT_MAIL_TLS": "starttls"})
        done = crawl(site, tmp_path, people, ALERT_MAIL_PASSWORD="secret")
    assert (done.returncode, post.got) == (3, [])
    [line] = warnings(done)
    assert line.startswith("the alert by mail failed: ")
    assert "uthentication" in line


@pytest.mark.parametrize(("port", "usual"), [(465, "tls"), (587, "starttls"), (2525, "starttls"), (25, "off")])
def test_a_port_says_what_is_usual_on_it(port: int, usual: str) -> None:
    assert mail_tls(Settings({"ALERT_MAIL_PORT": port})) == usual


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


def test_an_error_that_quotes_secrets_is_told_without_them() -> None:
    secrets = {
        "ALERT_TELEGRAM_TOKEN": "1:hid den",
        "ALERT_MAIL_PASSWORD": "pass",
        "HEARTBEAT_URL": "https://kuma.example/api/push/hidden?status=up&msg=OK",
    }
    error = ValueError("a /api/push/hidden?status=up&msg=OK b\n1:hid den c 1%3Ahid%20den pass " + "x" * 500)
    said = told(error, Settings(secrets))
    assert said.startswith("a /*** b *** c *** *** xxx")
    assert len(said) < 210


def test_what_is_set_by_halves_is_said_at_the_start_and_the_run_goes_on(site: Site, tmp_path: Path) -> None:
    site.faults = []
    halves = {"ALERT_SLACK_TO": "@ani", "ALERT_MAIL_TO": "ani"}
    with web() as there, mails() as post:
        done = crawl(
            site,
            tmp_path,
            People(there.url, post.port, halves),
            ALERT_TELEGRAM_TOKEN="",
            HEARTBEAT_URL="hidden.example/ping",
        )
    assert (done.returncode, there.log) == (0, [])
    assert [line.partition(";")[0] for line in warnings(done)] == [
        "ALERT_MAIL_TO takes mail addresses, with commas between",
        "ALERT_SLACK_TO takes a channel (#name) or an id (C…, U…), not @ani",
        "ALERT_TELEGRAM_TO needs ALERT_TELEGRAM_TOKEN",
        "HEARTBEAT_URL is no http:// or https:// URL",
    ]


def test_no_password_goes_over_a_line_that_others_can_read(site: Site, tmp_path: Path) -> None:
    site.faults = NO_LISTS
    with web() as there, mails() as post:
        done = crawl(site, tmp_path, People(there.url, post.port), ALERT_MAIL_PASSWORD="secret")
    assert (done.returncode, post.got) == (3, [])
    [line] = warnings(done)
    assert line.startswith("ALERT_MAIL_TO sends no password without TLS")


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


def test_a_signal_while_an_alert_hangs_is_obeyed_and_changes_nothing(site: Site, tmp_path: Path) -> None:
    site.faults = NO_LISTS
    with web(hangs=True) as there, silence() as smtp:
        run = started(site, tmp_path, People(there.url, smtp, {"ALERT_TIMEOUT": "60"}))
        until(lambda: there.log)
        run.send_signal(signal.SIGTERM)
        _, stderr = run.communicate(timeout=20)
    assert (run.returncode, "Traceback" in stderr) == (3, False)
    assert TOLD in stderr.splitlines()[-1]
    assert json.loads((tmp_path / "run.json").read_text())["exitcode"] == 3


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
