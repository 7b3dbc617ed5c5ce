"""What of a page is still in an article's text though it is none of it, by the site's own words for it."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from newsspider.sites.body import Markup
from newsspider.sites.marks import SENTENCE_ENDS
from newsspider.sites.references import BULLETS, SEPARATORS

KINDS = ("cross-reference", "initials", "furniture")

_BEGINS = tuple(SENTENCE_ENDS + "([")
_SEPARATOR = rf"\s*[{re.escape(SEPARATORS)}]"
_LINE_END = r"\s*[.\"”’]?$"
_CLOSES = re.compile(_SEPARATOR + _LINE_END)
_STANDS_OUT = re.compile(rf"{_SEPARATOR}|{_LINE_END}")


class Leftover(NamedTuple):
    """One of them."""

    paragraph: int
    """Its number, from 0."""
    kind: str
    """See KINDS."""
    told: str
    sure: bool
    """It is nothing else; otherwise it can be prose, and only many of them tell something."""


def leftovers(paragraphs: Sequence[str], markup: Markup) -> Iterator[Leftover]:
    """What reading clean paragraphs as a body would still take out of them is among them, and sure."""
    for index, text in enumerate(paragraphs):
        for label in filter(_can_begin, markup.labels.finditer(text)):
            if label[0][0].isupper() or _is_sure(label):
                yield Leftover(index, "cross-reference", "a cross reference", _is_sure(label))
        if signed := markup.sign_off(text):
            at_end = index == len(paragraphs) - 1 and not text.endswith(".")
            yield Leftover(index, "initials", f"the initials ({signed.initials})", signed.sure or at_end)
        if markup.is_furniture(text):
            yield Leftover(index, "furniture", "furniture of the page", True)


def _can_begin(label: re.Match[str]) -> bool:
    """The words of a label count where a reference can begin: "kita lihat juga bagaimana" is prose."""
    before = label.string[: label.start()].rstrip(f"{BULLETS} \xa0")
    return not before or before.endswith(_BEGINS) or bool(_CLOSES.match(label.string, label.end()))


def _is_sure(label: re.Match[str]) -> bool:
    """Written as no prose is: "Baca Juga", or "baca juga:"."""
    return label[0].split()[-1][0].isupper() or bool(_STANDS_OUT.match(label.string, label.end()))
