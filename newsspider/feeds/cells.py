"""How a field stands in a cell of a CSV feed, and how it is read back.

Text stands as it is and an empty cell is None; lists, numbers and booleans are JSON. Text that a spreadsheet would take
for a formula gets an apostrophe before it, as OWASP advises (CSV Injection); reading takes it off.
"""

import csv
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_origin, get_type_hints

from newsspider.items import Article

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_JSON = frozenset(
    name for name, hint in get_type_hints(Article).items() if get_origin(hint) is list or hint in (int, bool)
)


def to_cell(value: Any) -> str:
    """
    >>> to_cell(["a, b", "c"]), to_cell(None), to_cell("=1+1"), to_cell(True)
    ('["a, b", "c"]', '', "'=1+1", 'true')
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return f"'{value}" if _FORMULA.match(value) else value


def from_cell(name: str, cell: str) -> Any:
    """
    >>> from_cell("tags", '["a, b"]'), from_cell("title", "'=1+1"), from_cell("title", "")
    (['a, b'], '=1+1', None)
    """
    if not cell:
        return None
    if name in _JSON:
        return json.loads(cell)
    return cell[1:] if _GUARDED.match(cell) else cell


def read_csv(path: str | Path) -> Iterator[dict[str, Any]]:
    """The articles of a CSV feed (also .gz) with the values that the JSON feeds have, one dict an article."""
    opened = gzip.open if str(path).endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        csv.field_size_limit(2**31 - 1)
        for row in csv.DictReader(file):
            yield {name: from_cell(name, cell) for name, cell in row.items()}
