"""Every switch. What is Scrapy's own is explained in Scrapy's documentation; `-s NAME=VALUE` changes any of them."""

from os import environ

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

# The ledger: a database URL; None: a file in JOBDIR (.newsspider), named after the spider; empty: none. A password does
# not belong on a command line, where others see it: the environment holds LEDGER_URL or PGPASSWORD, or ~/.pgpass does.
LEDGER_URL = environ.get("LEDGER_URL") or None
# Articles younger than this are asked for again, to see whether they changed: 48h, 30m, 2d; empty: none.
LEDGER_REVISIT = ""
# Several runs may share a job where the ledger is a PostgreSQL: what a run asks for is its own for so long after it was
# last heard of, and then another one takes it over. It says that it lives three times as often.
LEDGER_LEASE = "60s"
# Each of them writes what it stored itself beside the job's whole feed, too: workers/<host>-<run>/<name of the feed>.
WORKER_FEEDS = True
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
    "newsspider.browser.addon.BrowserAddon": 500,
    "newsspider.monitor.addon.MonitorAddon": 600,
    "newsspider.report.addon.ReportAddon": 700,
    "newsspider.alerts.addon.AlertsAddon": 800,
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

# Monitors: what is not as it should be with a run is named, with examples, and makes exit code 3.
MONITOR_ENABLED = True
# Bounds that hold for every run: at most this share of the articles lacks the field, has its date from the URL only,
# has such boilerplate left in its text, is incomplete, could not be had; at most this share of requests is made again.
MONITOR_MOST = {
    "fields/title": 0.1,
    "fields/paragraphs": 0.1,
    "fields/published": 0.1,
    "published/url": 0.5,
    "boilerplate/cross-reference": 0.1,
    "boilerplate/initials": 0.1,
    "boilerplate/furniture": 0.1,
    "incomplete": 0.2,
    "errors": 0.5,
    "retries": 0.9,
}
# An article has at least so many paragraphs, in the middle, and a paragraph so many characters.
MONITOR_LEAST = {"paragraphs/number": 2, "paragraphs/length": 30}
# What is usual: the last so many healthy runs of the same kind; fewer than MONITOR_RUNS_LEAST are too few to tell.
# A run of fewer articles than MONITOR_ARTICLES_LEAST counts together with its neighbours, and is judged with them.
MONITOR_RUNS = 30
MONITOR_RUNS_LEAST = 5
MONITOR_ARTICLES_LEAST = 20
# A share is off when it is so much worse than usual, and that by a chance smaller than this one;
# paragraphs are off when they are fewer or shorter than this part of what is usual, or more or longer to that degree.
MONITOR_RISE = 0.1
MONITOR_CHANCE = 1e-6
MONITOR_SHRINK = 0.6
# Silence is too long when it lasts so many times the longest one in the last 60 days.
MONITOR_SILENCE = 2.0
# Findings that are known and no matter: fields/tags, rules/image_url.
MONITOR_IGNORE: list[str] = []
# Spidermon monitors of your own, by their paths.
MONITOR_MORE: list[str] = []

# A report of each run: REPORT_DIR/<spider>/<run>.html, the last one as latest.html too; empty: none. So many of a
# spider stay, the newest (0: all): an hourly crawl makes 8,760 a year. `scrapy report --run N` makes any of them again.
# A second ledger (JOBDIR, LEDGER_URL) counts its runs from 1 as well: give it a folder of its own here too.
REPORT_DIR = "reports"
REPORTS_KEPT = 100

# Feeds
FEEDS = {
    "feeds/%(name)s/%(job_start)s.jsonl": {"format": "jsonlines"},
    "feeds/%(name)s/%(job_start)s.csv": {"format": "csv"},
}
FEED_EXPORTERS = {
    "csv": "newsspider.feeds.exporters.CsvExporter",
    "parquet": "newsspider.feeds.parquet.ParquetExporter",
    # Scrapy's three names of one format: -O takes it by the file's ending.
    **dict.fromkeys(("jsonlines", "jsonl", "jl"), "newsspider.feeds.exporters.JsonLinesExporter"),
}
FEED_EXPORT_ENCODING = "utf-8"
FEED_STORE_EMPTY = False
FEED_URI_PARAMS = "newsspider.feeds.uris.uri_params"

