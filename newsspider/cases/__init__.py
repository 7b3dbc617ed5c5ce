"""Saved pages: a folder with page.html (the body as the extraction gets it) and meta.json (how it came).

meta.json has url, status and headers (Content-Type); also encoding, where what the page was read by is known.

With an expected.json beside them they are test cases, `tests/pages/<site>/<kind>/<name>`; addon.py is the door to the
pages that a crawl keeps for a look.
"""

import json
import re
from hashlib import sha1
from pathlib import Path
from urllib.parse import urlsplit

from scrapy.http import HtmlResponse, Response, TextResponse

KINDS = ("article", "index")
PAGE, META = "page.html", "meta.json"
LONGEST_NAME = 80

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,119}")


def check(kind: str, name: str) -> None:
    """Raises ValueError where `kind` is none, or `name` could not be a folder's everywhere."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}; allowed are {', '.join(KINDS)}")
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a case; take small letters, digits and hyphens, for example no-date")


def save(folder: Path, kind: str, name: str, response: Response, **more: str) -> Path:
    """Write the page to `folder/kind/name`; `more` goes to meta.json. Raises ValueError, OSError."""
    check(kind, name)
    path = folder / kind / name
    path.mkdir(parents=True, exist_ok=True)
    headers = {"Content-Type": (response.headers.get("Content-Type") or b"").decode("latin-1")}
    encoding = {"encoding": response.encoding} if isinstance(response, TextResponse) else {}
    meta = {"url": response.url, "status": response.status, "headers": headers, **encoding, **more}
    (path / PAGE).write_bytes(response.body)
    (path / META).write_text(json.dumps(meta, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def load(path: Path) -> HtmlResponse:
    """The page saved in the folder `path`."""
    meta = json.loads((path / META).read_text(encoding="utf-8"))
    body = (path / PAGE).read_bytes()
    return HtmlResponse(meta["url"], meta["status"], meta["headers"], body, encoding=meta.get("encoding"))


def named(url: str) -> str:
    """What stands last in the path, readable, and a few letters that tell URLs apart.

    >>> named("https://international.sindonews.com/read/1/41/Judul-1641660000?showpage=all")
    'judul-1641660000-748f44f3'
    """
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2].lower()
    readable = re.sub(r"[^a-z0-9]+", "-", last)[:LONGEST_NAME].strip("-") or "page"
    return f"{readable}-{sha1(url.encode(), usedforsecurity=False).hexdigest()[:8]}"
