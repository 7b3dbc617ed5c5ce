"""Why nothing came, in words, where Scrapy's error has none or quotes another one whole."""

import re

from scrapy.exceptions import DownloadCancelledError, DownloadFailedError, DownloadTimeoutError, ResponseDataLossError

WORDS = {
    DownloadCancelledError: "it is larger than DOWNLOAD_MAXSIZE",
    DownloadTimeoutError: "it took longer than DOWNLOAD_TIMEOUT",
    ResponseDataLossError: "it was cut off on the way",
}
WORDLESS = (*WORDS, DownloadFailedError)
_CAUSE = re.compile(r"<twisted\.python\.failure\.Failure [\w.]+: (.*?)>(?=, <|\]$)", re.DOTALL)


def in_words(error: Exception) -> str:
    """
    >>> in_words(Exception("[<twisted.python.failure.Failure twisted.internet.error.ConnectionLost: Lost.>]"))
    'Lost.'
    """
    return WORDS.get(type(error)) or "; ".join(filter(None, _CAUSE.findall(str(error)))) or str(error)
