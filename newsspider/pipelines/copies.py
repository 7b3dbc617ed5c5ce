"""Which paragraphs of a text are a later copy of it: a page, or page 1 joined with the whole, can carry a text twice.

Two paragraphs are the same where only white space, quotes, dashes, case or a cross reference in them differ; the last
one may be cut off, the opening may have a dateline that its copy lacks, and one copy may have in one paragraph what the
other has in two. Cross references on lines of their own are passed over. A *run* of paragraphs that reproduces an
earlier run, as far as both agree, is a copy if it is one of `COPIES`:

- prose: at least three different paragraphs of 50 letters on average, anywhere. No author says that twice.
- restart: the text from its first paragraph, right behind its original: at least three different paragraphs however
  short, or fewer that are long. So a short article doubled is mended, and page 1 followed by the whole.
- long paragraphs: two that are the opening and end the text, or half of what stood before, right behind their original.
- short lines: at least five different ones, half of what stood before, behind their original or at the end.

All else stays: dialogue, a refrain, a sub-heading that is the title, entries that share a sentence, a changed number.
A title right before a copy of the opening goes with the copy. Nothing is ever reordered, added or changed.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple


class Copy(NamedTuple):
    """What makes a run a copy."""

    different: int
    """How many different paragraphs, at least."""
    letters: int
    """How long they are on average, at least, white space and quotes not counted."""
    places: frozenset[str]
    """What must be true of where the run stands."""


START, BEHIND, END, HALF = (
    "starts as the text",
    "right behind its original",
    "ends the text",
    "half of what stood before",
)

COPIES = (
    Copy(3, 50, frozenset()),
    Copy(3, 0, frozenset({START, BEHIND})),
    Copy(2, 45, frozenset({START, BEHIND})),
    Copy(2, 85, frozenset({START, END})),
    Copy(1, 85, frozenset({BEHIND, HALF})),
    Copy(5, 0, frozenset({BEHIND, HALF})),
    Copy(5, 0, frozenset({END, HALF})),
)

LONGEST_DATELINE = 40
SHORTEST_CUT = 20
MOST_PASSES = 5
"""Each takes out copies that stood inside copies; only hostile text has them this deep."""

_UNSEEN = dict.fromkeys("\"'`´“”„‟‘’‚‛«»‹›′″＂＇\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", "")
_DASHES = dict.fromkeys("‐‑‒–—―−－", "-")
_ALIKE = {**_UNSEEN, **_DASHES, "…": "..."}
_SPELLED = re.compile(f"[{''.join(_ALIKE)}]")
_REFERENCE = re.compile(
    r"[(\[]\s*(?:baca|lihat|simak)\s+juga\b[^)\]]{0,200}[)\]]|(?:^|(?<=[.!?\"”’']))\s*(?:baca|lihat|simak)\s+juga\b.{0,200}$",
    re.DOTALL,
)


def kept(paragraphs: Sequence[str], title: str | None = None) -> list[int]:
    """The indices of the paragraphs that are no part of a later copy, in order.

    >>> text = ["Presiden tiba di ibu kota.", "Ia disambut ratusan warga.", "Pertemuan berlangsung dua jam."]
    >>> kept([*text, *text])
    [0, 1, 2]
    >>> kept([*text, *['"Tidak," jawabnya.'] * 3])
    [0, 1, 2, 3, 4, 5]
    """
    keys = _openings_alike([letters(paragraph) for paragraph in paragraphs])
    stay = list(range(len(keys)))
    for _ in range(MOST_PASSES):
        gone = _gone(stay, keys, letters(title or ""))
        if not gone:
            break
        stay = [index for index in stay if index not in gone]
    return stay


def letters(paragraph: str) -> str:
    """What the spellings of a paragraph have in common; empty for a cross reference."""
    text = unicodedata.normalize("NFC", paragraph).casefold()
    if "juga" in text:
        text = _REFERENCE.sub("", text)
    return _SPELLED.sub(lambda found: _ALIKE[found[0]], "".join(text.split()))  # str.translate: five times as long


def _openings_alike(keys: list[str]) -> list[str]:
    opening = next(filter(None, keys), "")
    return [opening if key and _differ_by_dateline(key, opening) else key for key in keys]


def _differ_by_dateline(one: str, other: str) -> bool:
    short, long = (one, other) if len(one) < len(other) else (other, one)
    extra = len(long) - len(short)
    return 0 < extra <= LONGEST_DATELINE and long[extra - 1] == "-" and long.endswith(short)


def _gone(stay: list[int], keys: list[str], heading: str) -> set[int]:
    """The indices that go: of each copy, with the cross references in it, and those that are left at the end."""
    text = [index for index in stay if keys[index]]
    pieces = list(_pieces([keys[index] for index in text]))
    if len({key for _, key in pieces}) == len(pieces):
        return set()
    places = [text[number] for number, _ in pieces]
    starts = [place + (place == before) for before, place in pairwise([-1, *places])]
    ends = [place + (place != after) for place, after in pairwise([*places, -1])]
    ends[-1:] = [len(keys)]
    copies = _copies([key for _, key in pieces], heading)
    return {index for begin, end in copies for index in range(starts[begin], ends[end - 1])}


def _pieces(keys: list[str]) -> Iterator[tuple[int, str]]:
    """(number, key) of each paragraph; both keys of two neighbours elsewhere where a paragraph is these two in one."""
    glued = {one + other: (one, other) for one, other in pairwise(keys)}
    for number, key in enumerate(keys):
        yield from ((number, piece) for piece in glued.get(key, (key,)))


def _copies(keys: list[str], heading: str) -> Iterator[tuple[int, int]]:
    """(begin, end) of each copy."""
    for start, original, length in _runs(keys):
        titled = original == 0 and length < start and keys[start - 1] == heading
        begin = start - titled
        places = {
            START: original == 0,
            BEHIND: original + length >= begin,
            END: start + length == len(keys),
            HALF: 2 * length >= begin,
        }
        if _is_copy(set(keys[original : original + length]), {place for place, true in places.items() if true}):
            yield begin, start + length


def _is_copy(different: set[str], places: set[str]) -> bool:
    mean = sum(map(len, different)) / len(different)
    return any(len(different) >= row.different and mean >= row.letters and row.places <= places for row in COPIES)


def _runs(keys: list[str]) -> Iterator[tuple[int, int, int]]:
    """(start, start of its original, length) of each run, in linear time.

    A run goes on as long as it is in step; a new one reaches back to where the one before it began, at most.
    """
    first: dict[str, int] = {}
    start = original = length = 0
    for here, key in enumerate(keys):
        if length and _same(keys[original + length], key, last=here == len(keys) - 1):
            length += 1
        else:
            if length:
                yield start, original, length
            floor, start, original, length = start, here, first.get(key, 0), int(key in first)
            while length and original and start > floor and keys[start - 1] == keys[original - 1]:
                start, original, length = start - 1, original - 1, length + 1
        first.setdefault(key, here)
    if length:
        yield start, original, length


def _same(earlier: str, later: str, *, last: bool) -> bool:
    cut = later.rstrip(".")
    return earlier == later or (last and len(cut) >= SHORTEST_CUT and earlier.startswith(cut))
