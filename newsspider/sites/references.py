"""Cross references ("Baca juga: …") in a marked body: found, taken out, and the text around them joined again."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from newsspider.sites.marks import (
    ALL,
    ANCHOR,
    BLOCK,
    BOLD,
    BOX,
    BREAK,
    CELL,
    END,
    GAP,
    LINE_END,
    LINK,
    PLAIN,
    ROW,
    SENTENCE_ENDS,
    TITLE,
    UNBOX,
)

LONGEST = 200
"""Characters of a title that is no link; a longer line is text that happens to begin like a reference."""


class Reference(NamedTuple):
    """Where a reference stands, and what it refers to: (title, address or None) pairs."""

    start: int
    end: int
    links: list[tuple[str, str | None]]


SEPARATORS = ":：–—>»|-"
"""What stands between a label and a title."""
BULLETS = "•*►▶▪»>–-"
"""What stands before a label."""

_ANCHOR = re.compile(rf"{LINK}([^{TITLE}]*){TITLE}([^{END}]*){END}")
_SEPARATOR = re.compile(rf"(?:{GAP}*+[{re.escape(SEPARATORS)}{END}])*+{GAP}*+")  # END: the label can be a link
_QUOTE = re.compile(rf"[\"“”'‘’]{GAP}*+")
_QUOTED = re.compile(r"[\"“]([^\"“”]*)[\"”]")
_BETWEEN = rf"[\"“”'‘’]?{GAP}*+(?i:(?:[,;|&/]|dan\b|serta\b){GAP}*+)*+"
_JOINER = re.compile(_BETWEEN)
_LINE_END = re.compile(rf"[.\"”’]?{LINE_END}")
_CLOSED = rf"[.\"”’)\]]?{LINE_END}"
_CLOSED_LINE_END = re.compile(_CLOSED)
_LINKS_ALONE = (
    rf"(?:(?:[•*▪–-]|[0-9]+[.)]){GAP}*+)?(?:[\"“‘]?{ANCHOR}{_BETWEEN})*?[\"“‘]?{ANCHOR}"
    rf"(?:(?<={BREAK}{END})|(?<={BREAK}{GAP}{END})|{_CLOSED})"
)
"""A line that is nothing but links; a line break in a link, at its end, ends the line too."""
_LINK_LINE = re.compile(rf"(?:{GAP}|[{BREAK}{BLOCK}{CELL}])*+{_LINKS_ALONE}")
_NEXT_LINK_LINE = re.compile(rf"{GAP}*+{BREAK}?{GAP}*+{_LINKS_ALONE}")
_REST = re.compile(rf"(?:{ANCHOR}|[^{BREAK}{BLOCK}{CELL}]){{0,{2 * LONGEST}}}+{LINE_END}")
_BRACKET = re.compile(rf"(?:{ANCHOR}|[^()\[\]{BREAK}{BLOCK}{LINK}]|[(\[][^()\[\]{BREAK}{BLOCK}{LINK}]*+[)\]])*+[)\]]")
_CLOSING = re.compile(rf"{GAP}*+[)\]]")
_STOP = re.compile(rf"[{BOLD}{PLAIN}]*+([.,;:!?])")
_SENTENCES = re.compile(r"[.!?]\s")
_BOX = re.compile(rf"{BOX}[^{UNBOX}]*{UNBOX}")
_MARKS = re.compile(rf"{LINK}[^{TITLE}]*{TITLE}|[{ALL}]")
_BOLDS = re.compile(rf"[^{BOLD}{PLAIN}]+")
_BORDERS = frozenset((BREAK, BLOCK, CELL, ROW))
_BRACKETS = frozenset("([")
_LINE_STARTS = _BORDERS | _BRACKETS | {""}
_SKIPPED = frozenset((BOLD, PLAIN, *BULLETS))


def label_pattern(*labels: str) -> re.Pattern[str]:
    """What the words of a label look like in a marked body, in any case, bold or not."""
    first = "".join(sorted({letter for label in labels for letter in (label[0].lower(), label[0].upper())}))
    rest = "|".join(label[1:].replace(" ", f"{GAP}*") for label in labels)
    return re.compile(rf"[{first}](?<!\w.)(?i:{rest})(?!\w)")  # a set of letters first: 5 times faster


def take(marked: str, label: re.Pattern[str]) -> tuple[str, list[tuple[str, str | None]]]:
    """The body without its cross references, and these in reading order."""
    parts: list[str] = []
    links: list[tuple[str, str | None]] = []
    done = 0
    for reference in _find(marked, label):
        head = _trimmed(marked, done, reference.start)
        seam, end = _seam(marked, head, reference)
        parts += marked[done:head], seam, _BOLDS.sub("", marked[head:end])
        links += reference.links
        done = end
    parts.append(marked[done:])
    return "".join(parts), [(title, url) for title, url in links if title]


def plain(marked: str) -> str:
    """The text of a marked string, on one line."""
    return " ".join(_MARKS.sub(lambda mark: " " if mark[0] in _BORDERS else "", marked).split())


def _find(marked: str, label: re.Pattern[str]) -> Iterator[Reference]:
    done = 0
    boxes = ((box.start(), box.end()) for box in _BOX.finditer(marked))
    for start, end in sorted([*boxes, *((found.start(), found.end()) for found in label.finditer(marked))]):
        if start < done:
            continue
        reference = _box(marked, start, end) if marked[start] == BOX else _at(marked, done, start, end)
        if reference:
            yield reference
            done = reference.end


def _box(marked: str, start: int, end: int) -> Reference:
    return Reference(start, end, _links(marked[start:end]))


def _at(marked: str, done: int, start: int, end: int) -> Reference | None:
    """The reference whose label stands at start:end, or None where the words are prose."""
    head = _trimmed(marked, done, start, _SKIPPED)
    bracket = marked[head - 1 : head] in _BRACKETS
    inside = _trimmed(marked, done, head - bracket)
    if marked[inside - 1 : inside] == TITLE:
        link = marked.rindex(LINK, 0, inside)
        if reference := _inside_link(marked, done, link, end, bracket):
            return reference
        head = _trimmed(marked, done, link, _SKIPPED)
    before = marked[head - 1 : head]
    place = _Label(marked, start, end, before)
    if before in _BRACKETS:
        return _in_brackets(place, head - 1)
    return _before_links(place, head) or _before_text(place, head)


class _Label:
    """A label in its surroundings."""

    def __init__(self, marked: str, start: int, end: int, before: str) -> None:
        separator = _SEPARATOR.match(marked, end)
        assert separator is not None
        quote = _QUOTE.match(marked, separator.end())
        self.marked = marked
        self.end = quote.end() if quote and marked[quote.end() : quote.end() + 1] == LINK else separator.end()
        self.colon = bool(separator[0].strip(f" {BOLD}{PLAIN}\t\r\n\xa0"))
        self.title_case = marked[start:end].split()[-1].strip(BOLD + PLAIN)[:1].isupper()
        self.capital = marked[start].isupper()
        self.opens_line = before in _LINE_STARTS
        self.after_sentence = before in SENTENCE_ENDS
        self.bold = marked[start - 1 : start] == BOLD
        self.alone = bool(_LINE_END.match(marked, self.end))

    @property
    def sure_with_link(self) -> bool:
        return self.opens_line or self.bold or (self.capital and (self.colon or self.after_sentence))

    @property
    def sure_without_link(self) -> bool:
        follows = self.marked[self.end : self.end + 1]
        named = self.title_case and (follows.isupper() or follows.isdigit() or follows in '"“')
        return (self.opens_line and (self.colon or named)) or (self.capital and self.colon and self.after_sentence)


def _before_links(label: _Label, head: int) -> Reference | None:
    marked, end = label.marked, label.end
    if not label.sure_with_link:
        return None
    if label.alone:
        end = _link_lines(marked, end, _LINK_LINE)
        return Reference(head, end, _links(marked[label.end : end]))
    while anchor := _ANCHOR.match(marked, end):
        broken = BREAK in anchor[2]
        joiner = _JOINER.match(marked, anchor.end())
        end = joiner.end() if joiner and marked[joiner.end() : joiner.end() + 1] == LINK else anchor.end()
    if end == label.end:
        return None
    last = _CLOSED_LINE_END.match(marked, end)
    if not (label.colon or label.bold or broken or last):
        return None
    end = _link_lines(marked, last.end() if last else end, _NEXT_LINK_LINE)
    return Reference(head, end, _links(marked[label.end : end]))


def _link_lines(marked: str, end: int, pattern: re.Pattern[str]) -> int:
    """Where the lines that are nothing but a link end."""
    while line := pattern.match(marked, end):
        end = line.end()
    return end


def _before_text(label: _Label, head: int) -> Reference | None:
    rest = _REST.match(label.marked, label.end)
    if not rest or not label.sure_without_link:
        return None
    title, url = _titled(rest[0])
    if len(title) > LONGEST or (not label.opens_line and _SENTENCES.search(title)):
        return None
    return Reference(head, rest.end(), [(title, url)])


def _in_brackets(label: _Label, head: int) -> Reference | None:
    """Up to the closing bracket; where it stands inside the link's text, or nowhere, up to the links' end."""
    content = _BRACKET.match(label.marked, label.end)
    if content is None:
        reference = _before_links(label, head)
        return reference and reference._replace(links=[(_unclosed(title), url) for title, url in reference.links])
    inner = content[0][:-1]
    links = _links(inner)
    words = _JOINER.sub("", plain(_ANCHOR.sub("", inner)).strip(" .,;")) if links else ""
    if (words and not label.colon) or not (links or label.colon or label.sure_without_link or label.title_case):
        return None
    return Reference(head, content.end(), links or [_titled(inner)])


def _inside_link(marked: str, done: int, start: int, end: int, opened: bool) -> Reference | None:
    """A link whose text begins with the label, and its brackets; None if there is nothing more in the link."""
    anchor, separator = _ANCHOR.match(marked, start), _SEPARATOR.match(marked, end)
    if anchor is None or separator is None or separator.end() >= anchor.end():
        return None
    printed = plain(marked[separator.end() : anchor.end()])
    title = _unclosed(printed)
    closing = _CLOSING.match(marked, anchor.end())
    before = _trimmed(marked, done, start) - 1
    if not closing or title != printed or not (opened or marked[before : before + 1] in _BRACKETS):
        return Reference(start, anchor.end(), [(title, anchor[1] or None)])
    return Reference(start if opened else before, closing.end(), [(title, anchor[1] or None)])


def _unclosed(title: str) -> str:
    """A title without the bracket that it closes and does not open."""
    return title[:-1].rstrip() if title.endswith(")") and title.count("(") < title.count(")") else title.rstrip("]")


def _links(marked: str) -> list[tuple[str, str | None]]:
    return [(plain(anchor[2]), anchor[1] or None) for anchor in _ANCHOR.finditer(marked)]


def _titled(marked: str) -> tuple[str, str | None]:
    """A title in which no link, or only a part, is one."""
    anchor = _ANCHOR.search(marked)
    title = plain(marked)
    quoted = _QUOTED.fullmatch(title)
    return (quoted[1] if quoted else title), (anchor[1] or None) if anchor else None


def _trimmed(marked: str, low: int, end: int, skipped: frozenset[str] = frozenset((BOLD, PLAIN))) -> int:
    """Where the text before `end` ends, without white space and marks of bold."""
    while end > low and (marked[end - 1] in skipped or marked[end - 1].isspace()):
        end -= 1
    return end


def _seam(marked: str, head: int, reference: Reference) -> tuple[str, int]:
    """What takes the reference's place, a border, a space or the sentence's punctuation; where the text goes on."""
    before, after = marked[head - 1 : head], _STOP.match(marked, reference.end)
    if before in _BORDERS or not head:
        return BLOCK, reference.end
    stop, end = (after[1], after.end()) if after else ("", reference.end)
    if stop == "." and before in ".!?":
        stop = ""
    if BREAK in marked[reference.start : reference.end] or _LINE_END.match(marked, end):
        return stop + BLOCK, end
    return stop or " ", end
