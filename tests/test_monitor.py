"""The site changes in the ways sites do, after runs that were healthy: the crawl says so, with pages to start from."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from newsspider import cases
from newsspider.sites.sindonews import article
from tests.ledgers import crawl, delivered, sql
from tests.site import Page, many
from tests.site.faults import HTML, Fault
from tests.site.server import Site

A_RUN = 20
RUNS = 6
KNOWN = RUNS * A_RUN
Change = Callable[[Page], Page]
STAYS = "Warga menunggu di rumah. Baca juga kisah lain di sini hari ini."
CONSENT = Page(b"<html><body><h1>Kami menghargai privasi Anda</h1><p>Setuju?</p></body></html>", 200, HTML)


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the ledger of some runs, each of which brought twenty articles."""
    folder = tmp_path_factory.mktemp("healthy")
    with Site({}) as site:
        for run in range(RUNS):
            site.pages |= many.site(many.stories(A_RUN * (run + 1), first=A_RUN * run))
            done = crawl(site, folder)
            assert (done.returncode, len(delivered(folder / "out.jsonl"))) == (0, A_RUN), done.stderr
    return folder


@pytest.fixture
def folder(healthy: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(healthy, tmp_path / "run", ignore=shutil.ignore_patterns("out.jsonl", "*.lock")))


@pytest.fixture
def site() -> Iterator[Site]:
    """The site a day later: thirty articles are new."""
    with Site(many.site(many.stories(KNOWN + 30, first=KNOWN - A_RUN + 30))) as site:
        yield site


def change(site: Site, where: str, what: Change) -> None:
    """On all pages whose URL has `where` in it."""
    site.pages |= {url: what(page) for url, page in site.pages.items() if re.search(where, url)}


def swap(*pairs: tuple[str, str]) -> Change:
    def swapped(page: Page) -> Page:
        body = page.body
        for old, new in pairs:
            body = body.replace(old.encode(), new.encode())
        return replace(page, body=body)

    return swapped


def objected(site: Site, folder: Path, *args: str) -> dict[str, dict[str, Any]]:
    """Findings of a crawl that ends with 3, by name; each of them has its examples, and these are kept as cases."""
    done = crawl(site, folder, *args)
    assert done.returncode == 3, done.stderr
    assert done.stderr.splitlines()[-1].startswith("sindonews: finished, but ")
    record = json.loads((folder / "run.json").read_text("utf-8"))
    found = {finding["name"]: finding for finding in record["findings"]}
    assert len(found) == len(record["findings"])
    assert next(iter(found.values()))["told"] in done.stderr
    [(kept,)] = sql(folder, "SELECT findings FROM runs ORDER BY id DESC LIMIT 1")
    assert json.loads(kept) == record["findings"]
    return found


def pages(finding: dict[str, Any], folder: Path) -> list[Any]:
    """The pages that were kept of a finding, loaded as the tests of a site load theirs."""
    assert len(finding["examples"]) == len(finding["kept"]) == 3
    loaded = [cases.load(folder / path) for path in finding["kept"]]
    assert [page.url.partition("?")[0] for page in loaded] == [url.partition("?")[0] for url in finding["examples"]]
    return loaded


def test_a_day_like_the_others_is_not_objected_to(site: Site, folder: Path) -> None:
    done = crawl(site, folder)
    assert (done.returncode, "finished; 30 new" in done.stderr) == (0, True)
    [(told,)] = sql(folder, "SELECT stats FROM runs ORDER BY id DESC LIMIT 1")
    stats = json.loads(told)
    assert stats["monitor/articles"] == stats["monitor/fields/title"] == stats["monitor/layout/2024"] == 30
    assert sum(count for name, count in stats.items() if name.startswith("monitor/latency/")) > 30
    assert len(stats["monitor/slowest"]) == 10
    seconds = [row[0] for row in stats["monitor/slowest"]]
    assert seconds == sorted(seconds, reverse=True)


def test_a_few_articles_and_none_are_not_objected_to(site: Site, folder: Path) -> None:
    for new in (2, 2, 0, 1):
        site.pages = many.site(many.stories(KNOWN + new, first=KNOWN - A_RUN + new))
        assert crawl(site, folder).returncode == 0


