"""The report tells how a run ended and what it did, in a page that opens offline and that no text can spoil."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from parsel import Selector
from playwright.sync_api import Browser

from newsspider.items import Article
from newsspider.ledger import coverage
from newsspider.ledger.database import Database
from newsspider.monitor.figures import FIELDS
from newsspider.report import corpus, past
from tests import chromium, histories
from tests.chromium import opened
from tests.ledgers import LEDGER, crawl, sql
from tests.process import room_for, scrapy
from tests.site import content, many
from tests.site.faults import Fault
from tests.site.server import Site

FOUND = many.stories(60)
DAYS = ("-a", "since=2026-07-20", "-a", "until=2026-07-20")
REPORTS = Path("reports", "sindonews")
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True}
HOSTILE = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "<img src=x onerror=alert(3)>",
    "]]> <!-- --> {{ 7 * 7 }} {% raw %} &amp; &lt;b&gt;",
    "Baris\u2028baru\u2029\u0000\u001b[31m",
    "Sangat" * 200,
    "\u202eterbalik \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "'\" onmouseover=\"alert(4)\" style='position:fixed'",
    "javascript:alert(5)",
    "\U0001f600 e\u0301 \u0e01\u0e33 " * 30,
)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(many.site(FOUND)) as site:
        yield site


@pytest.fixture(scope="module")
def after_a_month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a crawl of the sample that came after thirty others, and was judged."""
    folder = tmp_path_factory.mktemp("month")
    histories.write(folder)
    with Site(content.pages()) as sample:
        crawl(sample, folder, "-a", "since=2026-07-21", "-a", "until=2026-07-24")
    urls = [url for (url,) in sql(folder, "SELECT url FROM articles ORDER BY id DESC LIMIT 3")]
    judge(
        folder, 31, histories.stats(31, 13) | {"monitor/slowest": [[2.5, urls[0]]]}, [histories.alarm(urls, ["kept/a"])]
    )
    remake(folder)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.browser() as browser:
        yield browser


def judge(folder: Path, run: int, stats: dict[str, Any], findings: list[dict[str, Any]]) -> None:
    """What room monitor/ would have said of a run."""
    [(known,)] = sql(folder, "SELECT stats FROM runs WHERE id = ?", run)
    written = json.dumps(stats | json.loads(known)), json.dumps(findings)
    sql(folder, "UPDATE runs SET exitcode = 3, stats = ?, findings = ? WHERE id = ?", *written, run)


