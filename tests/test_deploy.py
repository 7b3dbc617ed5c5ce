"""What stands in deploy/ for people to copy: each file checked by who reads it, or by its schema, and run."""

import ast
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any, Self
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener
from zipfile import ZipFile

import pytest
import yaml
from sqlalchemy import make_url

from newsspider import exits
from tests.ledgers import delivered, sql
from tests.postgres import Base, needs_postgres
from tests.process import FAST, ROOT, scrapy
from tests.process import environment as around
from tests.site import many
from tests.site.server import Site

DEPLOY = ROOT / "deploy"
SERVICE, TIMER = DEPLOY / "systemd/newsspider.service", DEPLOY / "systemd/newsspider.timer"
CRONTAB, DOCKERFILE, COMPOSE = DEPLOY / "crontab", DEPLOY / "Dockerfile", DEPLOY / "compose.yaml"
SECRET, NEWEST, WORKERS = (DEPLOY / f"kubernetes/{name}.yaml" for name in ("ledger", "newest", "workers"))
PLACE = "/srv/newsspider"
"""Where the files say that newsspider is."""
BIN = Path(sys.prefix, "bin")
STORIES = many.daily(date(2022, 1, 31), days=31, each=1)


def run(*command: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **more)


def site() -> Site:
    """One article a day in the month that the files name; and the days, without any, that the crontab asks for."""
    today = datetime.now(UTC).date()
    last = [many.day_index([], today - timedelta(days)) for days in range(62)]
    return Site(many.site(STORIES) | {url: page for pages in last for url, page in pages.items()})


def needs(program: str, package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not shutil.which(program), reason=f"no {program} is there (apt-get install {package})")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """newsspider in a folder of its own, in a hurry."""
    for name, there in {"newsspider": ROOT / "newsspider", ".venv": Path(sys.prefix)}.items():
        (tmp_path / name).symlink_to(there)
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = hurried\n")
    hurried = "DOWNLOAD_DELAY = AUTOTHROTTLE_ENABLED = 0\nRETRY_PAUSE = 0.1\nOUTAGE_PATIENCE = 1.0\n"
    (tmp_path / "hurried.py").write_text(f"from newsspider.settings import *\n{hurried}")
    return tmp_path


def test_the_page_names_every_file() -> None:
    told = (DEPLOY / "README.md").read_text("utf-8")
    files = [path.relative_to(DEPLOY) for path in DEPLOY.rglob("*") if path.is_file() and path.name != "README.md"]
    assert [str(path) for path in files if f"({path})" not in told] == []


# systemd


def said(path: Path) -> dict[str, str]:
    """What a unit says, name -> value."""
    lines = path.read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


