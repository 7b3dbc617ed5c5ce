"""robots.txt: its Crawl-delay counts, and while it cannot be had nothing is allowed (RFC 9309, 2.3.1.4)."""

import logging
from datetime import UTC, datetime
from math import isfinite
from typing import cast

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred

from newsspider.download import PostponedError, RobotsUnreachableError
from newsspider.download.pause import Pause, retry_after
from newsspider.download.queue import again

TRIES = "robots_tries"
"""Meta key: how often the page was sent back for want of a robots.txt."""

logger = logging.getLogger(__name__)


class Unreachable(RobotParser):
    """Stands where the rules would, for those who wait for them now; the next one asks again."""

    def __init__(self, reason: str, asked: float | None = None, *, counts: bool = True) -> None:
        self.reason, self.asked, self.counts = reason, asked, counts

    @classmethod
    def from_crawler(cls, crawler: Crawler, robotstxt_body: bytes) -> "Unreachable":
        return cls("never asked")

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:
        return False


class PoliteRobotsTxtMiddleware(RobotsTxtMiddleware):
    """Takes the place of Scrapy's, which ignores Crawl-delay and allows everything when robots.txt fails."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._warned = False
        crawler.signals.connect(self._obey_delay, signals.robots_parsed)

    async def process_request(self, request: Request, spider: Spider | None = None) -> Request | None:  # type: ignore[override]
        """Raises IgnoreRequest where it is forbidden, RobotsUnreachableError when no robots.txt can be had."""
        if request.meta.get("dont_obey_robotstxt"):
            return None
        rules = await self.robot_parser(request)
        if not isinstance(rules, Unreachable):
            self.process_request_2(rules, request)
            return None
        if self._parsers.get(netloc := urlparse_cached(request).netloc) is rules:
            del self._parsers[netloc]
        return self._later(request, rules)

    def _later(self, request: Request, rules: Unreachable) -> Request:
        tries = request.meta.get(TRIES, 0) + rules.counts
        if tries > self.crawler.settings.getint("RETRY_TIMES"):
            raise RobotsUnreachableError(
                f"robots.txt of {urlparse_cached(request).netloc} cannot be had: {rules.reason}"
            )
        pause = self.crawler.get_extension(Pause)
        assert pause
        pause.begin(f"robots.txt: {rules.reason}", rules.asked)
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

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status == 429 or response.status >= 500:
            asked = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            self._settle(netloc, Unreachable(f"status {response.status}", asked))
        elif response.status >= 300:
            await super()._parse_robots(response.replace(body=b""), netloc, request)  # an error page is no rules
        else:
            await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        """A refusal of ours (off the site, not in the WARC) means that there is none: all is allowed."""
        if isinstance(exc, IgnoreRequest):
            super()._robots_error(exc, netloc)
        else:
            self._settle(
                netloc, Unreachable(str(exc) or type(exc).__name__, counts=not isinstance(exc, PostponedError))
            )

    def _settle(self, netloc: str, rules: Unreachable) -> None:
        self._stats.inc_value("robotstxt/unreachable")
        waiting, self._parsers[netloc] = self._parsers[netloc], rules
        cast("Deferred[RobotParser | None]", waiting).callback(rules)

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