def remake(folder: Path, *args: str) -> Path:
    """`scrapy report`: where it says that the report stands."""
    done = scrapy("report", "sindonews", *args, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / done.stdout.strip()


def report(folder: Path, name: str = "latest") -> Selector:
    return Selector((folder / REPORTS / f"{name}.html").read_text("utf-8"))


def verdict(folder: Path, name: str = "latest") -> str:
    return " ".join(" ".join(report(folder, name).css(".verdict ::text").getall()).split())


def tiles(folder: Path) -> dict[str, str]:
    found = report(folder).css(".tiles > div")
    return {tile.css("dt::text").get(""): tile.css("b data::attr(value)").get("") for tile in found}


def test_a_crawl_leaves_the_report_of_its_run_and_the_latest(site: Site, tmp_path: Path) -> None:
    done = crawl(site, tmp_path, "-L", "WARNING")
    assert done.returncode == 0
    assert len(done.stderr.splitlines()) == 1
    [latest, first] = sorted((tmp_path / REPORTS).iterdir(), reverse=True)
    assert (latest.name, first.name) == ("latest.html", "1.html")
    assert latest.read_bytes() == first.read_bytes()
    assert verdict(tmp_path) == "Finished exit code 0 Healthy; nothing to do. Reason: all is done."
    assert report(tmp_path).css(".line samp::text").get() == done.stderr.strip()
    assert tiles(tmp_path) == {"new": "60", "updated": "0", "gone": "0", "failed": "0", "owed": "0"}
    assert crawl(site, tmp_path).returncode == 0
    assert "run 2" in report(tmp_path).css("h1::text").get("")
    assert report(tmp_path).css("#newest + p::text").get("").startswith("This run stored no article")


def test_it_says_that_a_run_is_not_finished_and_what_it_owes(site: Site, tmp_path: Path) -> None:
    assert crawl(site, tmp_path, "-s", "CLOSESPIDER_ITEMCOUNT=5").returncode == 4
    assert verdict(tmp_path).startswith("Not finished exit code 4 Run the same command again")
    assert int(tiles(tmp_path)["owed"]) > 0


def test_it_shows_what_is_objected_to(tmp_path: Path) -> None:
    with Site(many.site(FOUND), faults=[Fault("/more/", "soft-404")]) as site:
        assert crawl(site, tmp_path).returncode == 3
    assert verdict(tmp_path).startswith("Finished, but look at it exit code 3")
    assert "no article on any of 1 lists" in report(tmp_path).css(".finding h3::text").get("")


def test_it_says_that_a_feed_could_not_be_written(site: Site, tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_bytes(b"{}\n" * 1_000_000)
    with room_for(3_050_000):
        assert crawl(site, tmp_path, feeds=("-o", "out.jsonl")).returncode == 5
    assert verdict(tmp_path).startswith("Output failed exit code 5")
    assert "the feed" in verdict(tmp_path)


def test_a_killed_run_has_no_end(site: Site, tmp_path: Path) -> None:
    crawl(site, tmp_path)
    sql(
        tmp_path,
        "UPDATE runs SET ended = NULL, reason = NULL, exitcode = NULL, counts = NULL, stats = NULL, findings = NULL",
    )
    remake(tmp_path)
    assert verdict(tmp_path).startswith("No end The run is still at work, or was killed")


def test_a_report_that_cannot_be_written_is_one_warning_and_changes_nothing(site: Site, tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("")
    done = crawl(site, tmp_path, "-L", "WARNING")
    [warning, last] = done.stderr.splitlines()
    assert (done.returncode, (tmp_path / "out.jsonl").exists()) == (0, True)
    assert "no report: reports/sindonews cannot be written" in warning
    assert last.startswith("sindonews: finished;")


def test_a_report_that_fails_is_one_warning_and_changes_nothing(site: Site, tmp_path: Path) -> None:
    crawl(site, tmp_path)
    sql(tmp_path, "UPDATE runs SET stats = 'nonsense'")
    done = crawl(site, tmp_path, "-L", "WARNING")
    [warning] = [line for line in done.stderr.splitlines() if "no report" in line]
    assert (done.returncode, "JSONDecodeError" in warning) == (0, True)
    assert "Traceback" not in done.stderr


def test_a_run_that_broke_its_ledger_has_none(site: Site, tmp_path: Path) -> None:
    with room_for(300_000):
        done = crawl(site, tmp_path, "-L", "WARNING")
    assert done.returncode == 5
    assert len([line for line in done.stderr.splitlines() if "no report" in line]) == 1
    assert not (tmp_path / REPORTS).exists()


@pytest.mark.parametrize("setting", ["REPORT_DIR=", "LEDGER_URL="])
def test_without_a_folder_or_a_ledger_there_is_none(setting: str, site: Site, tmp_path: Path) -> None:
    assert crawl(site, tmp_path, "-s", setting).returncode == 0
    assert not (tmp_path / "reports").exists()


def test_of_more_reports_than_are_kept_the_oldest_go_and_nothing_else(site: Site, tmp_path: Path) -> None:
    crawl(site, tmp_path)
    sql(tmp_path, "UPDATE runs SET id = 40")
    folder = tmp_path / REPORTS
    for name in ("9.html", "10.html", "11.html", "notes.html", "07-2026.html"):
        (folder / name).write_text("")
    (folder / "1.html").unlink()
    crawl(site, tmp_path, "-s", "REPORTS_KEPT=2")
    assert {file.name for file in folder.iterdir()} == {
        "11.html",
        "41.html",
        "latest.html",
        "notes.html",
        "07-2026.html",
    }


def test_any_report_can_be_made_again(after_a_month: Path) -> None:
    latest = (after_a_month / REPORTS / "latest.html").read_bytes()
    assert remake(after_a_month, "--run", "30") == after_a_month / REPORTS / "30.html"
    assert "run 30" in report(after_a_month, "30").css("h1::text").get("")
    assert (after_a_month / REPORTS / "latest.html").read_bytes() == latest
    remake(after_a_month)
    assert report(after_a_month).css("#runs ~ .scroll a::attr(href)").getall() == ["30.html"]
    told = json.loads(scrapy("report", "--json", cwd=after_a_month).stdout)
    assert told == {"spider": "sindonews", "report": "reports/sindonews/31.html"}


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--run", "99"], "sindonews has no run 99; the last is 31"),
        (["--run", "0"], "sindonews has no run 0; the last is 31"),
        (["--run", "last"], "--run last: give the number of a run"),
        (["-s", "REPORT_DIR="], "REPORT_DIR is empty"),
        (["-s", "JOBDIR=elsewhere"], "there is no ledger at elsewhere/sindonews.sqlite"),
        (["nobody"], "name one spider"),
    ],
)
def test_a_wrong_argument_is_2_and_one_line(args: list[str], told: str, after_a_month: Path) -> None:
    done = scrapy("report", *args, cwd=after_a_month)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert told in done.stderr


def test_the_articles_of_each_run_are_told_apart(after_a_month: Path) -> None:
    database = Database(f"sqlite:///{after_a_month / LEDGER}")
    with database.begin() as connection:
        for run in past.until(connection, "sindonews"):
            assert len(corpus.of_run(connection, run)) == run.counts["new"], run.id
    database.close()


def test_its_figures_are_the_ledgers(after_a_month: Path) -> None:
    page = report(after_a_month)
    rows = page.css("[data-plot=days] tbody tr")
    stored, fresh = (sum(int(row.xpath(f"td[{n}]/data/@value").get()) for row in rows) for n in (1, 2))
    [(known,)] = sql(after_a_month, "SELECT count(*) FROM articles WHERE published > '2026-05-26'")
    assert (stored, fresh) == (known, 13)
    newest = page.css("article.story h3::text").getall()
    assert newest == [
        title
        for (title,) in sql(after_a_month, "SELECT title FROM articles WHERE job = 31 ORDER BY published DESC LIMIT 10")
    ]


def test_of_many_sub_sections_the_small_ones_are_shown_together(tmp_path: Path) -> None:
    thirty(tmp_path)
    sql(tmp_path, "UPDATE articles SET subsection = 'S' || (id % 40) WHERE id % 3 = 0")
    page = report(remake(tmp_path).parents[2])
    names = page.css("[data-plot=subsections] thead th::text").getall()[1:]
    assert (len(names), names[0]) == (corpus.MOST + 1, "all others")
    values = page.css("[data-plot=subsections] tbody data::attr(value)").getall()
    assert sum(map(int, values)) == sum(
        map(int, page.css("[data-plot=days] tbody td:nth-child(2) data::attr(value)").getall())
    )


def empty(folder: Path) -> None:
    """A first run that found nothing."""
    histories.write(folder, runs=1, articles=False)
    sql(folder, "UPDATE runs SET counts = '{}', stats = '{}'")


def one(folder: Path) -> None:
    histories.write(folder, runs=1)


def thirty(folder: Path) -> None:
    histories.write(folder, runs=30)


def unwatched(folder: Path) -> None:
    """Without figures of room monitor/."""
    histories.write(folder, runs=3)
    sql(folder, "UPDATE runs SET stats = '{\"downloader/response_count\": 7}', findings = '[]'")


def dateless(folder: Path) -> None:
    histories.write(folder, runs=2)
    sql(folder, "UPDATE articles SET published = NULL, subsection = NULL")


@chromium.needed
@pytest.mark.parametrize("state", [empty, one, thirty, unwatched, dateless])
def test_every_state_of_a_ledger_gives_a_page_without_an_error(state: Any, browser: Browser, tmp_path: Path) -> None:
    state(tmp_path)
    path = remake(tmp_path)
    with opened(browser, path, **PHONE) as shown:
        assert shown.asked == [path.as_uri()]
        assert shown.said == []
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= 360
        assert not [drawn for drawn in shown.page.locator("svg").all() if "NaN" in drawn.inner_html()]


@chromium.needed
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_everybody_can_use_it(scheme: Any, width: int, browser: Browser, after_a_month: Path) -> None:
    path = after_a_month / REPORTS / "latest.html"
    with opened(browser, path, color_scheme=scheme, viewport={"width": width, "height": 800}) as shown:
        assert shown.page.locator(".plot [role=img] > svg, .plot[role=img] > svg").count() > 20
        shown.page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
        found = Axe().run(shown.page)
        assert found.violations_count == 0, found.generate_report()
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= width
        assert shown.asked == [path.as_uri()]
        assert shown.said == []


@chromium.needed
def test_the_drawings_show_what_the_tables_say(browser: Browser, after_a_month: Path) -> None:
    with opened(browser, after_a_month / REPORTS / "latest.html") as shown:
        page = shown.page
        days = page.locator("[data-plot=days] tbody tr").count()
        assert page.locator("[data-plot=days] svg g[aria-label=rect] rect").count() == 2 * days
        assert page.locator("[data-plot=fields] .alarm h4").all_inner_texts() == ["image_caption"]
        assert page.locator("[data-plot=fields] .plots > div").count() == len({*histories.FIELDS, *FIELDS})
        database = Database(f"sqlite:///{after_a_month / LEDGER}")
        known = list(coverage.days(database))
        database.close()
        assert page.locator("[data-plot=calendar] g[aria-label=cell] rect").count() == len(known)
        crosses = page.locator("[data-plot=calendar] g[aria-label=dot] path").count()
        assert crosses == sum(bool(day.gaps) for day in known) > 0
        assert not known[10].gaps
        assert page.locator("#gaps data").get_attribute("value") == str(crosses)
        page.locator("[data-plot=days] svg").hover()
        assert "stored" in page.locator("[data-plot=days] g[aria-label=tip]").text_content()


@chromium.needed
def test_the_keyboard_gets_everywhere(browser: Browser, after_a_month: Path) -> None:
    with opened(browser, after_a_month / REPORTS / "latest.html") as shown:
        shown.page.keyboard.press("Tab")
        skip = shown.page.locator(".skip")
        assert skip.evaluate("(link) => link === document.activeElement && link.getBoundingClientRect().left >= 0")
        shown.page.keyboard.press("Enter")
        assert shown.page.evaluate("document.activeElement.id") == "main"
        summary = shown.page.locator("[data-plot=days] summary")
        summary.focus()
        shown.page.keyboard.press("Enter")
        assert shown.page.locator("[data-plot=days] table").is_visible()


@chromium.needed
def test_numbers_and_times_are_in_the_readers_form_and_times_are_those_of_the_site(
    browser: Browser, tmp_path: Path
) -> None:
    thirty(tmp_path)
    sql(tmp_path, "UPDATE runs SET counts = '{\"new\": 1234567}' WHERE id = 30")
    with opened(browser, remake(tmp_path), locale="de-DE", timezone_id="America/New_York") as shown:
        assert shown.page.locator(".tiles b").first.inner_text() == "1.234.567"
        assert shown.page.locator(".facts time").first.inner_text() == "19.07.2026, 07:00 WIB"


@chromium.needed
def test_without_a_script_every_word_and_table_is_there(browser: Browser, after_a_month: Path) -> None:
    with opened(browser, after_a_month / REPORTS / "latest.html", java_script_enabled=False) as shown:
        text = shown.page.locator("body").inner_text()
        for words in (
            "Finished, but look at it",
            "image_caption",
            "kept/a",
            "The slowest pages",
            "19 Jul 2026",
            "scrapy report",
        ):
            assert words in text, words
        shown.page.locator("[data-plot=fields] summary").click()
        assert shown.page.locator("[data-plot=fields] table").is_visible()


@chromium.needed
@pytest.mark.parametrize("how", [{}, PHONE, {"java_script_enabled": False}])
def test_texts_of_the_site_are_text_and_nothing_else(how: Any, browser: Browser, tmp_path: Path) -> None:
    thirty(tmp_path)
    for number, text in enumerate(HOSTILE):
        related: Any = [{"title": text, "url": text}]
        fields = dict.fromkeys(
            ("title", "dateline", "subsection", "editor", "image_caption", "language", "layout"), text
        )
        article = Article(
            url=text,
            article_id=text,
            published=f"2026-07-19T{number:02}:00:00+07:00",
            related=related,
            paragraphs=[text],
            tags=[text],
            **fields,
        )
        histories.add(tmp_path, article, 30, "2026-07-19T00:03:30Z")
    finding = {
        "name": HOSTILE[0],
        "told": HOSTILE[1],
        "usual": None,
        "today": 1,
        "examples": list(HOSTILE),
        "kept": [HOSTILE[2]],
    }
    judge(
        tmp_path, 30, {"monitor/slowest": [[1, text] for text in HOSTILE], f"monitor/fields/{HOSTILE[1]}": 3}, [finding]
    )
    path = remake(tmp_path)
    with opened(browser, path, **how) as shown:
        assert shown.page.locator("article.story").count() == len(HOSTILE)
        assert HOSTILE[1] in shown.page.locator("article.story h3").all_text_contents()
        assert shown.page.locator("main :is(script, img, [onerror], [onmouseover], [style*=fixed])").count() == 0
        assert shown.page.locator("main a:not([href^='#'], [href^='http'], [href$='.html'])").count() == 0
        for box in shown.page.locator("article.story").all():
            box.hover()
        assert shown.asked == [path.as_uri()]
        assert shown.said == []
        assert shown.page.locator("body").evaluate("(body) => body.scrollWidth <= innerWidth") or how


def test_nothing_but_its_own_script_may_run_in_it(after_a_month: Path) -> None:
    policy = report(after_a_month).css("meta[http-equiv=Content-Security-Policy]::attr(content)").get("")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules.keys() == {"default-src", "script-src", "style-src", "base-uri", "form-action"}
    for name, value in rules.items():
        allowed = r"'sha256-\S+' 'sha256-\S+'" if name in ("script-src", "style-src") else "'none'"
        assert re.fullmatch(allowed, value), name


def test_a_page_stands_on_its_own(after_a_month: Path) -> None:
    page = report(after_a_month)
    assert not page.css("link, script[src], img, iframe, [srcset], style:contains('url('), style:contains('@import')")
