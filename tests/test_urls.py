"""Addresses: one canonical URL for an article, and none for what is no article."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsspider.sites.sindonews import urls
from newsspider.sites.sindonews.urls import article_url, is_whole, list_url, page_offset, site_url

CANONICAL = "https://international.sindonews.com/read/1900231/41/pasar-terapung-dibuka-1784880000"
HOST, PATH = "https://international.sindonews.com", "/read/1900231/41/pasar-terapung-dibuka-1784880000"

VARIANTS = [
    CANONICAL,
    f"{CANONICAL}/",
    f"{CANONICAL}//",
    f"{CANONICAL}/5",
    f"{CANONICAL}/10/",
    f"{CANONICAL}?showpage=all",
    f"{CANONICAL}/?showpage=all#isi",
    f"{CANONICAL}/20?utm_source=x&utm_medium=y",
    f"{CANONICAL}?fbclid=https://contoh.example/read/1/2/x",
    f"{CANONICAL}#komentar",
    f"  {CANONICAL}\n",
    CANONICAL.replace("https", "http"),
    CANONICAL.replace("/read/", "/newsread/"),
    CANONICAL.replace(HOST, "HTTPS://INTERNATIONAL.SINDOnews.COM"),
    CANONICAL.replace("/41/", "/041/"),
    CANONICAL.replace("-dibuka", "%2Ddi%62uka"),
    CANONICAL.replace("-dibuka", "%2ddibuka"),
]


@pytest.mark.parametrize("url", VARIANTS)
def test_every_variant_leads_to_one_canonical_url(url: str) -> None:
    found = article_url(url)
    assert found is not None
    assert found.canonical == CANONICAL
    assert found.whole == f"{CANONICAL}?showpage=all"


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [("kafé-%c3%a9", "kaf%C3%A9-%C3%A9"), ("a%2fb", "a%2Fb"), ("a%3Fb", "a%3Fb"), ("a%ff", "a%FF"), ("100%", "100%25")],
)
def test_what_must_be_percent_encoded_is_so_in_one_spelling(spelling: str, canonical: str) -> None:
    found = article_url(f"{HOST}/read/1/41/{spelling}")
    assert found is not None
    assert found.canonical == f"{HOST}/read/1/41/{canonical}"


@pytest.mark.parametrize("channel", [c for c in urls.CHANNELS.values() if c.id], ids=lambda channel: channel.label)
def test_every_channel_has_articles_on_its_hosts(channel: urls.Channel) -> None:
    for host in channel.hosts:
        found = article_url(f"https://{host}.sindonews.com{PATH}")
        assert found is not None
        assert urls.section(found.host) == channel.label


def test_www_is_a_host_like_any_other() -> None:
    found = article_url(f"https://www.sindonews.com{PATH}?page=2")
    assert found is not None
    assert found.canonical == f"https://www.sindonews.com{PATH}"


def test_id_and_time_are_told_apart() -> None:
    found = article_url(CANONICAL)
    assert found is not None
    assert (found.host, found.id, found.subsection, found.epoch) == ("international", "1900231", 41, 1784880000)


def test_some_urls_have_no_time() -> None:
    found = article_url(f"{HOST}/read/15021/41/pasar-terapung-2021")
    assert found is not None
    assert found.epoch is None


NOT_ARTICLES = [
    "https://photo.sindonews.com/view/41001/lampion",
    "https://video.sindonews.com/play/81002/kapal",
    "https://www.sindonews.com/vod/5003/kabar",
    "https://www.sindonews.com/topic/77/tema",
    "https://www.sindonews.com/blog/9001/penulis",
    "https://international.sindonews.com/more/9/20",
    "https://www.sindonews.com/indeks/9/0?t=2022-01-09",
    "https://www.sindonews.com/search?q=/read/1/41/x",
    "https://international.sindonews.com/feed",
    "https://international.sindonews.com/rss",
    "https://international.sindonews.com/",
    *(f"https://{host}.sindonews.com{PATH}" for host in sorted(urls.NOT_ARTICLE_HOSTS)),
    f"https://cdn.sindonews.com{PATH}",
    f"https://cdn-a.sindonews.com{PATH}",
    f"https://cdn1.sindonews.net{PATH}",
    f"https://pict.sindonews.net{PATH}",
    f"{HOST}/read/1/41",
    f"{HOST}/read/1/41/",
    f"{HOST}/read/x/41/judul",
    f"{HOST}/read/1/41/judul/lain",
    f"{HOST}/read/1/41/..",
    f"{HOST}/read/1/41/%2e%2e/",
    f"{HOST}/read/{'9' * 5000}/41/judul",
    f"{HOST}/read/1/{'9' * 5000}/judul",
    f"{HOST}/read/١/٤١/judul",
    f"{HOST}/read/1/41/a b",
    f"{HOST}/read/1/41/\ud800",
    "",
]

FOREIGN = [
    f"https://international.sindonews.com.contoh.example{PATH}",
    f"https://contoh.example/{CANONICAL}",
    f"https://contoh.example?{CANONICAL}",
    f"https://contohsindonews.com{PATH}",
    f"https://international-sindonews.com{PATH}",
    f"https://a.international.sindonews.com{PATH}",
    f"https://international.sindonews.com@contoh.example{PATH}",
    f"https://user:secret@international.sindonews.com{PATH}",
    f"https://contoh.example\\@international.sindonews.com{PATH}",
    f"https://contoh.example#@international.sindonews.com{PATH}",
    f"https://international.sindonews.com:8080{PATH}",
    f"https://international.sindonews.com:443{PATH}",
    f"https://international.sindonews.com.{PATH}",
    f"https://ınternational.sindonews.com{PATH}",
    f"javascript://international.sindonews.com{PATH}",
    f"ftp://international.sindonews.com{PATH}",
    f"//international.sindonews.com{PATH}",
    PATH,
    "javascript:void(0)",
    "http://[",
]


@pytest.mark.parametrize("url", [*NOT_ARTICLES, *FOREIGN])
def test_what_is_no_article_of_the_site_is_refused(url: str) -> None:
    assert article_url(url) is None


@pytest.mark.parametrize("url", FOREIGN)
def test_nothing_foreign_is_of_the_site_or_a_list_of_it(url: str) -> None:
    assert site_url(url) is None
    assert list_url(url.replace(PATH, "/indeks/9/20")) is None


@settings(deadline=None)  # a busy machine is no failure
@given(st.text() | st.from_regex(r"https://international\.sindonews\.com/read/[0-9]/[0-9]/\S{1,20}", fullmatch=True))
def test_any_text_is_read_without_an_error_and_a_canonical_url_is_its_own(url: str) -> None:
    list_url(url), page_offset(url), site_url(url)
    found = article_url(url)
    if found:
        assert article_url(found.canonical) == found
        assert article_url(found.whole) == found


@pytest.mark.parametrize(
    ("suffix", "offset"), [("", 0), ("/5", 5), ("/10/", 10), ("/20?utm_source=x", 20), ("?showpage=all", 0)]
)
def test_a_last_number_is_the_offset_of_a_page(suffix: str, offset: int) -> None:
    assert page_offset(CANONICAL + suffix) == offset


@pytest.mark.parametrize(
    ("suffix", "whole"),
    [
        ("?showpage=all", True),
        ("/?a=b&showpage=all#isi", True),
        ("", False),
        ("?showpage=1", False),
        ("?x=showpage=all", False),
    ],
)
def test_the_whole_article_is_told_by_its_parameter(suffix: str, whole: bool) -> None:
    assert is_whole(CANONICAL + suffix) is whole


def test_lists_of_every_kind_and_year_are_told_apart() -> None:
    day = "https://www.sindonews.com/indeks/9/20?t=2022-01-09"
    for url in (day, day.replace("https", "http"), day + "&utm_source=x#isi", day.replace("20?", "20/?")):
        found = list_url(url)
        assert found is not None
        assert found.canonical == day
    assert list_url("https://www.sindonews.com/indeks") == ("www", "indeks", 0, 0, None)
    assert list_url("https://international.sindonews.com/more/41/40") == ("international", "more", 41, 40, None)
    assert list_url("https://index.sindonews.com/index/9?t=2019-03-01") == ("index", "index", 9, 0, "2019-03-01")
    assert list_url("https://international.sindonews.com/") is None


def test_the_sites_own_links_are_taken_over_https() -> None:
    assert site_url(" http://www.sindonews.com/sitemap.xml ") == "https://www.sindonews.com/sitemap.xml"
