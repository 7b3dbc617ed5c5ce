"""The text of an article's body, the same for all sites: runs of inline nodes, ended by blocks and line breaks.

A site says only what to drop, what is a cross reference, where the dateline and the sign-off stand (`Markup`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree

from newsspider.sites import references
from newsspider.sites.marks import BLOCK, BOLD, BOX, BREAK, CELL, END, LINK, PLAIN, ROW, SENTENCE_ENDS, TITLE, UNBOX
from newsspider.text import characters

LONGEST_SUBHEADING = 150

_BLOCKS = (
    "address article aside blockquote body center dd details dialog div dl dt fieldset figure footer header hr html "
    "li main ol p pre section summary ul"
)
_TABLES = "caption table tbody tfoot thead tr"
_DROPPED = "audio button canvas embed iframe input nav noscript object script select style svg template textarea video"
_HEADINGS = "h1 h2 h3 h4 h5 h6"

MARKS: dict[str, tuple[str | None, str]] = {
    **dict.fromkeys(_BLOCKS.split(), (BLOCK, BLOCK)),
    **dict.fromkeys(_HEADINGS.split(), (BLOCK + BOLD, PLAIN + BLOCK)),
    **dict.fromkeys(("b", "strong"), (BOLD, PLAIN)),
    **dict.fromkeys(_TABLES.split(), (ROW, ROW)),
    **dict.fromkeys(("td", "th"), ("", CELL)),
    **dict.fromkeys(_DROPPED.split(), (None, "")),
    **dict.fromkeys(("figcaption", "form"), (None, BLOCK)),
    "br": (BREAK, ""),
}
"""What stands for an element's start and end; None at the start: the element is dropped."""


@dataclass(frozen=True)
class Markup:
    """What a site says of its bodies."""

    labels: re.Pattern[str]
    """See `references.label_pattern`."""
    dropped: frozenset[str] = frozenset()
    """Classes of elements that are none of the text."""
    dropped_prefixes: tuple[str, ...] = ()
    """How the class attribute of such elements begins."""
    dropped_ids: tuple[str, ...] = ()
    """How the id of such elements begins."""
    boxes: frozenset[str] = frozenset()
    """Classes of elements of which only the links count, as cross references."""
    kept: frozenset[str] = frozenset()
    """Classes that save an element from being dropped."""
    furniture: re.Pattern[str] = re.compile(r"(?!)")
    """Lines that are none of the text."""
    dateline: re.Pattern[str] = re.compile(r"(?!)")
    """The place before the first paragraph, as group 1, in the marked body."""
    signature: re.Pattern[str] = re.compile(r"(?!)")
    """The initials, as group 1, at the end of a line, or on a line of their own."""

    def is_furniture(self, text: str) -> bool:
        """Whether a line is none of the text."""
        return len(text) <= _SHORT and bool(self.furniture.fullmatch(text))

    def sign_off(self, text: str) -> "SignOff | None":
        """The initials with which a line ends."""
        match = self.signature.search(text, max(len(text) - _SHORT, 0))
        if match is None:
            return None
        before = text[: match.start()].rstrip()
        return SignOff(before, match[1], sure=not before or before[-1] in SENTENCE_ENDS)

    def marks(self, node: etree._Element) -> tuple[str | None, str]:
        """What stands for an element's start (None: it is dropped) and end."""
        tag = str(node.tag)
        opening, closing = MARKS.get(tag, ("", ""))
        if tag == "a":
            opening, closing = f"{LINK}{_address(node)}{TITLE}", END
        names, name = node.get("class"), node.get("id")
        if name and self.dropped_ids and name.startswith(self.dropped_ids):
            return None, _border(closing)
        return self._by_class(names, opening, closing) if names else (opening, closing)

    def _by_class(self, names: str, opening: str | None, closing: str) -> tuple[str | None, str]:
        classes = names.split()
        if not self.kept.isdisjoint(classes):
            return opening, closing
        if not self.boxes.isdisjoint(classes):
            return BLOCK + BOX, UNBOX + BLOCK
        if names.startswith(self.dropped_prefixes) or not self.dropped.isdisjoint(classes):
            return None, _border(closing)
        return opening, closing


class SignOff(NamedTuple):
    """Initials at the end of a line."""

    before: str
    initials: str
    sure: bool
    """They stand alone, or after the end of a sentence; others sign an article at its very end only."""


class Body(NamedTuple):
    """What a body holds."""

    paragraphs: list[str]
    subheadings: list[str]
    related: list[tuple[str, str | None]]
    """Title and address, as printed, of each cross reference."""
    dateline: str | None
    signature: str | None


class _Line(NamedTuple):
    text: str
    heading: bool

    @property
    def alone(self) -> bool:
        """Whether a single line break separates it from its neighbours."""
        return self.heading or bool(_ENTRY.match(self.text))


NO_SITE = Markup(labels=re.compile(r"(?!)"))
_ENTRY = re.compile(r"(?:[0-9]{1,3}[.)]|[•▪●*–-])\s+\S")
_ADDRESS = re.compile(rf"{LINK}[^{TITLE}]*{TITLE}")
_SHORT = 60  # characters: no furniture and no sign-off is longer
_BOLDS = re.compile(rf"([{BOLD}{PLAIN}])")
_DASH = re.compile(r"\s*[-–—]+\s+")
_LETTER = re.compile(r"[^\W\d_]")
_EMPTY = rf"[\s{BOLD}{PLAIN}{BREAK}{BLOCK}]"
_CELLS = re.compile(rf"(?<!{_EMPTY}){_EMPTY}*+{CELL}(?:{_EMPTY}|{CELL})*+")
_NO_BOLDS = re.compile(rf"[^{BOLD}{PLAIN}]+")


