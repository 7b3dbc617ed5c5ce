"""What a user may ask, and what is refused with which words."""

from datetime import date

import pytest

from newsspider.sites.sindonews import urls
from newsspider.spiders.arguments import ArgumentError, parse, spelled

TODAY = date(2026, 7, 25)
ARTICLE = "https://international.sindonews.com/read/1577835/41/judul-berita-1749456365"


def test_without_arguments_the_newest_of_international_are_asked_for() -> None:
    arguments = parse({}, urls, TODAY)
    assert arguments.channel == "international"
    assert not arguments.days


def test_a_range_holds_both_its_ends() -> None:
    days = parse({"since": "2022-01-30", "until": "2022-02-01"}, urls, TODAY).days
    assert days == (date(2022, 1, 30), date(2022, 1, 31), date(2022, 2, 1))


def test_since_alone_goes_until_today() -> None:
    assert parse({"since": "2026-07-24"}, urls, TODAY).days == (date(2026, 7, 24), TODAY)


def test_chosen_days_stand_in_order_and_each_once_and_are_spelled_as_ranges() -> None:
    raw = {"days": "2022-01-09, 2022-01-03..2022-01-04,2022-01-04"}
    arguments = parse(raw, urls, TODAY)
    assert arguments.days == (date(2022, 1, 3), date(2022, 1, 4), date(2022, 1, 9))
    assert spelled(raw, arguments, urls) == {"days": "2022-01-03..2022-01-04,2022-01-09"}


def test_several_urls_become_canonical_and_each_stands_once() -> None:
    raw = f"{ARTICLE}?showpage=all, {ARTICLE.replace('https', 'http')}/10"
    assert parse({"url": raw}, urls, TODAY).url == (ARTICLE,)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"sice": "2022-01-01"}, "unknown argument 'sice'; allowed are since, until, days, source, url, channel"),
        ({"since": "2022-13-01"}, "'2022-13-01' is no date; write it as YYYY-MM-DD"),
        ({"since": "yesterday"}, "is no date"),
        ({"since": "20220101"}, "is no date"),
        ({"since": "2022-02-01", "until": "2022-01-01"}, "until 2022-01-01 lies before since 2022-02-01"),
        ({"until": "2022-01-01"}, "until needs since"),
        ({"since": "2026-07-26"}, "since 2026-07-26 lies in the future; today is 2026-07-25"),
        ({"since": "2026-07-01", "until": "2026-07-26"}, "until 2026-07-26 lies in the future"),
        ({"days": "2022-01-03,"}, "'' is no date; write it as YYYY-MM-DD"),
        ({"days": "2022-01-03..2022-01-01"}, "days 2022-01-03..2022-01-01 run backwards"),
        ({"days": "2022-01-03,2026-07-26"}, "days 2026-07-26 lies in the future; today is 2026-07-25"),
        ({"days": "2022-01-03", "since": "2022-01-01"}, "since and days exclude each other"),
        ({"channel": "bola"}, "unknown channel 'bola'; allowed are all, nasional"),
        ({"source": "atom"}, "unknown source 'atom'; allowed are rss, sitemap"),
        ({"url": "https://www.example.org/read/1/2/x"}, "is no article of this site"),
        ({"url": "https://international.sindonews.com.evil.example/read/1/2/x"}, "is no article of this site"),
        ({"url": "https://photo.sindonews.com/view/1/x"}, "is no article of this site"),
        ({"url": " , "}, "url is empty"),
        ({"subsections": "Eropa"}, "subsections 'Eropa' are none"),
        ({"subsections": ""}, "are none"),
        ({"subsections": "40,99"}, "unknown subsection 99 of international; allowed are 40 Asia Pasifik"),
        ({"limit": "0"}, "limit '0' is none"),
        ({"limit": "-3"}, "limit '-3' is none"),
        ({"limit": "many"}, "limit 'many' is none"),
        ({"details": "some"}, "unknown details 'some'; allowed are full"),
        ({"since": "2022-01-01", "source": "rss"}, "since and source exclude each other"),
        ({"url": ARTICLE, "channel": "nasional"}, "channel means nothing beside url"),
    ],
)
def test_a_wrong_argument_is_refused_with_one_line(raw: dict[str, str], words: str) -> None:
    with pytest.raises(ArgumentError) as error:
        parse(raw, urls, TODAY)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_another_channel_may_have_sub_sections_we_do_not_know() -> None:
    assert parse({"channel": "ekbis", "subsections": "178"}, urls, TODAY).subsections == {178}
