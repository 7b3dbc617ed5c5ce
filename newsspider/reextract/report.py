"""A difference, written down: text, or a page that stands for itself, by the ending of its name.

What stands in it comes from the site, from anyone: it is shown, and never obeyed, by a terminal or by a browser.
"""

import json
from collections.abc import Iterator, Sized
from html import escape
from itertools import takewhile
from pathlib import Path
from typing import Any

from newsspider.reextract.diff import KINDS, Changes, Difference, Example

LONGEST = 300
"""Characters that are shown of a value."""
BEFORE = 60
"""Characters that are shown of what two long texts begin with alike."""
PAGES = (".html", ".htm")

STYLE = """
:root { color-scheme: light dark; } body { font: 15px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto;
padding: 0 1em; } table { border-collapse: collapse; } th, td { padding: .2em .9em .2em 0; text-align: right;
border-bottom: 1px solid #8884; } th:first-child, td:first-child { text-align: left; } h2 { margin-top: 2em; }
.none { opacity: .45; } p { overflow-wrap: anywhere; } del, ins { display: block; text-decoration: none; padding: .1em
.5em; overflow-wrap: anywhere; } del { background: #e5534b2e; } ins { background: #57ab5a2e; }
del::before { content: "old "; opacity: .6; } ins::before { content: "new "; opacity: .6; }
"""
HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Extracted again</title><style>{style}</style></head><body>
"""
TAIL = "</body></html>\n"


def written(difference: Difference, path: Path) -> str:
    """The report, in the form that its name asks for."""
    lines = _page(difference) if path.suffix.lower() in PAGES else _text(difference)
    return "\n".join(lines) + "\n"


def _totals(difference: Difference) -> list[tuple[str, int, list[str]]]:
    changed = difference.compared - difference.same
    return [
        ("articles compared", difference.compared, []),
        ("the same", difference.same, []),
        ("changed", changed, []),
        ("only new: old does not have them", difference.new, difference.new_urls),
        ("only old: no kept page gave them", difference.missing, difference.missing_urls),
    ]


def shown(value: Any) -> str:
    """A value on one line, with nothing in it that a terminal would obey.

    >>> shown("Judul\\x1b[2J"), shown(None), shown(["a"])
    ('"Judul\\\\u001b[2J"', 'null', '["a"]')
    """
    text = json.dumps(value, ensure_ascii=False)
    text = "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} … ({len(text)} characters)"


def _pair(example: Example) -> tuple[str, str]:
    """Old and new, so that one sees where they part."""
    old, new = example.old, example.new
    if isinstance(old, str) and isinstance(new, str) and max(len(old), len(new)) > LONGEST:
        alike = sum(1 for _ in takewhile(lambda letters: letters[0] == letters[1], zip(old, new, strict=False)))
        if (begin := alike - BEFORE) > 0:
            return f"… {shown(old[begin:])}", f"… {shown(new[begin:])}"
    return shown(old), shown(new)


def _some(number: int, shown_of_it: Sized) -> str:
    """How many of so many are shown."""
    return f"; {len(shown_of_it)} of them" if len(shown_of_it) < number else ""


# Text


def _text(difference: Difference) -> Iterator[str]:
    yield f"Extracted again, against {shown(difference.against)[1:-1]}"
    yield ""
    for name, number, urls in _totals(difference):
        yield f"{number:>9,}  {name}"
        yield from (f"           {shown(url)[1:-1]}" for url in urls)
    yield ""
    yield f"{'field':<16}" + "".join(f"{kind:>10}" for kind in KINDS)
    for name, changes in difference.fields.items():
        yield f"{name:<16}" + "".join(f"{changes.counts[kind]:>10,}" for kind in KINDS)
    for name, kind, number, examples in _examples(difference):
        yield ""
        yield f"{name}, {number:,} {kind}{_some(number, examples)}:"
        for example in examples:
            yield f"  {shown(example.url)[1:-1]}"
            old, new = _pair(example)
            yield f"    - {old}"
            yield f"    + {new}"


def _examples(difference: Difference) -> Iterator[tuple[str, str, int, list[Example]]]:
    for name, changes in difference.fields.items():
        for kind in KINDS:
            if examples := getattr(changes, kind):
                yield name, kind, changes.counts[kind], examples


# Page


def _page(difference: Difference) -> Iterator[str]:
    yield HEAD.format(style=STYLE)
    yield f"<h1>Extracted again</h1><p>against {escape(shown(difference.against)[1:-1])}</p><table>"
    for name, number, _ in _totals(difference):
        yield f"<tr><td>{name}</td><td>{number:,}</td></tr>"
    yield "</table><h2>Fields</h2><table>" + _row("th", "field", *KINDS)
    for name, changes in difference.fields.items():
        yield _row("td", _link(name, changes), *(_number(changes.counts[kind]) for kind in KINDS))
    yield "</table>"
    for name, number, urls in _totals(difference):
        if urls:
            yield f"<h2>{name}</h2><p>{number:,}{_some(number, urls)}:</p>" + "".join(map(_address, urls))
    told = ""
    for name, kind, number, examples in _examples(difference):
        yield f'<h2 id="{name}">{name}</h2>' if name != told else ""
        yield f"<p><b>{number:,} {kind}</b>{_some(number, examples)}:</p>"
        yield from map(_example, examples)
        told = name
    yield TAIL


def _row(tag: str, *cells: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"


def _link(name: str, changes: Changes) -> str:
    return f'<a href="#{name}">{name}</a>' if any(changes.counts.values()) else name


def _number(number: int) -> str:
    return f"{number:,}" if number else '<span class="none">0</span>'


def _example(example: Example) -> str:
    old, new = map(escape, _pair(example))
    return f"{_address(example.url)}<del>{old}</del><ins>{new}</ins>"


def _address(url: str) -> str:
    text = escape(shown(url)[1:-1])
    leads = url.startswith(("https://", "http://"))
    return f'<p><a href="{escape(url)}" rel="noreferrer">{text}</a></p>' if leads else f"<p>{text}</p>"
