"""Pages that only JavaScript completes, rendered by a real Chromium. Off unless BROWSER_WHEN says when.

The browser never touches a network: what a page asks for, the crawl asks for (supply.py), so that allowed hosts,
robots.txt, user agent, delay, cookies, certificates, sizes and WARC are those of any other request; what slips past
ends at a wall (launch.py).

again.py sees that an article is empty and asks once more; middleware.py gives the answer of the browser (rendering.py)
instead of the site's; settled.py waits until the page is complete, walk.py until a list is. found.py, launch.py,
process.py and watchdog.py are about the process, memory.py about its size; addon.py is the door.
"""

RENDERED = "rendered"
"""Meta key of a request that is the browser's to answer, and flag of a response that it rendered."""


class BrowserError(Exception):
    """No browser is there; the message says what to do."""


class WhenError(Exception):
    """BROWSER_WHEN is none of its words; the message names them."""

    exitcode = 2


class LaunchError(Exception):
    """A browser is there, and cannot be started."""


class GoneError(Exception):
    """The browser ended in the middle of a page."""


class RenderError(Exception):
    """The browser failed on a page, each time."""
