"""Receivers that fail, are set by halves, or do not want what they get: a warning each, without a secret in it."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from scrapy.settings import Settings

from newsspider.alerts import heartbeat, mail, slack, telegram
from newsspider.alerts.told import told
from newsspider.alerts.ways import mail_tls
from tests.people import FOUND, NEAR, NO_LISTS, SECRETS, TOLD, People, crawl, started, until, warnings
from tests.receivers import SLACK, TELEGRAM, mails, nobody, silence, web
from tests.site import many
from tests.site.certificates import Authority
from tests.site.server import Site


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(many.site(FOUND)) as site:
        yield site


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
