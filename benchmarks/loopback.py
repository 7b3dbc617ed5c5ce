"""Download handlers that ask the benchmark's server for what a spider asks of https://…sindonews.com.

So no spider is changed, and no TLS is in the measure. LOOPBACK in the environment is the server's port.
"""

import os
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.http import Response
from scrapy.settings.default_settings import DOWNLOAD_HANDLERS_BASE
from scrapy.utils.misc import load_object

from newsspider import settings


def loopback(handler: Any) -> Any:
    """The handler's heir that goes to the benchmark's server."""

    class Loopback(handler):  # type: ignore[misc]  # which handler is the settings' choice
        async def download_request(self, request: Request) -> Response:
            asked = urlsplit(request.url)
            here = asked._replace(scheme="http", netloc=f"127.0.0.1:{os.environ['LOOPBACK']}")
            request.headers["Host"] = asked.netloc
            response: Response = await super().download_request(request.replace(url=here.geturl()))
            response._set_url(request.url)
            return response

    return Loopback


Plain = loopback(HTTP11DownloadHandler)
"""What Scrapy chooses."""

Ours = loopback(load_object({**DOWNLOAD_HANDLERS_BASE, **getattr(settings, "DOWNLOAD_HANDLERS", {})}["https"]))
"""What newsspider/settings.py chooses."""
