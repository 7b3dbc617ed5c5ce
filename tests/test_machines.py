"""One ledger in PostgreSQL, and those who crawl with it."""

from pathlib import Path

from tests.ledgers import crawl, delivered
from tests.postgres import Base, needs_postgres
from tests.process import scrapy
from tests.site import many
from tests.site.server import Site

pytestmark = needs_postgres


def test_a_crawl_with_its_ledger_in_postgresql_delivers_every_article_once(base: Base, tmp_path: Path) -> None:
    found = many.stories(30)
    with Site(many.site(found)) as site:
        done = crawl(site, tmp_path, "-s", f"LEDGER_URL={base.url}")
        assert done.returncode == 0
        assert delivered(tmp_path / "out.jsonl") == dict.fromkeys((story.url for story in found), 1)
        assert base.sql("SELECT count(*) FROM articles") == [(30,)]
        status = scrapy("status", "-s", f"LEDGER_URL={base.url}", cwd=tmp_path)
    assert status.returncode == 0
    assert "sindonews" in status.stdout
