"""Lists: the articles on a page and the way on; RSS, sitemaps."""

import json
from pathlib import Path

import pytest
from scrapy.http import HtmlResponse, XmlResponse

from newsspider import cases
from newsspider.sites.sindonews.index import read, read_feed, read_sitemap_index

PAGES = Path(__file__).parent / "pages" / "sindonews" / "index"
FEED = "https://international.sindonews.com/rss"
ONE, TWO = (f"https://international.sindonews.com/read/19002{n}/41/pasar-terapung-{n}-1784880000" for n in (31, 32))


@pytest.mark.parametrize("path", sorted(PAGES.iterdir()), ids=lambda path: path.name)
def test_a_saved_list_gives_its_articles_and_the_next_page(path: Path, request: pytest.FixtureRequest) -> None:
    listing = read(cases.load(path))
    found = {"articles": listing.articles, "next": listing.next_url}
    expected = path / "expected.json"
    if request.config.getoption("--rewrite", default=False):
        expected.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


def list_with(href: str, url: str = "https://www.sindonews.com/indeks/9/20?t=2026-07-24") -> HtmlResponse:
    return HtmlResponse(url, body=f'<ul><li><a class="active">2</a></li><li><a href="{href}">3</a></li></ul>'.encode())


@pytest.mark.parametrize(
    "form", ['<a rel="next" href="{}">', '<link rel="next" href="{}">', '<a data-ci-pagination-page="3" href="{}">']
)
def test_every_form_of_pager_leads_on(form: str) -> None:
    later = "https://www.sindonews.com/indeks/9/40?t=2026-07-24"
    page = HtmlResponse("https://www.sindonews.com/indeks/9/20?t=2026-07-24", body=form.format(later).encode())
    assert read(page).next_url == later


@pytest.mark.parametrize(
    "href",
    [
        "https://www.sindonews.com/indeks/9/20?t=2026-07-24",
        "/indeks/9/0?t=2026-07-24",
        "/indeks/9?t=2026-07-24",
        "/indeks/9/40?t=2026-07-23",
        "/indeks/8/40?t=2026-07-24",
        "/more/9/40",
        "https://www.contoh.example/indeks/9/40?t=2026-07-24",
        "https://www.sindonews.com:8080/indeks/9/40?t=2026-07-24",
        "/indeks/9/" + "4" * 5000,
        "http://[",
        "#",
    ],
)
def test_no_pager_leads_back_or_out_of_its_list(href: str) -> None:
    assert read(list_with(href)).next_url is None


def test_a_pager_that_forgets_the_day_keeps_to_it() -> None:
    assert read(list_with("/indeks/9/40")).next_url == "https://www.sindonews.com/indeks/9/40?t=2026-07-24"


def test_a_page_that_is_no_list_has_no_next_page() -> None:
    assert read(list_with("/more/9/20", url="https://international.sindonews.com/")).next_url is None


def test_a_page_without_content_is_an_empty_list() -> None:
    assert read(HtmlResponse("https://www.sindonews.com/indeks/9/0", body=b"")) == ([], None)


def feed(text: str | bytes, url: str = FEED) -> XmlResponse:
    return XmlResponse(url, body=text.encode() if isinstance(text, str) else text)


def rss(*links: str, head: str = '<?xml version="1.0" encoding="utf-8"?>') -> str:
    items = "".join(f"<item><title>Pasar</title><link>{link}</link><guid>{link}</guid></item>" for link in links)
    return f'{head}<rss version="2.0"><channel><link>https://international.sindonews.com/</link>{items}</channel></rss>'


SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
    f"<url><loc>\n  {ONE}\n</loc><news:news><news:title>Pasar</news:title></news:news>"
    "<image:image><image:loc>https://pict.sindonews.com/read/1/41/gambar</image:loc></image:image></url>"
    f"<url><loc>{TWO}</loc></url></urlset>"
)

FEEDS = {
    "rss": rss(ONE, TWO),
    "each once": rss(ONE, TWO, ONE),
    "http, tracking, offsets": rss(ONE.replace("https", "http") + "?utm_source=rss&amp;x=1", f"{TWO}/10"),
    "cdata": rss(f"<![CDATA[ {ONE} ]]>", f"<![CDATA[{TWO}]]>"),
    "other channels' hosts that are none": rss(
        "https://photo.sindonews.com/read/1/2/x", ONE, TWO, "https://contoh.example/"
    ),
    "byte order mark": "\ufeff" + rss(ONE, TWO),
    "white space before the declaration": "\n  " + rss(ONE, TWO),
    "utf-16": rss(ONE, TWO, head='<?xml version="1.0" encoding="utf-16"?>').encode("utf-16"),
    "latin-1": rss(ONE, TWO, head='<?xml version="1.0" encoding="iso-8859-1"?><!-- \xe9 -->').encode("latin-1"),
    "bare ampersands and html entities": rss(ONE, TWO).replace("Pasar", "R & D &nbsp; <b>Pasar"),
    "cut off": rss(ONE, TWO)[: rss(ONE, TWO).rindex("<guid>")],
    "control characters": rss(ONE, TWO).replace("Pasar", "Pa\x00\x0bsar"),
    "news sitemap": SITEMAP,
    "sitemap cut off": SITEMAP[: SITEMAP.rindex("</url>")],
}


@pytest.mark.parametrize("text", FEEDS.values(), ids=FEEDS)
def test_a_feed_gives_each_article_once_in_its_order(text: str | bytes) -> None:
    assert read_feed(feed(text)) == [ONE, TWO]


@pytest.mark.parametrize("text", ["", " \n", "<!doctype html><title>Tidak ada</title><p>404", "\x89PNG\r\n", "{}"])
def test_what_is_no_feed_has_no_articles(text: str) -> None:
    assert read_feed(feed(text)) == read_sitemap_index(feed(text)) == []


def test_a_feed_reads_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "link"
    secret.write_text(TWO)
    head = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY file SYSTEM "{secret.as_uri()}">]>'
    assert read_feed(feed(rss(ONE, "&file;", head=head))) == [ONE]


@pytest.mark.parametrize("place", ["<item><title>&e9;</title></item>", '<item title="&e9;"/>', "<link>&e9;</link>"])
def test_a_feed_of_nested_entities_does_not_blow_up(place: str) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<!DOCTYPE rss [<!ENTITY e0 "{ONE}">{entities}]>'
    assert set(read_feed(feed(rss(TWO, head=head).replace("</channel>", place + "</channel>")))) <= {TWO}


def test_a_sitemap_index_gives_the_sites_own_sitemaps() -> None:
    root = "https://international.sindonews.com/sitemap"
    children = [
        f"{root}-1.xml",
        "\n http://international.sindonews.com/sitemap-2.xml?a=1&amp;b=2 ",
        f"{root}-1.xml",
        f"{root}.xml",
        "https://contoh.example/sitemap.xml",
        "https://sindonews.com.contoh.example/sitemap.xml",
        "file:///etc/hosts",
    ]
    text = "".join(f"<sitemap><loc>{child}</loc><lastmod>2026-07-24</lastmod></sitemap>" for child in children)
    page = feed(
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{text}</sitemapindex>', f"{root}.xml"
    )
    assert read_sitemap_index(page) == [f"{root}-1.xml", f"{root}-2.xml?a=1&b=2"]
    assert read_feed(page) == []


def test_a_feed_is_no_sitemap_index() -> None:
    assert read_sitemap_index(feed(SITEMAP)) == read_sitemap_index(feed(rss(ONE))) == []
