"""The door: off unless WARC_DIR or WARC_REPLAY is set."""

import os
from pathlib import Path

from scrapy.downloadermiddlewares.httpcache import HttpCacheMiddleware
from scrapy.exceptions import NotConfigured
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

from newsspider.warc import WarcError
from newsspider.warc.middleware import Everything, WarcMiddleware
from newsspider.warc.offline import NoNetwork
from newsspider.warc.recording import Recording
from newsspider.warc.replay import Replay

NETWORK_SCHEMES = ("http", "https", "ftp", "s3")


class WarcAddon:
    """What WARC_DIR or WARC_REPLAY imply weighs as much as the setting itself."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Raises NotConfigured when neither is set, WarcError when the setting cannot be followed."""
        folder, replay = settings.get("WARC_DIR"), settings.get("WARC_REPLAY")
        if folder and replay:
            raise WarcError("WARC_DIR records and WARC_REPLAY replays; give one of them")
        if replay:
            self._replay(settings, Path(replay))
        elif folder:
            self._record(settings, Path(folder))
        else:
            raise NotConfigured

    def _record(self, settings: BaseSettings, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WarcError(f"WARC_DIR {folder} cannot be made: {error.strerror}") from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise WarcError(f"WARC_DIR {folder} cannot be written to; give a folder that can")
        _switch_on(settings, "WARC_DIR", {"HTTPCACHE_STORAGE": Recording})

    def _replay(self, settings: BaseSettings, path: Path) -> None:
        if not path.exists():
            raise WarcError(f"WARC_REPLAY {path} does not exist; give a .warc or .warc.gz file, or a folder of them")
        changes = {
            "HTTPCACHE_STORAGE": Replay,
            "HTTPCACHE_IGNORE_MISSING": True,
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": False,
            "RETRY_TIMES": 0,  # the answer would be the same, after a pause
            "COOKIES_ENABLED": False,  # of no use here, and Scrapy downloads a list of domains for them
        }
        named = (settings.getpriority("LEDGER_URL") or 0) > SETTINGS_PRIORITIES["project"]
        if not named and not settings.get("JOBDIR"):
            changes["LEDGER_URL"] = ""  # the same pages give the same articles, every time
        _switch_on(settings, "WARC_REPLAY", changes)
        # No other setting may reach the network in a replay, whatever its priority.
        settings.set("DOWNLOAD_HANDLERS", dict.fromkeys(NETWORK_SCHEMES, NoNetwork), "cmdline")


def _switch_on(settings: BaseSettings, name: str, changes: dict[str, object]) -> None:
    priority = settings.getpriority(name) or 0
    settings.update({"HTTPCACHE_ENABLED": True, "HTTPCACHE_POLICY": Everything, **changes}, priority)
    settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", HttpCacheMiddleware, None)
    settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", WarcMiddleware, 900)
