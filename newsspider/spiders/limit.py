"""`limit=N`: N articles where there are so many, also when some of those that were asked for give none."""

from collections import deque
from collections.abc import Iterable, Iterator
from math import inf

from scrapy import Request


class Limit:
    """Requests pass while there is room for articles; the others wait until it shows how many came."""

    def __init__(self, most: int | None) -> None:
        self.most = inf if most is None else most
        self._room = self.most
        self._waiting: deque[Request] = deque()

    def passed(self, requests: Iterable[Request]) -> Iterator[Request]:
        """Those for which there is room now; a request's meta says its `kind`."""
        for request in requests:
            if self._room > 0:
                self._room -= request.meta["kind"] == "article"
                yield request
            else:
                self._waiting.append(request)

    def one_by_one(self, requests: Iterable[Request]) -> Iterator[Request]:
        """All of them; with a limit the first alone, which may be all that is needed."""
        for number, request in enumerate(requests):
            if number and self.most < inf:
                self._waiting.append(request)
            else:
                yield request

    def more(self, came: int) -> Iterator[Request]:
        """What to ask for now that every answer is in and `came` articles were in them: nothing once that is enough."""
        self._room = self.most - came
        while self._waiting and self._room > 0:
            request = self._waiting.popleft()
            # What a list will bring is not known yet.
            self._room -= 1 if request.meta["kind"] == "article" else inf
            yield request
