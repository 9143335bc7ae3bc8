"""The page of one build."""

from __future__ import annotations

from collections.abc import Callable

from edgewright.report.page import _answers, _head, _history, _layers, _memory, _steps, _together, _training, _weights
from edgewright.report.page._build import Build
from edgewright.report.page._parts import Cell, Page, Part, Section, Table, Text
from edgewright.report.page._sources import HOW, present

_SECTIONS: tuple[Callable[[Build], Section | None], ...] = (
    _together.section,
    _steps.section,
    _layers.section,
    _memory.section,
    _weights.section,
    _answers.section,
    _training.section,
)

UP = "../../report.html"
"""From a build's page to that of all builds."""


def page_of(build: Build) -> Page:
    """The page of one target and one model."""
    report = build.report
    text, state = _head.verdict(report)
    found = [*(make(build) for make in _SECTIONS), _history.section(build.history), _sources(build)]
    core = (report["latency"] or {}).get("cpu")
    place = ", ".join(str(part) for part in (report["board"], core, report["runtime"]) if part)
    return Page(
        title=f"{report['model']} on {report['target']}",
        subtitle=place,
        verdict=text,
        state=state,
        blame=_head.blame(report),
        tiles=_head.tiles(report),
        sections=[section for section in found if section],
        up=UP,
        foot=f"Edgewright {report['tools'].get('edgewright', '')}".strip(),
    )


def _sources(build: Build) -> Section:
    """How each figure was got, and how to get it again."""
    rows = [
        [
            Cell(source.figure.name(build.report)),
            Cell(source.figure.text(value, build.report), value),
            Cell(source.how(build.report)),
            Cell(source.note(build.report) or "-"),
            Cell(f"{build.command} {source.goal}"),
        ]
        for source, value in present(build.report)
    ]
    columns = ("figure", "value", "how", "of what", "command that makes it again")
    table = Table("Figures", columns, rows, frozenset({1}), code=frozenset({4}), cards=True)
    tools = [[Cell(name), Cell(str(version))] for name, version in build.report["tools"].items()]
    files = [[Cell(name), Cell(digest)] for name, digest in build.report["artifacts"].items()]
    words = [[Cell(word), Cell(text)] for word, text in HOW.items()]
    parts: list[Part] = [
        table,
        Text(f"The steps, layers, weights, answers and trainings of this page are made again by: {build.command}"),
        Table("The words", ("how", "what it means"), words, half=True),
        Table("Files", ("file", "SHA-256"), files, code=frozenset({0, 1})),
        Table("Tools", ("tool", "version"), tools, half=True),
    ]
    return Section("sources", "Sources", parts)