@needs("systemd-analyze", "systemd")
def test_systemd_takes_the_service_and_its_timer(place: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    units = tmp_path_factory.mktemp("units")
    for path in (SERVICE, TIMER):
        (units / path.name).write_text(path.read_text("utf-8").replace(PLACE, str(place)))
    verified = run("systemd-analyze", "verify", *units.iterdir())
    assert (verified.returncode, verified.stderr) == (0, "")
    exposed = run("systemd-analyze", "security", "--offline=true", "--threshold=30", units / SERVICE.name)
    assert exposed.returncode == 0, exposed.stdout
    hourly = run("systemd-analyze", "calendar", said(TIMER)["OnCalendar"])
    assert "*-*-* *:00:00" in hourly.stdout


def test_the_service_crawls_and_fails_with_every_exit_code_that_wants_a_person(place: Path) -> None:
    assert said(SERVICE)["SuccessExitStatus"] == str(exits.BUSY)
    command = shlex.split(said(SERVICE)["ExecStart"].replace(PLACE, str(place)))
    with site() as served:
        assert run(*command, cwd=place, env={**os.environ, **served.env}).returncode == exits.FINISHED
    assert sql(place, "SELECT count(*) FROM articles") == [(len(STORIES),)]


# cron


@needs("crontab", "cron")
def test_cron_takes_the_crontab() -> None:
    checked = run("crontab", "-n", CRONTAB)
    assert checked.returncode == 0, checked.stderr


def test_cron_mails_nothing_when_all_went_well_and_the_exit_code_when_not(place: Path) -> None:
    def mailed(line: str, env: Mapping[str, str]) -> str:
        command = line.split(None, 5)[5].replace("\\%", "%").replace(PLACE, str(place))  # as cron gives it to the shell
        done = run("/bin/sh", "-c", command, cwd="/", env={**os.environ, **env})
        return done.stdout + done.stderr

    hourly, monthly = [line for line in CRONTAB.read_text("utf-8").splitlines() if line[:1].isdigit()]
    with site() as served:
        assert "there is no ledger" in mailed(monthly, served.env)
        one = f"scrapy crawl sindonews -a url={STORIES[0].url}"
        assert mailed(hourly.replace("scrapy crawl sindonews", one), served.env) == ""
        assert mailed(monthly, served.env) == ""
        assert mailed(hourly, served.env) == ""
    jobs = [sorted(json.loads(given)) for (given,) in sql(place, "SELECT arguments FROM jobs ORDER BY id")]
    assert jobs == [["url"], ["days"], []]
    assert mailed(hourly, served.env).startswith("exit code 4: sindonews: not finished")  # the site is no more


# Containers


def test_the_compose_file_is_one() -> None:
    checked = run(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)
    assert checked.returncode == 0, checked.stdout


def test_the_dockerfile_passes_its_linter() -> None:
    linted = run(BIN / "hadolint", DOCKERFILE)
    assert linted.returncode == 0, linted.stdout


def test_the_image_lacks_nothing_that_newsspider_imports_and_has_nothing_that_only_tests_need() -> None:
    [cut] = [line for line in DOCKERFILE.read_text("utf-8").splitlines() if line.startswith("RUN sed")]
    shown = run("/bin/sh", "-c", cut.removeprefix("RUN ").partition(" > ")[0], cwd=ROOT).stdout
    everything = names((ROOT / "requirements.txt").read_text("utf-8"))
    assert {"scrapy", "psycopg", "dask"} < names(shown) < everything
    left_out, of = everything - names(shown), packages_distributions()
    assert "pytest" in left_out
    for path in (ROOT / "newsspider").rglob("*.py"):
        for name in imported(path):
            assert not left_out & {other.lower() for other in of.get(name, ())}, f"{path} imports {name}"


def names(requirements: str) -> set[str]:
    lines = [line for line in requirements.splitlines() if line and not line.startswith("#")]
    return {line.partition("~=")[0].partition("[")[0] for line in lines}


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
    return {name.partition(".")[0] for name in found}


# Kubernetes


@pytest.mark.parametrize("path", [SECRET, NEWEST, WORKERS], ids=lambda path: path.stem)
def test_kubernetes_takes_the_manifest(path: Path) -> None:
    for version in ("1.33", "1.37"):
        checked = run(BIN / "kubernetes-validate", "--strict", "-k", version, path)
        assert checked.returncode == 0, checked.stdout
        assert "WARN" not in checked.stdout


def read(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text("utf-8")))


def job(path: Path) -> dict[str, Any]:
    [found] = read(path)
    spec: dict[str, Any] = found["spec"].get("jobTemplate", found)["spec"]
    return spec


@pytest.mark.parametrize("path", [NEWEST, WORKERS], ids=lambda path: path.stem)
def test_a_job_is_tried_again_when_it_was_not_finished_and_ends_when_something_has_to_be_mended(path: Path) -> None:
    rules = [rule for rule in job(path)["podFailurePolicy"]["rules"] if "onExitCodes" in rule]
    of = {code: rule["action"] for rule in rules for code in rule["onExitCodes"]["values"]}
    assert set(of) == set(range(1, 7)) - {exits.NOT_FINISHED}
    assert {of[code] for code in (exits.NOT_STARTED, exits.WRONG_ARGUMENTS, exits.OUTPUT_FAILED)} == {"FailJob"}
    assert job(path)["template"]["spec"]["restartPolicy"] == "Never"  # or there is no podFailurePolicy


# LEDGER_URL in the environment