def test_a_renamed_class_of_the_headline_names_the_rule(site: Site, folder: Path) -> None:
    change(site, "/read/", swap(("detail-title", "judul-utama")))
    finding = objected(site, folder)["rules/title"]
    assert finding["told"] == ("rule 1 of title in layout 2024 (h1.detail-title) matches 0 of 30 pages, usually 100 %")
    assert (finding["usual"], finding["today"]) == (1.0, 0.0)
    for page in pages(finding, folder):
        assert "judul-utama" in page.text
        assert article.read(page).article.title  # another rule stands in for it


def test_a_renamed_body_is_told_as_articles_without_text(site: Site, folder: Path) -> None:
    change(site, "/read/", swap(("detail-desc", "isi-berita")))
    finding = objected(site, folder)["fields/paragraphs"]
    assert "paragraphs on 0 of 30 articles, usually 100 %" in finding["told"]
    assert "rule 1 of paragraphs in layout 2024" in finding["told"]
    assert all(not article.read(page).article.paragraphs for page in pages(finding, folder))


def test_a_date_that_moved_is_told_with_its_rule(site: Site, folder: Path) -> None:
    change(site, "/read/", swap(('class="detail-date-artikel"', 'class="waktu"')))
    finding = objected(site, folder)["fields/published"]
    assert "the date of 30 of 30 articles is known from their URL only, usually 0 %" in finding["told"]
    assert "rule 1 of published in layout 2024 (div.detail-date-artikel) matches 0 of 30 pages" in finding["told"]
    assert all(article.read(page).article.published_from == "url" for page in pages(finding, folder))


def test_page_2_of_the_newest_behind_a_new_parameter_is_told(site: Site, folder: Path) -> None:
    change(site, "/more/", lambda page: replace(page, body=re.sub(rb"/more/9/(\d+)", rb"/more/9?page=\1", page.body)))
    finding = objected(site, folder)["index/pages"]
    assert "the newest ended with page 1, before what is known" in finding["told"]
    assert finding["today"] == 1
    assert finding["examples"] == ["https://international.sindonews.com/more/9"]
    assert b"?page=20" in cases.load(folder / finding["kept"][0]).body
    assert "/index/" in finding["kept"][0]


def test_page_2_of_articles_behind_a_new_parameter_is_told_as_short_articles(site: Site, folder: Path) -> None:
    for story in many.stories(30, first=KNOWN - A_RUN + 30):
        page = site.pages[story.url]
        first = re.sub(re.escape(story.url.encode()) + rb"/(\d+)", rb"?page=\1", page.body)
        site.pages[f"{story.url}?showpage=all"] = site.pages[story.url] = replace(page, body=first)
    finding = objected(site, folder)["paragraphs/number"]
    assert (finding["usual"], finding["today"]) == (8, 3)
    assert all(len(article.read(page).article.paragraphs) == 3 for page in pages(finding, folder))


def test_a_body_that_is_wrapped_twice_is_read_as_ever(site: Site, folder: Path) -> None:
    inner = '<div class="detail-desc" id="detail-desc">'
    wrapped = f'<div class="bungkus"><section>{inner}'
    change(site, "/read/", swap((inner, wrapped), ("</article>", "</section></div></article>")))
    assert crawl(site, folder).returncode == 0
    assert {len(row["paragraphs"]) for row in rows(folder)} == {8}


def test_a_body_that_stands_in_itself_is_read_as_ever(site: Site, folder: Path) -> None:
    inner = '<div class="detail-desc" id="detail-desc">'
    change(site, "/read/", swap((inner, inner + inner), ("</article>", "</div></article>")))
    assert crawl(site, folder).returncode == 0
    assert {len(row["paragraphs"]) for row in rows(folder)} == {8}


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "out.jsonl").read_text("utf-8").splitlines()]


def test_a_list_that_lists_nothing_keeps_the_list(site: Site, folder: Path) -> None:
    change(site, "/more/", lambda page: CONSENT)
    [finding] = objected(site, folder).values()
    assert (finding["name"], finding["today"]) == ("index/listed", 0)
    assert finding["usual"] > 20
    assert cases.load(folder / finding["kept"][0]).body == CONSENT.body


def test_a_consent_page_instead_of_every_article_is_told(site: Site, folder: Path) -> None:
    change(site, "/read/", lambda page: CONSENT)
    found = objected(site, folder)
    assert list(found) == ["fields/title"]
    assert "title on 0 of 30 articles, usually 100 %" in found["fields/title"]["told"]
    assert {page.body for page in pages(found["fields/title"], folder)} == {CONSENT.body}


