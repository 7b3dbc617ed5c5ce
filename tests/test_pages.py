"""Every saved article page gives what is expected of it: tests/pages/<site>/article/<situation>."""

import json
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from newsspider import cases

PAGES = Path(__file__).parent / "pages"
CASES = sorted(path.parent for path in PAGES.glob("*/article/*/meta.json"))


def extracted(case: Path) -> dict[str, Any]:
    """The page's article as a plain dict, and the page that comes next."""
    page = import_module(f"newsspider.sites.{case.parts[-3]}.article").read(cases.load(case))
    article = asdict(page.article)
    del article["crawled"], article["revision"], article["rendered"]  # not of the page
    return {**article, "next_url": page.next_url}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parts[-3]}-{case.name}")
def test_a_saved_page_gives_what_is_expected(case: Path, request: pytest.FixtureRequest) -> None:
    found, file = extracted(case), case / "expected.json"
    if request.config.getoption("--rewrite"):
        file.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    expected = json.loads(file.read_text(encoding="utf-8"))
    wrong = {field: (expected.get(field), found.get(field)) for field in expected.keys() | found.keys()}
    wrong = {field: pair for field, pair in wrong.items() if pair[0] != pair[1]}
    assert not wrong, "\n".join(f"{field}: expected {was!r}, found {now!r}" for field, (was, now) in wrong.items())


def test_each_layout_has_saved_pages() -> None:
    layouts = {json.loads((case / "expected.json").read_text(encoding="utf-8"))["layout"] for case in CASES}
    assert {"2015", "2018", "2021", "2024"} <= layouts
