"""A database that is not as it should be: what is wrong is said in one line, exit 5, and no password with it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect

from newsspider.ledger.database import Database
from newsspider.ledger.errors import LedgerError, NoLedgerError
from newsspider.ledger.tables import UPGRADES, VERSION
from tests.ledgers import OUT, crawl, delivered
from tests.postgres import Base, needs_postgres
from tests.process import environment, scrapy
from tests.site import many
from tests.site.server import Site

pytestmark = needs_postgres

FEW = many.stories(5)
SECRET = "s3cret"
STRANGER = "postgresql+psycopg://me:s3cret@"
COMMANDS = (
    ("crawl", "sindonews", *OUT),
    ("status",),
    ("owed",),
    ("export", "-O", "all.jsonl", "sindonews"),
    ("gaps",),
    ("report",),
)
WRONG_URLS = {
    "nonsense": "is no database; write sqlite:///folder/file.sqlite or postgresql+psycopg://user@host/database",
    "postgres://me:s3cret@host/ledger": "there is no database postgres; write sqlite:///",
    "mysql://me:s3cret@host/ledger": "there is no database mysql; write sqlite:///",
    "postgresql+psycopg2://me:s3cret@host/ledger": "PostgreSQL is spoken to with psycopg",
    f"{STRANGER}host:here/ledger": "is no database",
    "postgresql+psycopg://me:s3cret@s3cret@host/ledger": "an @ in its password is written %40",
    f"{STRANGER}nowhere.invalid/ledger": "there is no such host (failed to resolve host 'nowhere.invalid'",
    f"{STRANGER}127.0.0.1:1/ledger?sslmod=s3cret": 'invalid connection option "sslmod"',
}


def refused(url: str, *, create: bool = True) -> str:
    """Why it cannot be opened."""
    with pytest.raises(LedgerError) as error, closing(Database(url, create=create)):
        pass
    assert error.value.exitcode == (2 if isinstance(error.value, NoLedgerError) else 5)
    assert SECRET not in str(error.value)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("url", WRONG_URLS)
def test_a_wrong_url_is_told_without_its_password(url: str) -> None:
    assert WRONG_URLS[url] in refused(url)


def test_a_database_that_cannot_be_had_is_one_line_and_5_whatever_the_command(tmp_path: Path) -> None:
    url = "LEDGER_URL=postgresql+psycopg://me:s3cret@127.0.0.1:1/ledger?password=s3cret"
    with ThreadPoolExecutor(6) as some:
        found = list(some.map(lambda command: scrapy(*command, "-s", url, cwd=tmp_path), COMMANDS))
    for done in found:
        assert (done.returncode, len(done.stderr.splitlines()), done.stdout) == (5, 1, ""), done.stderr
        told = "postgresql+psycopg://***@127.0.0.1:1/ledger: the database does not answer (connection to server at"
        assert told in done.stderr
        assert SECRET not in done.stderr


def test_psycopg_that_is_missing_is_told(tmp_path: Path) -> None:
    (tmp_path / "bare.py").write_text(BARE)
    command = [sys.executable, "bare.py", "status", "-s", f"LEDGER_URL={STRANGER}host/ledger"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 5
    assert done.stderr.endswith("ledger needs the Python package psycopg[binary]: install it\n")


def test_a_crawl_with_a_wrong_url_says_so(tmp_path: Path) -> None:
    done = scrapy("crawl", "sindonews", *OUT, "-s", "LEDGER_URL=nonsense", cwd=tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (5, 1)
    assert "LEDGER_URL 'nonsense' is no database" in done.stderr


BARE = """
import sys
from scrapy.cmdline import execute