def test_a_cross_reference_that_stays_in_the_text_is_told(site: Site, folder: Path) -> None:
    change(site, r"/read/.*showpage", swap(('<div class="editor">', f'{STAYS}<br><br><div class="editor">')))
    finding = objected(site, folder)["boilerplate/cross-reference"]
    assert finding["told"] == "cross-reference is left in the text of 30 of 30 articles, usually 0 %"
    assert all(STAYS in page.text for page in pages(finding, folder))


def test_articles_that_cannot_be_had_are_told_with_the_status(site: Site, folder: Path) -> None:
    site.faults = [Fault("/read/.*[02468]-", "404")]
    finding = objected(site, folder)["errors"]
    assert " of 30 articles could not be had (404: " in finding["told"]
    assert len(finding["examples"]) == 3


def test_what_is_known_and_no_matter_can_be_left_out(site: Site, folder: Path) -> None:
    change(site, "/read/", swap(("detail-title", "judul-utama")))
    assert crawl(site, folder, "-s", "MONITOR_IGNORE=rules/title,rules/tags").returncode == 0


def test_the_articles_that_a_person_names_are_not_judged(site: Site, folder: Path) -> None:
    change(site, "/read/", lambda page: CONSENT)
    named = ",".join(story.url for story in many.stories(20, first=KNOWN - A_RUN + 30))
    assert crawl(site, folder, "-a", f"url={named}").returncode == 0


def test_without_a_ledger_the_fixed_bounds_judge_and_the_last_line_says_so(site: Site, tmp_path: Path) -> None:
    assert crawl(site, tmp_path, "-s", "LEDGER_URL=").returncode == 0
    change(site, "/read/", lambda page: CONSENT)
    done = crawl(site, tmp_path, "-s", "LEDGER_URL=")
    assert done.returncode == 3
    last = done.stderr.splitlines()[-1]
    assert last.startswith("sindonews: finished, but title on 0 of 150 articles, should be at least 90 %; 0 articles")


def test_turned_off_it_counts_and_says_nothing(site: Site, folder: Path) -> None:
    change(site, "/read/", lambda page: CONSENT)
    assert crawl(site, folder, "-s", "MONITOR_ENABLED=0").returncode == 0
    [(stats,)] = sql(folder, "SELECT stats FROM runs ORDER BY id DESC LIMIT 1")
    assert "monitor/" not in stats


MORE = """
from spidermon import Monitor

class Mine(Monitor):
    def test_pages(self):
        self.assertGreater(self.data.stats["monitor/articles"], 1000, "so few articles")

class Broken(Monitor):
    def test_it(self):
        raise KeyError("gone")
"""


def more(site: Site, folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    (folder / "mine.py").write_text(MORE)

    class Here:
        env = site.env | {"PYTHONPATH": f"{Path(__file__).parents[1]}:{folder}"}

    return crawl(Here(), folder, "-s", f"MONITOR_MORE={name}", "-s", "LOG_LEVEL=WARNING")  # type: ignore[arg-type]


def test_a_spidermon_monitor_of_ones_own_has_its_say(site: Site, tmp_path: Path) -> None:
    done = more(site, tmp_path, "mine.Mine")
    assert (done.returncode, "so few articles" in done.stderr.splitlines()[-1]) == (3, True)


def test_a_monitor_that_breaks_is_one_warning_and_changes_nothing(site: Site, tmp_path: Path) -> None:
    done = more(site, tmp_path, "mine.Broken")
    assert done.returncode == 0
    [warning, _] = done.stderr.strip().splitlines()
    assert "the monitors could not do all their work (KeyError: 'gone')" in warning


def test_where_nothing_can_be_kept_the_finding_stands(site: Site, folder: Path) -> None:
    (folder / "kept").write_text("a file")
    change(site, "/read/", swap(("detail-title", "judul-utama")))
    done = crawl(site, folder)
    assert done.returncode == 3
    [finding] = json.loads((folder / "run.json").read_text("utf-8"))["findings"]
    assert (len(finding["examples"]), finding["kept"]) == (3, [])


@pytest.mark.parametrize("setting", ["MONITOR_RISE=much", "MONITOR_MOST=half", "MONITOR_RUNS=x"])
def test_a_setting_that_means_nothing_is_2(setting: str, site: Site, tmp_path: Path) -> None:
    refused = crawl(site, tmp_path, "-s", setting)
    assert (refused.returncode, setting.partition("=")[0] in refused.stderr) == (2, True)
    assert site.log == []
