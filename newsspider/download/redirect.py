"""A redirect stays on the site; one that leads elsewhere is a failure of the page, and nothing is sent there."""

from typing import Any

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import Response

from newsspider.download import OffSite
from newsspider.download.site import on_site


class SiteRedirectMiddleware(RedirectMiddleware):
    """Takes the place of Scrapy's, which leaves it to Offsite to drop the new request without a word."""

    def _build_redirect_request(
        self, source_request: Request, response: Response, *, url: str, **kwargs: Any
    ) -> Request:
        """Raises OffSite, also for other schemes."""
        domains = getattr(self.crawler.spider, "allowed_domains", None)
        if domains and not on_site(url, domains):
            self.crawler.stats.inc_value("redirect/refused")
            raise OffSite(f"it leads off the site, to {url}")
        return super()._build_redirect_request(source_request, response, url=url, **kwargs)

    def _engine_started(self) -> None:
        """No Referer is sent anywhere; Scrapy's own would warn of that in every run."""
