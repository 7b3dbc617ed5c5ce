"""The benchmarks measure what they say: heavy pages whose truth is known, and crawlers that all get everything."""

from pathlib import Path

import pytest
from lxml import html
from parsel import Selector

from benchmarks import large, machines, report
from benchmarks.contenders import newsspider
from benchmarks.crawl import COMMANDS, OFF, UNWATCHED, Job, measure, server, side_by_side
from benchmarks.extraction import f1
from benchmarks.pages import LAYOUTS, SIZE, BenchmarkPage, page, stories
from benchmarks.readers import each
from benchmarks.reextract import articles_of, keep
from tests.postgres import Base, needs_postgres
from tests.site import many
from tests.site.server import Site

PAGES = [page(story) for story in stories(2 * len(LAYOUTS))]
JOB = Job(articles=25, concurrency=4)


@pytest.mark.parametrize("heavy", PAGES, ids=lambda page: page.url)
def test_a_page_weighs_80_kb_in_about_1200_elements(heavy: BenchmarkPage) -> None:
    assert len(heavy.body) == SIZE
    assert 1_000 < sum(1 for _ in html.fromstring(heavy.body).iter("*")) < 1_300


@pytest.mark.parametrize("heavy", PAGES, ids=lambda page: page.url)
def test_its_truth_is_what_our_extraction_finds(heavy: BenchmarkPage) -> None:
    assert f1(heavy, newsspider()(heavy.url, heavy.body)) == 1


def test_a_missing_paragraph_and_one_too_many_cost_alike() -> None:
    truth = BenchmarkPage("", b"", "OSLO", ["Satu.", "Dua.", "Tiga.", "Empat."])
    assert f1(truth, ["OSLO -  Satu.", "", "Dua.", "Tiga.", "Empat."]) == 1
    assert f1(truth, ["Satu.", "Dua.", "Tiga."]) == pytest.approx(6 / 7)
    assert f1(truth, ["Satu.", "Dua.", "Tiga.", "Lima."]) == pytest.approx(6 / 8)
    assert f1(truth, []) == 0


def test_the_report_of_a_ledger_made_by_sql_shows_all_of_its_last_run(tmp_path: Path) -> None:
    report.ledger(tmp_path, 3_000)
    report.measure(tmp_path)
    page = Selector((tmp_path / "reports/sindonews/latest.html").read_text("utf-8"))
    assert page.css("article.story h3::text").get() == "Kabar nomor 3000"
    fresh = page.css("[data-plot=days] tbody td:nth-child(3) data::attr(value)").getall()
    assert sum(map(int, fresh)) == int(page.css(".tiles b data::attr(value)").get(""))


def test_a_run_over_the_newest_on_a_ledger_made_by_sql_brings_what_is_new(tmp_path: Path) -> None:
    large.ledger(tmp_path, 3_000)
    with Site(many.site(many.stories(20))) as site:
        assert 0 < large.measure(site, tmp_path).first < large.measure(site, tmp_path).wall
    assert len((tmp_path / "out.jsonl").read_bytes().splitlines()) == 20


def test_every_page_that_was_kept_gives_its_article(tmp_path: Path) -> None:
    keep(tmp_path / "kept.warc.gz", 8)
    assert articles_of(tmp_path / "kept.warc.gz").articles == 8
    assert each(lambda url, body: body.endswith(b"</html>\n"))(tmp_path / "kept.warc.gz", 5) == (5, 5)


def test_every_crawler_brings_every_article() -> None:
    with server(JOB.articles) as port:
        assert all(measure(name, JOB, port).cpu > 0 for name in COMMANDS)


def test_two_at_once_bring_every_article() -> None:
    with server(JOB.articles) as port:
        assert side_by_side(UNWATCHED, OFF, JOB, port) > 0


@needs_postgres
def test_workers_that_share_a_job_bring_every_article_and_what_it_took_is_counted() -> None:
    with machines.place(JOB, 0.01) as where:
        base = Base(where.server, "shared")
        cost = machines.measure(JOB, where, 2, base)
        assert cost.statements > cost.commits > 0
        assert min(cost.workers, cost.database) > 0
        assert machines.sizes(base)["articles"] > JOB.articles * 1_000
        assert machines.measure(JOB, where, 1, None).statements == 0
