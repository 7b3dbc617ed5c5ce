"""No more requests on their way at once than CONCURRENT_REQUESTS_PER_DOMAIN says, also without a delay."""

from collections.abc import Coroutine
from typing import Any

from scrapy import Request
from scrapy.core.downloader import Downloader, Slot
from scrapy.http import Response
from twisted.internet.defer import Deferred

from newsspider.download.words import WORDLESS, in_words


class BoundedDownloader(Downloader):
    """Scrapy 2.19 counts a request when its task begins: by then everything that waits is sent."""

    def _wait_for_download(
        self, slot: Slot, request: Request, queue_dfd: Deferred[Response]
    ) -> Coroutine[Any, Any, None]:
        slot.transferring.add(request)
        return super()._wait_for_download(slot, request, queue_dfd)

    async def _download(self, slot: Slot, request: Request) -> Response:
        try:
            return await super()._download(slot, request)
        except WORDLESS as error:
            raise type(error)(in_words(error)) from error