# The browser: `empty` renders articles whose plain HTML has no title or no text, `always` all of them, `never` none.
BROWSER_WHEN = "never"
BROWSER_PAGES = 2
# A new context, without what the pages before left in it, after so many pages.
BROWSER_RECYCLE = 50
# Seconds that an empty page is waited for while nothing of it is on its way; and the most that one page may take.
BROWSER_WAIT = 8.0
BROWSER_TIMEOUT = 90.0
# Seconds without a sign of life after which the browser, or a page in it, is taken for hung, and ended.
BROWSER_HUNG = 8.0
# MB, browser and driver together: beyond it they are started again.
BROWSER_MEMORY = 1500.0
# What a page may load, in Playwright's words: not image, media, font, ping, websocket, eventsource … Nothing comes from
# other hosts than the site's; and nothing of the site's whose URL one of these regular expressions finds.
BROWSER_LOADS = ["script", "stylesheet", "xhr", "fetch"]
BROWSER_ADS = [
    r"//(ads?|iklan|track(er|ing)?|stats?)\d*\.",
    r"/(ads?|adserver|banners?|prebid|gpt|analytics|pixel)[/.\-]",
]
# How far a list is walked that grows by clicks or scrolling (`-a source=scroll`): so often, and so many seconds.
BROWSER_CLICKS = 30
BROWSER_WALK_TIMEOUT = 600.0

# Alerts, each switched on by whom it goes to; commas between several. One is sent when a run objects (exit 3), does
# not finish (4; not where a signal ended it, or RUN_DEADLINE with nothing found) or cannot write (5). All calls take
# ALERT_TIMEOUT seconds together, at most, at the end of the run; one that fails is a warning, and changes nothing.
# A run that cannot start, is killed, or is held up by a page sends none: a heartbeat that stays away tells of it.
# Secrets come from environment variables of the same name (a line ALERT_SLACK_TOKEN=... in the crontab does).
ALERT_TIMEOUT = 10.0
ALERT_MAIL_TO = ""
ALERT_MAIL_FROM = ""  # empty: the first of ALERT_MAIL_TO
ALERT_MAIL_HOST = "localhost"
ALERT_MAIL_PORT = 25
ALERT_MAIL_TLS = ""  # starttls, tls or off; empty: tls on port 465, off on 25, else starttls. No password goes without
ALERT_MAIL_USER = ""
ALERT_MAIL_PASSWORD = environ.get("ALERT_MAIL_PASSWORD", "")
# Channels (#news) or ids (C..., U...) and the token of a bot (xoxb-...) that has the right chat:write.
ALERT_SLACK_TO = ""
ALERT_SLACK_TOKEN = environ.get("ALERT_SLACK_TOKEN", "")
ALERT_SLACK_URL = "https://slack.com/api/"
# Ids of chats, or @channel, and the token that BotFather gave.
ALERT_TELEGRAM_TO = ""
ALERT_TELEGRAM_TOKEN = environ.get("ALERT_TELEGRAM_TOKEN", "")
ALERT_TELEGRAM_URL = "https://api.telegram.org"

# A dead man's switch (healthchecks.io, Uptime Kuma, Dead Man's Snitch): the first URL is called after every run with
# exit code 0, and no other: it is the one alarm that also tells of runs that never started. The second, where there is
# one (.../fail, ...?status=down), is called when an alert is due. Only runs with these in their environment call them.
HEARTBEAT_URL = environ.get("HEARTBEAT_URL", "")
HEARTBEAT_FAIL_URL = environ.get("HEARTBEAT_FAIL_URL", "")

# The folder of node_exporter's --collector.textfile.directory: each run leaves newsspider_<spider>.prom there, and one
# with exit code 0 newsspider_<spider>_success.prom. One ledger a folder: -s PROMETHEUS_DIR= for a backfill beside it.
PROMETHEUS_DIR = ""

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