def test_a_crawl_without_its_ledger_in_the_environment_has_its_own_and_a_replay_leaves_that_one_alone(
    tmp_path: Path,
) -> None:
    with site() as served:
        assert scrapy("crawl", "sindonews", *FAST, cwd=tmp_path, env={**served.env, "LEDGER_URL": ""}).returncode == 0
    assert sql(tmp_path, "SELECT count(*) FROM articles") == [(len(STORIES),)]
    kept = ("-s", f"WARC_REPLAY={ROOT / 'tests/site/sample.warc.gz'}")
    shared = {"LEDGER_URL": "sqlite:///shared.sqlite"}
    assert scrapy("crawl", "sindonews", *kept, cwd=tmp_path, env=shared).returncode == 0
    assert not (tmp_path / "shared.sqlite").exists()


# What containers run, with a ledger that asks for a password


def secret() -> dict[str, str]:
    """The Secret's environment variables."""
    found: dict[str, str] = read(SECRET)[0]["stringData"]
    return found


def contained(name: str) -> tuple[int, list[str], dict[str, str]]:
    """How many containers there are, what each gives to `scrapy`, and its environment."""
    if name == "compose":
        worker = read(COMPOSE)[0]["services"]["worker"]
        env = worker["environment"] | {"PGPASSWORD": secret()["PGPASSWORD"]}
        return worker["deploy"]["replicas"], shlex.split(worker["command"]), env
    found = job(DEPLOY / f"kubernetes/{name}.yaml")
    [container] = found["template"]["spec"]["containers"]
    return found.get("parallelism", 1), container["args"], secret()


@pytest.fixture
def guarded(base: Base) -> Base:
    """A database of the user newsspider, who has to give a password."""
    if not base.sql("SELECT 1 FROM pg_roles WHERE rolname = 'newsspider'"):
        base.sql(f"CREATE ROLE newsspider LOGIN PASSWORD '{secret()['PGPASSWORD']}'")
        asks = "host all newsspider 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n"
        (base.server.data / "pg_hba.conf").write_text(asks)
        base.sql("SELECT pg_reload_conf()")
    base.sql(f'ALTER DATABASE "{base.name}" OWNER TO newsspider')
    return base


def environment(given: Mapping[str, str], base: Base) -> dict[str, str]:
    """The ledger that a file names, led to the one that is there."""
    url = make_url(given["LEDGER_URL"])
    assert (url.drivername, url.username, url.password) == ("postgresql+psycopg", "newsspider", None)
    url = url.set(host="127.0.0.1", port=base.server.port, database=base.name)
    return {**given, "LEDGER_URL": str(url)}


@needs_postgres
@pytest.mark.parametrize("name", ["newest", "workers", "compose"])
def test_containers_share_a_volume_and_a_secret_ledger(name: str, guarded: Base, tmp_path: Path) -> None:
    number, args, given = contained(name)
    command = [sys.executable, "-m", "scrapy", *args, *FAST]
    with site() as served:
        env = around({**served.env, **environment(given, guarded)})
        with (tmp_path / "log").open("wb") as log:
            workers = [subprocess.Popen(command, cwd=tmp_path, env=env, stderr=log) for _ in range(number)]
        try:
            ended = [worker.wait(60) for worker in workers]
        finally:
            for worker in workers:
                worker.kill()
    assert ended == [exits.FINISHED] * number, (tmp_path / "log").read_text()
    assert guarded.sql("SELECT count(*) FROM articles") == [(len(STORIES),)]
    [feed] = tmp_path.glob("feeds/sindonews/*.jsonl")
    assert delivered(feed) == dict.fromkeys((story.url for story in STORIES), 1)


@needs_postgres
def test_the_password_may_stand_in_a_file_and_a_wrong_one_is_said(guarded: Base, tmp_path: Path) -> None:
    file = tmp_path / "pgpass"
    file.write_text(f"*:*:*:newsspider:{secret()['PGPASSWORD']}\n")
    file.chmod(0o600)
    env = environment(secret(), guarded)
    wrong = scrapy("status", cwd=tmp_path, env={**env, "PGPASSWORD": "another"})
    assert wrong.returncode == exits.OUTPUT_FAILED
    assert "Traceback" not in wrong.stderr
    del env["PGPASSWORD"]
    with site() as served:
        one = ("crawl", "sindonews", "-a", f"url={STORIES[0].url}", *FAST)
        right = scrapy(*one, cwd=tmp_path, env={**served.env, **env, "PGPASSFILE": str(file)})
    assert right.returncode == exits.FINISHED, right.stderr