def read(element: etree._Element, markup: Markup, dateline: bool = True) -> Body:
    """Take a body apart; `dateline` says whether its first paragraph can have one."""
    text, related = references.take(_rows(marked(element, markup)), markup.labels)
    text = _ADDRESS.sub("", text).replace(END, "").replace(BOX, "").replace(UNBOX, "")
    opening = markup.dateline.match(text) if dateline else None
    lines = list(_paragraphs(text[opening.end() :] if opening else text, markup))
    signed, lines = _signed(lines, markup)
    place = references.plain(opening[1]) if opening else None
    return Body(
        [without_place(line.text, place) for line in lines],
        [line.text for line in lines if line.heading],
        related,
        place,
        signed,
    )


def without_place(text: str, place: str | None) -> str:
    """A paragraph without the dateline that it repeats: a second copy of the article's opening has it too."""
    if place is None or not text.startswith(place):
        return text
    rest = _DASH.match(text, len(place))
    return text[rest.end() :] if rest else text


def merged(bodies: list[Body]) -> Body:
    """Several bodies, one after the other, as one."""
    return Body(
        [text for one in bodies for text in one.paragraphs],
        [text for one in bodies for text in one.subheadings],
        [link for one in bodies for link in one.related],
        next((one.dateline for one in bodies if one.dateline), None),
        next((one.signature for one in bodies if one.signature), None),
    )


def line(element: etree._Element) -> str:
    """The text of an element, on one line."""
    return references.plain(marked(element, NO_SITE) if len(element) else element.text or "")


def marked(element: etree._Element, markup: Markup) -> str:
    """An element's text with the marks of its structure; without recursion, in linear time."""
    parts: list[str] = []
    closings: list[str] = []
    walk = etree.iterwalk(element, ("start", "end", "comment", "pi"))
    for event, node in walk:
        if event == "start":
            opening, closing = markup.marks(node)
            closings.append(closing)
            if opening is None:
                walk.skip_subtree()
                continue
            parts.append(opening)
            if node.text:
                parts.append(characters(node.text))
            continue
        if event == "end":
            parts.append(closings.pop())
        if node.tail and node is not element:
            parts.append(characters(node.tail))
    return "".join(parts)


def _address(link: etree._Element) -> str:
    return (link.get("href") or "").strip()


def _border(closing: str) -> str:
    """What is left of a dropped element: a block still separates its neighbours."""
    return BLOCK if BLOCK in closing else ""


def _rows(text: str) -> str:
    """A table's rows as blocks; what stands around a cell's border, the <p> of a cell too, is no border."""
    text = _CELLS.sub(lambda border: _NO_BOLDS.sub("", border[0]) + CELL, text) if CELL in text else text
    return text.replace(ROW, BLOCK)


def _paragraphs(text: str, markup: Markup) -> Iterator[_Line]:
    depth = 0
    for block in text.split(BLOCK):
        run: list[_Line] = []
        for raw in block.split(BREAK):
            line, depth = _measure(raw, depth)
            dropped = not line.text or markup.is_furniture(line.text)
            signed = len(line.text) <= _SHORT and markup.signature.fullmatch(line.text)
            if run and (dropped or signed or line.alone or run[-1].alone):
                yield _joined(run)
                run = []
            if signed:
                yield line
            elif not dropped:
                run.append(line)
        if run:
            yield _joined(run)


def _joined(run: list[_Line]) -> _Line:
    return run[0] if len(run) == 1 else _Line(" ".join(line.text for line in run), False)


def _measure(raw: str, depth: int) -> tuple[_Line, int]:
    """The text of a line, whether all of it is bold; `depth` is how many bold elements are open."""
    if BOLD not in raw and PLAIN not in raw:
        return _line(raw, bool(depth)), depth
    loose = []
    for piece in _BOLDS.split(raw):
        if piece == BOLD:
            depth += 1
        elif piece == PLAIN:
            depth = max(depth - 1, 0)
        elif not depth:
            loose.append(piece)
    return _line(_BOLDS.sub("", raw), not _LETTER.search("".join(loose))), depth


def _line(raw: str, bold: bool) -> _Line:
    text = " ".join(raw.split())
    if CELL in text:
        return _Line(" | ".join(cell for part in text.split(CELL) if (cell := part.strip())), False)
    return _Line(text, bold and len(text) <= LONGEST_SUBHEADING and bool(_LETTER.search(text)))


def _signed(lines: list[_Line], markup: Markup) -> tuple[str | None, list[_Line]]:
    """The initials, and the lines without them: after the end of a sentence anywhere, else at the end of the last."""
    found: list[str] = []
    unsigned = []
    for line in lines:
        signed = markup.sign_off(line.text)
        last = line is lines[-1] and not found and not line.text.endswith(".")
        if signed and (signed.sure or last):
            found.append(signed.initials)
            line = line._replace(text=signed.before)
        unsigned += [line] if line.text else []
    return (found[-1] if found else None), unsigned
