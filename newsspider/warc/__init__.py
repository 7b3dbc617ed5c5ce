"""Record and replay: every answer of the site, raw, in WARC files.

`WARC_DIR=folder` records, `WARC_REPLAY=file-or-folder` crawls from what was recorded, with no network at all.
addon.py is the door; middleware.py, recording.py, replay.py and offline.py sit on Scrapy's HTTP cache; writer.py,
records.py, reader.py and index.py know the format and nothing of a crawl.
"""

from scrapy.exceptions import IgnoreRequest


class WarcError(Exception):
    """Recording or replaying cannot begin; the message says what to do."""


class NotInWarc(IgnoreRequest):
    """A replay was asked for a page that was not recorded."""


class NotRecorded(IgnoreRequest):
    """A page came, and could not be written down."""
