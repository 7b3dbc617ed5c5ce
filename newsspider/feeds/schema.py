"""The JSON Schema of an article, made of the data sheet.

`python -m newsspider.feeds.schema > newsspider/feeds/article.schema.json`
"""

import ast
import inspect
import json
import sys
from dataclasses import fields
from itertools import pairwise
from typing import Any, Literal, get_args, get_origin, is_typeddict

from newsspider import items
from newsspider.feeds import hints

PLAIN = {str: "string", int: "integer", bool: "boolean"}
DIALECT = "http://json-schema.org/draft-07/schema#"


def explained(item: type) -> dict[str, str]:
    """Field -> what the data sheet says of it, its own fields and those that it inherits."""
    sheet = ast.parse(inspect.getsource(items))
    bodies = {node.name: node.body for node in sheet.body if isinstance(node, ast.ClassDef)}
    found: dict[str, str] = {}
    for base in reversed(item.__mro__):
        body = bodies.get(base.__name__, [])
        for field, after in pairwise(body):
            if isinstance(field, ast.AnnAssign) and isinstance(after, ast.Expr):
                found[ast.unparse(field.target)] = " ".join(str(ast.literal_eval(after.value)).split())
    return found


def json_schema() -> dict[str, Any]:
    """Of an article in any feed or export; `cluster` is there with `--cluster` only."""
    said = explained(items.Clustered)
    return {
        "$schema": DIALECT,
        "title": "Article",
        "description": "One article of a newsspider feed.",
        "type": "object",
        "properties": {
            name: {**_schema(hint), "description": said[name]} for name, hint in hints.of(items.Clustered).items()
        },
        "required": [field.name for field in fields(items.Article)],
        "additionalProperties": False,
    }


def _schema(hint: Any) -> dict[str, Any]:
    schema = _of(hints.bare(hint))
    if hints.zone(hint):
        schema["format"] = "date-time"
    if hints.optional(hint):
        schema |= {"enum": [*schema["enum"], None]} if "enum" in schema else {"type": [schema["type"], "null"]}
    return schema


def _of(kind: Any) -> dict[str, Any]:
    if get_origin(kind) is Literal:
        return {"enum": list(get_args(kind))}
    if get_origin(kind) is list:
        return {"type": "array", "items": _schema(get_args(kind)[0])}
    if is_typeddict(kind):
        properties = {name: _schema(hint) for name, hint in hints.of(kind).items()}
        return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return {"type": PLAIN[kind]}


def text() -> str:
    """As it stands in the file."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
