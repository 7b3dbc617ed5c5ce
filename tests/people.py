"""Whom a run tells: all the ways at once, to receivers on loopback."""

import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.process import FAST, environment, scrapy
from tests.receivers import Mails, Web, mails, web
from tests.site import many
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
