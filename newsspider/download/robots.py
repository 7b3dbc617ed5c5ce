"""robots.txt: its Crawl-delay counts, and while it cannot be had nothing is allowed (RFC 9309, 2.3.1.4)."""

import asyncio
import logging
from math import isfinite

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler

from newsspider.download import PostponedError, RobotsUnreachableError, distrusted
from newsspider.download.pause import Pause
from newsspider.download.queue import again

TRIES = "robots_tries"
"""Meta key: how often the page was sent back for want of a robots.txt."""

logger = logging.getLogger(__name__)


class Unreachable(RobotParser):
    """Stands where the rules would, for those who wait for them now; the next one asks again."""

    def __init__(self, reason: str, *, counts: bool = True) -> None:
        self.reason, self.counts = reason, counts

    @classmethod
    def from_crawler(cls, crawler: Crawler, robotstxt_body: bytes) -> "Unreachable":
        return cls("never asked")

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:
        return False


class PoliteRobotsTxtMiddleware(RobotsTxtMiddleware):
    """Takes the place of Scrapy's, which allows everything when robots.txt fails, ignores Crawl-delay, and gives
    its rules to one only of several requests that wait for them: the others pass unasked.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._rules: dict[str, asyncio.Task[RobotParser]] = {}
        self._warned = False
        crawler.signals.connect(self._obey_delay, signals.robots_parsed)

    async def process_request(self, request: Request, spider: Spider | None = None) -> Request | None:  # type: ignore[override]
        """Raises IgnoreRequest where it is forbidden, RobotsUnreachableError when no robots.txt can be had."""
        if request.meta.get("dont_obey_robotstxt"):
            return None
        rules = await self.robot_parser(request)
        if isinstance(rules, Unreachable):
            return self._later(request, rules)
        self.process_request_2(rules, request)
        return None

    def _later(self, request: Request, rules: Unreachable) -> Request:
        tries = request.meta.get(TRIES, 0) + rules.counts
        if tries > self.crawler.settings.getint("RETRY_TIMES") or distrusted(rules.reason):
            raise RobotsUnreachableError(
                f"robots.txt of {urlparse_cached(request).netloc} cannot be had: {rules.reason}"
            )
        pause = self.crawler.get_extension(Pause)
        assert pause
        pause.begin(f"robots.txt: {rules.reason}")
        postponed = again(request)
        postponed.meta[TRIES] = tries
        return postponed

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest:
            if not self._warned:
                logger.warning("robots.txt forbids %s and perhaps more; robotstxt/forbidden counts them", request.url)
            self._warned = True
            raise

    async def robot_parser(self, request: Request) -> RobotParser:
        """The rules for a request's host; all who wait for them get them, and who comes after a failure asks again."""
        netloc = urlparse_cached(request).netloc
        if netloc not in self._rules:
            self._rules[netloc] = asyncio.create_task(self._ask(request))
        rules = await asyncio.shield(task := self._rules[netloc])
        if isinstance(rules, Unreachable) and self._rules.get(netloc) is task:
            del self._rules[netloc]
        return rules

    async def _ask(self, request: Request) -> RobotParser:
        assert self.crawler.engine
        url = urlparse_cached(request)._replace(path="/robots.txt", params="", query="", fragment="").geturl()
        asking = Request(url, NO_CALLBACK, priority=self.DOWNLOAD_PRIORITY, meta={"dont_obey_robotstxt": True})
        self._stats.inc_value("robotstxt/request_count")
        try:
            response = await self.crawler.engine.download_async(asking)
        except IgnoreRequest:  # refused by us (off the site, not in the WARC): as if there were none
            return await self._parsed(b"", request)
        except Exception as error:
            return self._unreachable(str(error) or type(error).__name__, counts=not isinstance(error, PostponedError))
        self._stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        if response.status == 429 or response.status >= 500:
            return self._unreachable(f"status {response.status}")
        return await self._parsed(response.body if response.status < 300 else b"", request)

    async def _parsed(self, body: bytes, request: Request) -> RobotParser:
        rules: RobotParser = build_from_crawler(self._parserimpl, self.crawler, body)
        await self.crawler.signals.send_catch_log_async(signals.robots_parsed, robotparser=rules, request=request)
        return rules

    def _unreachable(self, reason: str, *, counts: bool = True) -> RobotParser:
        self._stats.inc_value("robotstxt/unreachable")
        return Unreachable(reason, counts=counts)

    def _obey_delay(self, robotparser: RobotParser, request: Request) -> None:
        """The slot's delay, AutoThrottle's bounds and the delay of slots to come: never below what was set."""
        delay = robotparser.crawl_delay(self._robotstxt_useragent or self._default_useragent)
        assert self.crawler.engine
        downloader = self.crawler.engine.downloader
        key, slot = downloader._get_slot(request)
        known = downloader.per_slot_settings.get(key, {}).get("delay", self.crawler.settings.getfloat("DOWNLOAD_DELAY"))
        if not delay or not isfinite(delay) or delay <= known:
            return
        logger.info("robots.txt asks for %s s between requests", delay)
        downloader.per_slot_settings[key] = {**downloader.per_slot_settings.get(key, {}), "delay": delay, "jitter": 0.0}
        slot.delay, slot.jitter = max(slot.delay, delay), 0.0
        if throttle := self.crawler.get_extension(AutoThrottle):
            throttle.mindelay, throttle.maxdelay = delay, max(delay, throttle.maxdelay)
