"""Who may import whom, and that names agree."""

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

import newsspider
from newsspider.items import Article

PACKAGE = Path(newsspider.__file__).parent
PURE = {"items", "text", "dates"}
MAY_IMPORT = {
    "items": set(),
    "text": set(),
    "dates": set(),
    "loaders": PURE,
    "sites": PURE | {"loaders"},
    "pipelines": PURE,
    "feeds": PURE,
    "download": set(),
    "cases": {"items"},
    "warc": set(),
    "browser": {"items", "pipelines", "download"},
    "spiders": {"items", "sites"},
    "reextract": {"items", "exits", "spiders", "download", "warc", "feeds", "ledger"},
    "progress": {"items", "spiders"},
    "settings": set(),
    "exits": set(),
    "ledger": {"items", "exits", "feeds"},
    "monitor": {"items", "sites", "cases", "ledger", "exits"},
    "verify": PURE | {"feeds", "sites", "pipelines"},
    "corpus": {"items", "ledger", "feeds"},
    "report": {"items", "dates", "exits", "feeds", "ledger"},
    "alerts": {"ledger", "exits"},
    "commands": {
        "items",
        "spiders",
        "cases",
        "feeds",
        "sites",
        "ledger",
        "report",
        "corpus",
        "verify",
        "reextract",
        "exits",
    },
}
FORBIDDEN = {
    "sites": {"socket", "aiohttp", "urllib.request", "pathlib", "os", "time", "datetime.now"},
    "pipelines": {"socket", "aiohttp", "urllib.request", "pathlib", "os", "io"},
    "text": {"scrapy"},
    "dates": {"scrapy", "time"},
}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "newsspider" and parts[1] != "__version__":
            assert parts[1] == room(path) or parts[1] in MAY_IMPORT[room(path)], f"{path} imports {name}"
        for forbidden in FORBIDDEN.get(room(path), ()):
            assert not f"{name}.".startswith(f"{forbidden}."), f"{path} imports {name}"


def test_every_room_stands_on_the_map() -> None:
    rooms = {room(path) for path in SOURCES}
    assert rooms == set(MAY_IMPORT)
    for name in rooms - {"progress"}:
        assert name in (newsspider.__doc__ or ""), name


def test_spiders_hold_no_selectors() -> None:
    for path in (PACKAGE / "spiders").glob("*.py"):
        calls = (node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
        assert not [call.attr for call in calls if isinstance(call, ast.Attribute) and call.attr in ("css", "xpath")]


def test_every_field_is_explained_in_the_data_sheet() -> None:
    body = next(
        node
        for node in ast.parse((PACKAGE / "items.py").read_text("utf-8")).body
        if getattr(node, "name", "") == "Article"
    )
    assert isinstance(body, ast.ClassDef)
    explained = {
        field.target.id
        for field, after in zip(body.body, body.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(after, ast.Expr)
    }
    assert explained == {field.name for field in fields(Article)}
