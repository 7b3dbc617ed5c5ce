"""The door. What it sets has the priority of an add-on, so that `-s` wins."""

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.settings import BaseSettings

from newsspider.download.charset import CharsetMiddleware
from newsspider.download.closing import Closing
from newsspider.download.compression import StrictCompressionMiddleware
from newsspider.download.contact import user_agent
from newsspider.download.pace import downloader
from newsspider.download.pause import Pause
from newsspider.download.redirect import SiteRedirectMiddleware
from newsspider.download.retry import PausingRetryMiddleware
from newsspider.download.robots import PoliteRobotsTxtMiddleware
from newsspider.download.site import SiteMiddleware
from newsspider.download.whole import WholeMiddleware

REPLACED: tuple[type, ...] = (RobotsTxtMiddleware, RetryMiddleware, HttpCompressionMiddleware, RedirectMiddleware)
MIDDLEWARES: dict[type, int] = {
    SiteMiddleware: 40,
    PoliteRobotsTxtMiddleware: 100,
    CharsetMiddleware: 530,
    WholeMiddleware: 540,
    PausingRetryMiddleware: 550,
    StrictCompressionMiddleware: 590,
    SiteRedirectMiddleware: 600,
}
"""Each where Scrapy's own stands; responses pass from the bottom up."""
EXTENSIONS = (Pause, Closing)


class DownloadAddon:
    """Politeness, safety, and damaged answers."""

    def update_settings(self, settings: BaseSettings) -> None:
        settings.set("USER_AGENT", user_agent(settings.get("CONTACT") or ""), "addon")
        settings.set("DOWNLOADER", downloader, "addon")
        for scrapys in REPLACED:
            settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", scrapys, None)
        for middleware, place in MIDDLEWARES.items():
            settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", middleware, place)
        for extension in EXTENSIONS:
            settings.setdefault_in_component_priority_dict("EXTENSIONS", extension, 0)