sys.modules["psycopg"] = None
execute()
"""


@pytest.fixture
def guest(base: Base) -> Iterator[str]:
    """A user who has no rights, and whose password is looked at."""
    rules = base.server.data / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text(f"host all guest 127.0.0.1/32 scram-sha-256\n{before}")
    base.sql("CREATE ROLE guest LOGIN PASSWORD 's3cret'")
    base.sql("SELECT pg_reload_conf()")
    yield base.url.replace("//postgres@", "//guest:s3cret@")
    rules.write_text(before)
    base.sql("DROP OWNED BY guest")
    base.sql("DROP ROLE guest")
    base.sql("SELECT pg_reload_conf()")


def test_what_a_user_may_not_do_is_told(guest: str, base: Base) -> None:
    assert "the password or the user is wrong" in refused(guest.replace(SECRET, "another"))
    assert "no right to do that (permission denied for schema public" in refused(guest)
    with closing(Database(base.url)):
        pass
    assert "no right to do that (permission denied for table meta" in refused(guest)
    base.sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest")
    with closing(Database(guest, create=False)) as database:  # who only reads needs no other right
        assert database.id


def test_who_reads_makes_no_tables(base: Base) -> None:
    assert "there is no ledger in" in refused(base.url, create=False)
    assert base.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


def test_a_missing_database_is_told(base: Base) -> None:
    assert "there is no such database" in refused(base.server.url("none"))


def test_a_database_that_cannot_hold_every_letter_is_told(base: Base) -> None:
    base.sql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    assert "holds LATIN1: make it with createdb -E UTF8" in refused(base.server.url("latin"))


def test_tables_of_others_are_told(base: Base) -> None:
    base.sql("CREATE TABLE meta (id integer)")
    assert "its tables are not those of a ledger" in refused(base.url)


def test_a_lock_that_another_program_holds_is_told(base: Base) -> None:
    with closing(Database(base.url)) as database, base.server.connect(base.name) as other:
        with other.transaction():
            other.execute("LOCK TABLE meta")
            with pytest.raises(LedgerError, match="another program holds it"):
                assert database.id
        assert database.id


def test_a_newer_ledger_is_left_as_it_is(base: Base) -> None:
    with closing(Database(base.url)):
        base.sql("UPDATE meta SET value = '99' WHERE name = 'version'")
    assert "is of a newer newsspider (version 99)" in refused(base.url)
    assert base.sql("SELECT value FROM meta WHERE name = 'version'") == [("99",)]


def shape(database: Database) -> dict[str, Any]:
    """Of the tables: columns and indexes."""
    found = inspect(database.connection)
    return {
        name: (
            sorted((column["name"], str(column["type"])) for column in found.get_columns(name)),
            sorted(str(index["name"]) for index in found.get_indexes(name)),
        )
        for name in found.get_table_names()
    }


UNDONE = {
    r"ALTER TABLE (\w+) ADD COLUMN (\w+).*": r"ALTER TABLE \1 DROP COLUMN \2",
    r"CREATE TABLE (\w+).*": r"DROP TABLE \1",
    r"CREATE INDEX (\w+).*": r"DROP INDEX IF EXISTS \1",
    r"DROP INDEX pages_next_try": "CREATE INDEX pages_next_try ON pages (next_try)",
    r"DROP INDEX pages_day": "",  # goes with its column
}
"""A statement of an upgrade -> what takes it back."""


def grow_old(base: Base) -> None:
    """The tables as the first version had them."""
    for statement in (each for version in sorted(UPGRADES, reverse=True) for each in reversed(UPGRADES[version])):
        undone = next(
            re.sub(given, back, statement) for given, back in UNDONE.items() if re.fullmatch(given, statement)
        )
        if undone:
            base.sql(undone)
    base.sql("UPDATE meta SET value = '1' WHERE name = 'version'")


def test_of_many_that_start_at_once_one_makes_the_tables_and_one_upgrades_them(base: Base) -> None:
    def opened(_: int) -> tuple[str, dict[str, Any]]:
        with closing(Database(base.url)) as database:
            return database.id, shape(database)

    with ThreadPoolExecutor(8) as many_at_once:
        made = list(many_at_once.map(opened, range(8)))
        grow_old(base)
        upgraded = list(many_at_once.map(opened, range(8)))
    assert [each for each in made + upgraded if each != made[0]] == []
    assert base.sql("SELECT value FROM meta WHERE name = 'version'") == [(str(VERSION),)]
    assert set(UPGRADES) == set(range(1, VERSION))


def test_no_password_stands_anywhere(guest: str, base: Base, tmp_path: Path) -> None:
    base.sql("GRANT ALL ON SCHEMA public TO guest")
    url = ("-s", f"LEDGER_URL={guest}&password={SECRET}".replace("&", "?"))
    with Site(many.site(FEW)) as site:
        said = crawl(site, tmp_path, "-L", "DEBUG", *url)
    assert said.returncode == 0, said.stderr
    assert len(delivered(tmp_path / "out.jsonl")) == len(FEW)
    for command in (("status", "--json"), ("report", "--json"), ("gaps",), ("export", "-O", "all.csv", "sindonews")):
        done = scrapy(*command, *url, cwd=tmp_path)
        assert SECRET not in done.stdout + done.stderr
        assert "***@127.0.0.1" in done.stdout or command[0] != "status"
    assert "***@127.0.0.1" in (tmp_path / "run.json").read_text()
    written = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert [each for each in written if SECRET.encode() in each.read_bytes()] == []
    assert SECRET not in said.stderr
    assert SECRET not in str(base.sql("SELECT stats FROM runs"))
