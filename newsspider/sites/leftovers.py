"""What of a page is still in an article's text though it is none of it, by the site's own words for it."""

import re
from collections.abc import Sequence

from newsspider.sites.body import Markup
from newsspider.sites.marks import SENTENCE_ENDS

KINDS = ("cross-reference", "initials", "furniture")

_SHORT = 60
"""No furniture and no sign-off is longer, in characters."""
_BEFORE = re.compile(rf"(?:^|\n|[{re.escape(SENTENCE_ENDS)}]\s*|[(\[]\s*)$")


def leftovers(paragraphs: Sequence[str], text: str, markup: Markup) -> list[str]:
    """The kinds of them, each once; `text` is the paragraphs, a line each.

    The words of a cross reference count where one can begin: "kita lihat juga bagaimana" is prose.
    """
    found = []
    if any(_is_reference(text, label) for label in markup.labels.finditer(text)):
        found.append("cross-reference")
    bracketed = (line for line in paragraphs if line.endswith((")", ").")))
    if any(markup.signature.search(line, max(len(line) - _SHORT, 0)) for line in bracketed):
        found.append("initials")
    if any(len(line) <= _SHORT and markup.furniture.fullmatch(line) for line in paragraphs):
        found.append("furniture")
    return found


def _is_reference(text: str, label: re.Match[str]) -> bool:
    before = text[max(label.start() - 4, 0) : label.start()]
    opens = bool(_BEFORE.search(before)) if before else True
    return opens and (label[0][0].isupper() or text[label.end() : label.end() + 2].lstrip().startswith((":", "：")))
