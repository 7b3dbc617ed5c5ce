import gzip
import ssl
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPSConnection, IncompleteRead, RemoteDisconnected
from time import monotonic

import pytest

from tests.site import Page
from tests.site.faults import Fault
from tests.site.server import Site

BODY = "<html><body><p>Cuaca cerah – kata “petugas”.</p></body></html>".encode() * 40
URL = "https://www.sindonews.com/a?b=1"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site({URL: Page(BODY), "http://plain.test/": Page(b"plain")}) as site:
        yield site


def tunnel(site: Site, host: str) -> HTTPSConnection:
    context = ssl.create_default_context(cafile=site.env["SSL_CERT_FILE"])
    connection = HTTPSConnection("127.0.0.1", site.port, context=context, timeout=1)
    connection.set_tunnel(host, 443)
    return connection


def get(site: Site, path: str = "/a?b=1", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = tunnel(site, "www.sindonews.com")
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read()
    finally:
        connection.close()


def test_a_page_is_served_over_tls_with_a_certificate_of_the_sites_own(site):
    assert get(site)[2] == BODY
    assert site.tunnels == ["www.sindonews.com:443"]


def test_one_tunnel_carries_many_requests(site):
    connection = tunnel(site, "www.sindonews.com")
    for _ in range(3):
        connection.request("GET", "/a?b=1")
        assert connection.getresponse().read() == BODY
    connection.close()
    assert site.urls() == [URL] * 3
    assert len(site.tunnels) == 1


def test_plain_http_goes_through_the_proxy_with_its_whole_url(site):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": site.env["http_proxy"]}))
    with opener.open("http://plain.test/", timeout=5) as response:
        assert response.read() == b"plain"
    assert site.urls() == ["http://plain.test/"]


def test_an_unknown_url_is_404_and_pages_may_change_while_it_runs(site):
    assert get(site, "/new")[0] == 404
    site.pages["https://www.sindonews.com/new"] = Page(b"new")
    assert get(site, "/new")[0::2] == (200, b"new")


def test_a_big_page_is_compressed_for_those_who_accept_it(site):
    _, headers, body = get(site, **{"Accept-Encoding": "gzip, br"})
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == BODY


def test_head_gives_the_headers_only(site):
    connection = tunnel(site, "www.sindonews.com")
    connection.request("HEAD", "/a?b=1")
    response = connection.getresponse()
    assert response.getheader("Content-Length") == str(len(BODY))
    assert response.read() == b""
    connection.close()


def test_the_log_says_who_asked(site):
    get(site, **{"User-Agent": "newsspider"})
    [entry] = site.log
    assert (entry.method, entry.url, entry.status, entry.user_agent) == ("GET", URL, 200, "newsspider")


def test_a_fault_strikes_as_often_as_it_was_told(site):
    site.faults.append(Fault("/a", "503", times=2, value="7"))
    assert [get(site)[0] for _ in range(3)] == [503, 503, 200]
    assert [entry.status for entry in site.log] == [503, 503, 200]


@pytest.mark.parametrize("status", ["404", "410", "500", "403", "429", "503"])
def test_a_status_comes_with_its_retry_after(site, status):
    site.faults.append(Fault("/a", status, value="2"))
    code, headers, _ = get(site)
    assert (code, headers["Retry-After"]) == (int(status), "2")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("empty", (200, b"")),
        ("soft-404", (200, b"<html><body><h1>Halaman tidak ditemukan</h1></body></html>")),
        ("latin-1-header", (200, BODY)),
        ("cp1252-bytes", (200, BODY.decode().encode("cp1252"))),
        ("close-delimited", (200, BODY)),
        ("cut", (200, BODY[: len(BODY) // 2])),
    ],
)
def test_a_fault_changes_what_arrives(site, kind, expected):
    site.faults.append(Fault("/a", kind))
    assert get(site)[0::2] == expected


def test_a_redirect_leads_where_it_was_told(site):
    site.faults.append(Fault("/a", "redirect", value="https://evil.example/"))
    status, headers, _ = get(site)
    assert (status, headers["Location"]) == (302, "https://evil.example/")


def test_broken_markup_is_still_whole(site):
    site.faults.append(Fault("/a", "broken-markup"))
    body = get(site)[2]
    assert b"</p>" not in body
    assert body.endswith(b"</html>")


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("short", IncompleteRead),
        ("cut-chunked", IncompleteRead),
        ("reset", (ConnectionResetError, RemoteDisconnected)),
        ("silence", TimeoutError),
        ("wrong-authority", ssl.SSLCertVerificationError),
        ("wrong-host", ssl.SSLCertVerificationError),
    ],
)
def test_a_broken_connection_is_an_error_for_the_client(site, kind, error):
    site.faults.append(Fault("https://www", kind))
    with pytest.raises(error):
        get(site)


def test_a_truncated_gzip_has_no_end(site):
    site.faults.append(Fault("/a", "truncated-gzip"))
    _, headers, body = get(site)
    assert headers["Content-Encoding"] == "gzip"
    with pytest.raises(EOFError):
        gzip.decompress(body)


def test_a_bomb_is_small_on_the_wire_and_a_drip_never_ends(site):
    site.faults.append(Fault("/bomb", "bomb"))
    site.faults.append(Fault("/drip", "drip"))
    body = get(site, "/bomb")[2]
    assert len(body) < 2_000_000
    assert int.from_bytes(body[-4:], "little") == 2**30
    connection = HTTPConnection("127.0.0.1", site.port, timeout=5)
    connection.request("GET", "http://plain.test/drip")
    response, start = connection.getresponse(), monotonic()
    assert response.read(3) == b"   "
    assert monotonic() - start > 0.15
    response.close()
    connection.close()