# scrapyd


class Scrapyd:
    """`with Scrapyd(folder, env) as scrapyd:` is one on a free port, in that folder, as scrapyd.conf has it."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder, self.env = folder, env
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port: int = free.getsockname()[1]

    def __enter__(self) -> Self:
        conf = (DEPLOY / "scrapyd.conf").read_text("utf-8").replace("6800", str(self.port))
        (self.folder / "scrapyd.conf").write_text(f"{conf}poll_interval = 0.2\n")
        env = {**os.environ, **self.env}
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen([BIN / "scrapyd"], cwd=self.folder, env=env, stdout=log, stderr=log)
        self.wait(lambda: self.ask("daemonstatus.json")["status"] == "ok")
        return self

    def __exit__(self, *exc: object) -> None:
        self.process.terminate()
        self.process.wait(30)

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def wait(self, until: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not until():
            assert self.process.poll() is None and time.monotonic() < end, self.log  # noqa: PT018
            time.sleep(0.1)

    def ask(self, path: str, **given: str | list[str]) -> dict[str, Any]:
        """What it answers; its status is `down` while there is no answer."""
        data = urlencode(given, doseq=True).encode() if given else None
        try:
            with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{self.port}/{path}", data, 10) as answer:
                found: dict[str, Any] = json.load(answer)
        except URLError:
            return {"status": "down"}
        return found

    def crawl(self, **given: str) -> None:
        """Until it has ended."""
        done = len(self.ask("listjobs.json?project=newsspider")["finished"])
        hurried = ["DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=0"]
        setting = [*hurried, *(f"{name}={value}" for name, value in given.items() if name.isupper())]
        arguments = {name: value for name, value in given.items() if name.islower()}
        self.ask("schedule.json", project="newsspider", spider="sindonews", setting=setting, **arguments)
        self.wait(lambda: len(self.ask("listjobs.json?project=newsspider")["finished"]) > done)


def test_scrapyd_takes_the_egg_and_a_second_schedule_goes_on_with_the_job_of_the_first(tmp_path: Path) -> None:
    project, home = tmp_path / "project", tmp_path / "scrapyd"
    home.mkdir()
    shutil.copytree(ROOT / "newsspider", project / "newsspider")
    shutil.copy(ROOT / "pyproject.toml", project)
    with site() as served, Scrapyd(home, served.env) as scrapyd:
        (project / "scrapy.cfg").write_text((ROOT / "scrapy.cfg").read_text().replace("6800", str(scrapyd.port)))
        deployed = run(BIN / "scrapyd-deploy", cwd=project)
        assert (deployed.returncode, json.loads(deployed.stdout)["spiders"]) == (0, 1), deployed.stderr
        range_ = {"since": "2022-01-01", "until": "2022-01-31"}
        scrapyd.crawl(**range_, CLOSESPIDER_ITEMCOUNT="5")
        assert "Process died: exitstatus=4" in scrapyd.log
        scrapyd.crawl(**range_)
        assert "Process finished" in scrapyd.log
    [feed] = home.glob("feeds/sindonews/*.jsonl")
    assert delivered(feed) == dict.fromkeys((story.url for story in STORIES), 1)
    assert sql(home, "SELECT arguments FROM jobs") == [(json.dumps(range_),)]
    assert (home / "reports/sindonews/latest.html").exists()


def test_the_egg_has_all_that_newsspider_reads_and_no_tests(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "newsspider", tmp_path / "newsspider")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/__init__.py").touch()
    for name in ("pyproject.toml", "scrapy.cfg"):
        shutil.copy(ROOT / name, tmp_path)
    built = run(BIN / "scrapyd-deploy", "--build-egg", "project.egg", cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    inside = {name for name in ZipFile(tmp_path / "project.egg").namelist() if not name.endswith(".pyc")}
    there = {str(path.relative_to(ROOT)) for path in (ROOT / "newsspider").rglob("*") if path.is_file()}
    missing = {name for name in there - inside if not name.endswith(".pyc")}
    assert {name for name in missing if not name.startswith("newsspider/report/plot/")} == set()  # what makes plot.js
    assert {name.partition("/")[0] for name in inside} == {"newsspider", "EGG-INFO"}
