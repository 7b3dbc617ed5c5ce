"""Cleaning of one string, pure functions. Clean text, nearly all of it, costs one look."""

import html
import re
import unicodedata
from urllib.parse import quote

import ftfy

_UNSURE = re.compile("[^\t\n\r -%'-~\xa0-\xac\xae-\xc1\xc4-\xe1\xe3-\u02ff\u2010-\u2027\u20ac]")
"""Anything but letters and punctuation that need no second look: &, the A's of mojibake, marks, the unseen."""

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_MOJIBAKE = re.compile("[\xc2\xc3][\x80-\xbf\u0152-\u2122]|\xe2[\x80\u20ac\x82\u201a\x84\u201e]")
_LOST_QUOTE = re.compile("\xe2\u20ac(?:\x9d|(?=[\\s.,;:!?)]|$))")  # the third byte of ” is none in cp1252
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ufff9-\uffff\ud800-\udfff]"  # also U+FFFD, which the parser puts for a control character
)
_INITIALS = re.compile(r"\(? ?([a-z]{2,5}(?:/[a-z]{2,5})?) ?\)?\.?")
_LINE_BREAKS = re.compile(r"[\t\r\n]")
_NOT_IN_URLS = re.compile("[\x00-\x20\x7f\ud800-\udfff]")
_C1 = {byte: bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0xA0) if byte != 0x85}


def characters(text: str) -> str:
    """Mend the characters, leave the white space as it is.

    >>> characters("&amp;quot;Damai&amp;quot;")
    '"Damai"'
    >>> characters("â€œPanjang,â€\\x9d kata \\u200bdia. “Benar”")
    '“Panjang,” kata dia. “Benar”'
    """
    if (text.isascii() and text.isprintable() and "&" not in text) or not _UNSURE.search(text):
        return text
    text = _entities(text)
    if _MOJIBAKE.search(text):
        text = ftfy.fix_encoding(_LOST_QUOTE.sub("”", text))
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text.translate(_C1)))


def clean(text: str) -> str:
    """One line of clean text: mended characters, one space between words.

    >>> clean("  Jalur\\xa0Gaza,\\n R&D dan Q&A ")
    'Jalur Gaza, R&D dan Q&A'
    """
    return " ".join(characters(text).split())


def keywords(text: str) -> list[str]:
    """The entries of a comma-separated list.

    >>> keywords("rusia, ukraina,, #damai")
    ['rusia', 'ukraina', 'damai']
    """
    return [word for part in text.split(",") if (word := clean(part).lstrip("#").strip())]


def initials(text: str) -> str | None:
    """The initials that sign a text: two to five lower-case letters, or two times so, in brackets or not.

    >>> initials(" (sya) ")
    'sya'
    >>> initials("(sya/ahm)")
    'sya/ahm'
    """
    match = _INITIALS.fullmatch(clean(text))
    return match[1] if match else None


def address(text: str) -> str | None:
    """A URL as browsers read it: without line breaks, spaces encoded; None if it is empty, or data, no address.

    >>> address(" https://pict.sindonews.com/a\\n b.jpg ")
    'https://pict.sindonews.com/a%20b.jpg'
    """
    url = _NOT_IN_URLS.sub(_encoded, _LINE_BREAKS.sub("", text.strip()))
    return None if not url or url.startswith("data:") else url


def _encoded(character: re.Match[str]) -> str:
    """Half of a pair is a character that is lost."""
    return quote(character[0] if character[0].isascii() else "\N{REPLACEMENT CHARACTER}")


def _entities(text: str) -> str:
    """Resolve entities, also those encoded twice; three turns, so that hostile text ends."""
    for _ in range(3):
        if "&" not in text:
            break
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return text
