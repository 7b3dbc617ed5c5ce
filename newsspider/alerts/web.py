"""One request, and errors that do not quote its URL, which may be a secret."""

import json
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from newsspider import __version__
from newsspider.alerts import CallError
from newsspider.alerts.told import reason

LONGEST = 65_536


def ask(url: str, seconds: float, body: dict[str, Any] | None = None) -> bytes:
    """The answer to a GET, or to a POST of `body` as JSON. Raises CallError."""
    host = urlsplit(url).hostname
    try:
        with urlopen(_request(url, body), timeout=seconds) as answer:  # noqa: S310  # ways.py allows http and https
            found: bytes = answer.read(LONGEST)
            return found
    except HTTPError as error:
        with error:
            said = error.read(LONGEST).decode("utf-8", "replace")
        raise CallError(f"{host} answered {error.code} {said}") from None
    except OSError as error:
        raise CallError(f"{host}: {reason(error)}") from None
    except (HTTPException, ValueError) as error:  # whose words may be the URL's
        raise CallError(f"{host}: {type(error).__name__}") from None


def _request(url: str, body: dict[str, Any] | None) -> Request:
    headers = {"User-Agent": f"newsspider/{__version__}"}
    if body is None:
        return Request(url, headers=headers)  # noqa: S310
    data = json.dumps(body).encode()
    return Request(url, data, {**headers, "Content-Type": "application/json"})  # noqa: S310
