"""The wall behind a replay: what gets past the middleware ends here, not on the network."""

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.http import Response

from newsspider.warc import NotInWarc


class NoNetwork(BaseDownloadHandler):
    """Download handler that downloads nothing."""

    async def download_request(self, request: Request) -> Response:
        """Raises NotInWarc, always."""
        self.crawler.stats.inc_value("warc/refused")
        raise NotInWarc(f"{request.method} {request.url}: WARC_REPLAY answers only GET, and never asks the network")
