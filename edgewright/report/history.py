"""The project's history: a file with one line of JSON for each build whose figures are new, which only grows.

A line names target, model and commit, and has no date of its own but the commit's: the same builds of the same commits
give the same lines, but for what their stages took. It may be committed, or kept by a CI job; a build that finds none
begins one.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from edgewright.errors import UserError
from edgewright.files import canonical_json
from edgewright.metrics import ACCURACY
from edgewright.report.figures import COMPARED, METRIC, Figure, Report, terms_of

SCHEMA = 1

TOOK = "took"
"""Key of a line: what the stages of the build took, by module. It makes no line new."""

FIGURES: Mapping[str, Figure] = {".".join(figure.path): figure for figure in COMPARED}
"""The figures of a line by their keys, which are their places in the report: "flash.total_bytes"."""

Line = Mapping[str, Any]


def line_of(report: Report, commit: Mapping[str, Any]) -> dict[str, Any]:
    """The line of a build; `commit` has "commit", "date" and "changed"."""
    values = {key: figure.value(report) for key, figure in FIGURES.items()}
    figures = {key: value for key, value in values.items() if value is not None}
    broken = [row["name"] for row in report["budget"] if row["ok"] is False]
    names = {"target": report["target"], "model": report["model"]}
    line = {"schema": SCHEMA, **names, **commit, "figures": figures, "broken": broken}
    terms = terms_of(report)
    return line if terms == ACCURACY else {**line, "metric": terms.as_json()}


def without_times(line: Line) -> Line:
    """A line as equal builds have it."""
    return {key: value for key, value in line.items() if key != TOOK}


def text_of(figure: Figure, value: float, line: Line) -> str:
    """A figure of a line for people."""
    return figure.text(value, as_report(line))


def title_of(key: str, lines: Sequence[Line]) -> str:
    """What heads a figure of several lines: their metric by its name, or "metric" where it is not the same in all."""
    if FIGURES[key] is not METRIC:
        return FIGURES[key].title
    titles = {terms_of(as_report(line)).title for line in lines if key in line["figures"]}
    return titles.pop() if len(titles) == 1 else "metric"


def as_report(line: Line) -> Report:
    """What tells how the metric of a line is read."""
    return {"accuracy": line.get("metric") or {}}


def commit_of(line: Line) -> str:
    """The commit of a line for people, and whether files had changed since."""
    name = str(line.get("commit") or "")[:9] or "none"
    return f"{name}, changed" if line.get("changed") else name


def record(path: Path, line: Line) -> list[Line]:
    """Add a line, unless it is the last of its target and model already; gives the lines of these two.

    Builds at once wait for each other, and a line is written in one go: a build that is killed leaves at most half a
    line at the end, which the next one ends and readers pass over.

    Raises:
        UserError: the file cannot be written.
    """
    try:
        with path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            known = list(_lines(file, line["target"], line["model"]))
            if not known or without_times(known[-1]) != without_times(line):
                _append(file, line)
                known.append(line)
    except OSError as error:
        raise UserError(
            str(path), f"cannot be written: {error.strerror}", hint="a build adds its figures to it"
        ) from None
    return known


def read(path: Path, target: str | None = None, model: str | None = None) -> list[Line]:
    """The lines of a file, the oldest first, all of them or those of one target or model; none where there is none."""
    try:
        with path.open("rb") as file:
            return list(_lines(file, target, model))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UserError(str(path), f"cannot be read: {error.strerror}") from None


def _append(file: BinaryIO, line: Line) -> None:
    size = file.seek(0, os.SEEK_END)
    whole = True
    if size:
        file.seek(size - 1)
        whole = file.read(1) == b"\n"
    file.write((b"" if whole else b"\n") + canonical_json(line).encode() + b"\n")


def _lines(file: BinaryIO, target: str | None, model: str | None) -> Iterator[Line]:
    """What can be read; a line that is damaged is passed over."""
    file.seek(0)
    for text in file:
        line = _line(text)
        if line and target in (None, line["target"]) and model in (None, line["model"]):
            yield line


def _line(text: bytes) -> Line | None:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(line, dict) or line.get("schema") != SCHEMA or not isinstance(line.get("figures"), dict):
        return None
    words = all(isinstance(line.get(key), str) for key in ("target", "model"))
    numbers = all(_is_number(value) for value in line["figures"].values())
    return line if words and numbers else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
