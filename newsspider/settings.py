"""Every switch. What is Scrapy's own is explained in Scrapy's documentation; `-s NAME=VALUE` changes any of them."""

BOT_NAME = "newsspider"
SPIDER_MODULES = ["newsspider.spiders"]
COMMANDS_MODULE = "newsspider.commands"

# Who is asking: a mail address or a page about you, for the site's people. It becomes part of the user agent.
CONTACT = ""
ROBOTSTXT_USER_AGENT = BOT_NAME

# Manners: one request a second and site, slower when the site is slow, and whatever robots.txt asks for.
ROBOTSTXT_OBEY = True
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0
CONCURRENT_REQUESTS_PER_DOMAIN = 2
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0

# What was refused, damaged or lost is asked for again, so many times; the first pause and the longest, in seconds.
RETRY_TIMES = 5
RETRY_PAUSE = 5.0
RETRY_AFTER_MAX = 300.0

# How far back the newest walk goes where nothing is known yet, in pages of the list.
NEWEST_PAGES = 30

# The ledger: a database URL; None: a file in JOBDIR (.newsspider), named after the spider; empty: none.
LEDGER_URL = None
# Articles younger than this are asked for again, to see whether they changed: 48h, 30m, 2d; empty: none.
LEDGER_REVISIT = ""
# Seconds to wait for a site that is down before the run ends (exit 4) with what it still owes.
OUTAGE_PATIENCE = 600.0
# When a run ends in good order though it is not finished (exit 4): 6h, 30m, 90 (seconds); empty: never.
RUN_DEADLINE = ""
# Seconds that the reading of one page may take.
PAGE_DEADLINE = 20.0

# Safety
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 30.0
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
COOKIES_ENABLED = False
METAREFRESH_ENABLED = False

# One in-run filter of articles is the spider's own; index pages may be asked for again.
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"

# Rooms, each with its door
ADDONS = {
    "newsspider.download.addon.DownloadAddon": 100,
    "newsspider.warc.addon.WarcAddon": 200,
    "newsspider.cases.addon.CasesAddon": 300,
    "newsspider.ledger.addon.LedgerAddon": 400,
}

ITEM_PIPELINES = {
    "newsspider.pipelines.required.Required": 100,
    "newsspider.pipelines.once.Once": 200,
    "newsspider.pipelines.repeats.Repeats": 300,
}

EXTENSIONS = {
    "newsspider.progress.Progress": 100,
}

# Pages of articles that gave no item are kept here for a look, at most so many a run.
KEPT_DIR = "kept"
KEPT_MAX = 100

# Feeds
FEEDS = {
    "feeds/%(name)s/%(job_start)s.jsonl": {"format": "jsonlines"},
    "feeds/%(name)s/%(job_start)s.csv": {"format": "csv"},
}
FEED_EXPORTERS = {
    "csv": "newsspider.feeds.exporters.CsvExporter",
    "jsonlines": "newsspider.feeds.exporters.JsonLinesExporter",
}
FEED_EXPORT_ENCODING = "utf-8"
FEED_STORE_EMPTY = False
FEED_URI_PARAMS = "newsspider.feeds.uris.uri_params"

# Logs: quiet, for cron; -L INFO tells more
LOG_LEVEL = "WARNING"
LOG_FORMATTER = "newsspider.progress.LogFormatter"
LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"
STATS_DUMP = False
LOGSTATS_INTERVAL = 0
RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # the spider names every page that could not be had

# Speed (figures in benchmarks/): by default every response starts 100 tasks for items that are never there.
CONCURRENT_ITEMS = 1
ASYNCIO_EVENT_LOOP = "uvloop.Loop"
# Each would be one more generator around everything a page gives; what they do is of no use to these spiders.
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
}
