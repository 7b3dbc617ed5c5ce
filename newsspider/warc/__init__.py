"""Record and replay: every answer of the site, raw, in WARC files.

What a browser rendered is a `conversion` record beside the answers that it was made of: a replay gives it in the place
of the page, and needs no browser.

`WARC_DIR=folder` records, `WARC_REPLAY=file-or-folder` crawls from what was recorded, with no network at all.
addon.py is the door; middleware.py, recording.py, replay.py and offline.py sit on Scrapy's HTTP cache; writer.py,
records.py, reader.py and index.py know the format and nothing of a crawl.
"""

from scrapy.exceptions import IgnoreRequest

RENDERED = "rendered"
"""Meta key of a request that asks for a rendered page, and flag of the page; the browser room's words."""


class WarcError(Exception):
    """Recording or replaying cannot begin; the message says what to do."""


class NotInWarc(IgnoreRequest):
    """A replay was asked for a page that was not recorded."""


class NotRecorded(IgnoreRequest):
    """A page came, and could not be written down."""
