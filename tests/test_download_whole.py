"""What a damaged or a wrongly labelled body comes to, without a network."""

import gzip
import zlib

import brotli
import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response, XmlResponse
from scrapy.utils._compression import _DecompressionMaxSizeExceeded

from newsspider.download import DamagedResponseError
from newsspider.download.charset import CharsetMiddleware
from newsspider.download.compression import BROKEN, DECODERS
from newsspider.download.whole import damage

URL = "https://www.sindonews.com/0"
TEXT = "“Banjir surut,” kata petugas – é. Jum'at pukul 07.00. ".encode() * 50
raw = zlib.compressobj(wbits=-zlib.MAX_WBITS)
SECOND = gzip.compress(TEXT[500:])
COMPRESSED = [
    (b"gzip", gzip.compress(TEXT)),
    (b"gzip", gzip.compress(TEXT[:500]) + SECOND),
    (b"deflate", zlib.compress(TEXT)),
    (b"deflate", raw.compress(TEXT) + raw.flush()),
    (b"br", brotli.compress(TEXT)),
]


@pytest.mark.parametrize(("encoding", "body"), COMPRESSED)
def test_a_whole_body_is_decoded_up_to_the_limit_and_not_beyond(encoding, body):
    assert DECODERS[encoding](body, len(TEXT)) == TEXT
    with pytest.raises(_DecompressionMaxSizeExceeded):
        DECODERS[encoding](body, len(TEXT) - 1)


@pytest.mark.parametrize(("encoding", "body"), COMPRESSED)
def test_a_body_cut_anywhere_is_damaged(encoding, body):
    ends = {len(COMPRESSED[1][1]) - len(SECOND)}  # between two parts nothing but the stated length tells
    for length in set(range(1, len(body))) - ends:
        with pytest.raises((DamagedResponseError, *BROKEN)):
            DECODERS[encoding](body[:length], len(TEXT))


def test_a_body_with_a_wrong_letter_in_it_is_damaged():
    body = bytearray(gzip.compress(TEXT))
    body[-5] ^= 1
    with pytest.raises(BROKEN):
        DECODERS[b"gzip"](bytes(body), 0)


def test_a_gzip_of_endless_parts_is_refused():
    with pytest.raises(DamagedResponseError):
        DECODERS[b"gzip"](gzip.compress(b"") * 1000, 0)


@pytest.mark.parametrize(
    ("response", "whole"),
    [
        (HtmlResponse(URL, body=b"<html><p>a</p></HTML>\n<!-- 0.2 s -->"), True),
        (HtmlResponse(URL, body=b"<html><p>a</p>"), False),
        (HtmlResponse(URL, body=b"<html><p>a</p>", headers={"Content-Length": "14"}), True),
        (HtmlResponse(URL, body=b" \n", headers={"Content-Length": "2"}), False),
        (HtmlResponse(URL, status=404, body=b""), True),
        (XmlResponse(URL, body=b"<?xml version='1.0'?><rss><item/></rss>\n"), True),
        (XmlResponse(URL, body=b"<?xml version='1.0'?><rss><item/>"), False),
        (XmlResponse(URL, body=b""), False),
        (HtmlResponse("https://www.sindonews.com/robots.txt", body=b""), True),
        (Response(URL, body=b""), True),
    ],
)
def test_a_page_without_a_stated_length_must_reach_its_end(response, whole):
    assert (damage(Request(response.url), response) is None) == whole


def test_the_answer_to_head_has_no_body_and_is_whole():
    assert damage(Request(URL, method="HEAD"), HtmlResponse(URL)) is None


@pytest.mark.parametrize("declared", ["utf-8", "ISO-8859-1", "windows-1252", "ascii", None])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_text_is_read_right_whatever_the_header_says(encoding, declared):
    page = "<html><p>“Kata” – é … ‘apa’</p></html>"
    headers = {"Content-Type": f"text/html; charset={declared}"} if declared else {}
    response = HtmlResponse(URL, body=page.encode(encoding), headers=headers)
    read = CharsetMiddleware().process_response(Request(URL), response)
    assert isinstance(read, HtmlResponse)
    assert read.text == page
    assert read.xpath("string(//p)").get() == "“Kata” – é … ‘apa’"


def test_one_stray_byte_spoils_only_itself():
    body = "<html><p>“Kata”".encode() + b" \x96 \x81 \xe2\x80</p></html>"
    read = CharsetMiddleware().process_response(Request(URL), HtmlResponse(URL, body=body))
    assert isinstance(read, HtmlResponse)
    assert read.text == "<html><p>“Kata” – \x81 â€</p></html>"


def test_another_alphabet_that_is_declared_is_believed():
    headers = {"Content-Type": "text/html; charset=shift_jis"}
    response = HtmlResponse(URL, body="<p>日本</p>".encode("shift_jis"), headers=headers)
    read = CharsetMiddleware().process_response(Request(URL), response)
    assert isinstance(read, HtmlResponse)
    assert read.text == "<p>日本</p>"
