"""The page: contents put into page.html. Style, scripts and data stand in it, and nothing else is asked for."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from newsspider import __version__
from newsspider.ledger.articles import FIELDS
from newsspider.ledger.gaps import gaps
from newsspider.report import calendar, corpus, figures, shapes, words
from newsspider.report.contents import Contents

HERE = resources.files(__package__)
PLOT_STYLE = "sha256-SgjNc3K/dJOn/wGF4KRGlSlGurHOsncfKxd6/DWDch4="
"""Of the rules that Plot puts into each drawing of the class `drawn`; a test notices when they change."""
POLICY = "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'"
SHOWN_OTHERWISE = {"url", "title", "paragraphs", "subheadings", "related", "revision"}
CONSTANTS = {
    "plain": [name for name in FIELDS if name not in SHOWN_OTHERWISE],
    "most_gaps": 50,
    "responses": figures.RESPONSES,
    "bytes": figures.BYTES,
    "version": __version__,
}
FILTERS = {name: getattr(shapes, name) for name in ("number", "share", "size", "seconds", "time", "day", "status")} | {
    "said": lambda finding, name: (shapes.share if figures.is_share(finding) else shapes.number)(finding[name]),
    "tone": lambda exitcode: words.end(exitcode)[0],
    "ended": lambda exitcode: words.end(exitcode)[1],
}


def page(contents: Contents, earlier: Mapping[int, Path]) -> str:
    """The report as HTML; `earlier`: the reports that it may lead to."""
    run, past = contents.run, contents.past
    return _template().render(
        report=contents,
        run=run,
        end=words.end(run.exitcode),
        reason=words.reason(run.reason, run.exitcode),
        took=shapes.span(run.started, run.ended),
        counts=figures.counts(past),
        table=corpus.Table(contents.days),
        fields=figures.fields(past),
        latency=figures.latency(past),
        answers=figures.answers(past),
        slowest=figures.slowest(run),
        months=calendar.months(contents.calendar),
        gaps=list(gaps(contents.calendar))[::-1],
        reports={number: file.name for number, file in earlier.items()},
        data_json=_data(contents),
        **CONSTANTS,
        **_inlined(),
    )


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= FILTERS
    environment.tests["link"] = shapes.link
    return environment.from_string((HERE / "page.html").read_text("utf-8"))


@cache
def _inlined() -> dict[str, str]:
    """Style and scripts, and the policy that lets these run and nothing else."""
    texts = {name: (HERE / path).read_text("utf-8") for name, path in INLINED.items()}
    hashes = {name: _hash(text) for name, text in texts.items()}
    policy = POLICY.format(f"{hashes['plot']} {hashes['script']}", f"{hashes['style']} '{PLOT_STYLE}'")
    return {"policy": policy, **{name: Markup(text) for name, text in texts.items()}}  # noqa: S704  # files of ours


INLINED = {"style": "page.css", "plot": "plot/plot.js", "script": "page.js"}


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _data(contents: Contents) -> Markup:
    """For the drawings, as JSON that cannot leave its element."""
    data: dict[str, Any] = {
        "runs": figures.traffic(contents.past),
        "fields": [asdict(field) for field in figures.fields(contents.past)],
        "latency": [asdict(figure) for figure in figures.latency(contents.past)],
        "days": corpus.Table(contents.days).days,
        "articles": [asdict(day) for day in contents.days],
        "calendar": calendar.cells(contents.calendar),
    }
    text = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    return Markup(text)  # noqa: S704  # no < is left in it, and all but ASCII is escaped
