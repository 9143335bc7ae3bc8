"""A CSV file whose first line names its columns; each further line is an example."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from edgewright import kinds
from edgewright.datasets._declared import NUMBERS, Declared, Examples, names_of, places
from edgewright.errors import UserError, did_you_mean
from edgewright.sections.task import Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


PACKAGES = ("numpy",)


class Options(Declared):
    """Keys of `[data]`."""

    label: list[kinds.Line] = Field(
        min_length=1,
        description="columns that are to be told: one of classes, or several of numbers",
        examples=[["kind"]],
    )
    columns: list[kinds.Line] | None = Field(
        default=None,
        description="columns that are inputs, in this order; left out: all others",
        examples=[["ax", "ay"]],
    )
    separator: kinds.Line = Field(default=",", description="what stands between two columns", examples=[";"])


OPTIONS = Options


def sources(options: Options, folder: Path) -> list[Path]:
    """The files."""
    return list(places(options, folder).values())


def classes(options: Options, folder: Path) -> tuple[str, ...]:
    """Names of the classes, in the order of their numbers."""
    if options.classes is not None:
        return tuple(options.classes)
    path = places(options, folder)["path"]
    names, rows = _rows(options, path)
    [label] = _indices(names, options.label[:1], path, "label")
    return names_of(options, (row[label] for _, row in rows))


def read(options: Options, path: Path, task: Task) -> Examples:
    """The examples of a file, float32 [N, columns]; names of classes, or numbers float32 [N, labels]."""
    names, rows = _rows(options, path)
    labels = _indices(names, options.label, path, "label")
    group = _indices(names, [options.group], path, "group") if options.group else []
    inputs = _inputs(options, names, path, {*labels, *group})
    x = _numbers(rows, inputs, names, path)
    groups = [row[group[0]] for _, row in rows] if group else None
    if task.kind in NUMBERS:
        return Examples(x, _numbers(rows, labels, names, path), groups)
    if len(labels) > 1:
        hint = 'several columns are told by [task] kind = "regression" or "multi-label"'
        raise UserError("[data] label", "names several columns", got=options.label, allowed="one", hint=hint)
    return Examples(x, [row[labels[0]] for _, row in rows], groups)


def _rows(options: Options, path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Names of the columns, and each example with its line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=options.separator, skipinitialspace=True, strict=True)
            names = [name.strip() for name in next(reader, [])]
            rows = [(reader.line_num, row) for row in reader if row]
    except (OSError, UnicodeDecodeError, csv.Error, TypeError) as error:
        raise UserError(str(path), f"is no table that can be read: {error}") from None
    if not rows:
        raise UserError(str(path), "holds no example", allowed="a line with names of columns, then a line an example")
    for line, row in rows:
        if len(row) != len(names):
            raise UserError(f"{path}:{line}", "has another number of columns", got=len(row), allowed=f"{len(names)}")
    return names, rows


def _indices(names: Sequence[str], wanted: Sequence[str], path: Path, key: str) -> list[int]:
    for name in wanted:
        if name not in names:
            hint = did_you_mean(name, names) or f"the first line of {path} names the columns"
            raise UserError(f"[data] {key}", "no such column", got=name, allowed=names, hint=hint)
    return [names.index(name) for name in wanted]


def _inputs(options: Options, names: Sequence[str], path: Path, others: set[int]) -> list[int]:
    if options.columns is not None:
        return _indices(names, options.columns, path, "columns")
    found = [index for index in range(len(names)) if index not in others]
    if not found:
        raise UserError(str(path), "has no column that is an input", got=", ".join(names))
    return found


def _numbers(
    rows: Sequence[tuple[int, list[str]]], columns: Sequence[int], names: Sequence[str], path: Path
) -> NDArray[np.float32]:
    import numpy as np

    found = np.empty((len(rows), len(columns)), np.float32)
    for index, (line, row) in enumerate(rows):
        for place, column in enumerate(columns):
            try:
                found[index, place] = float(row[column])
            except ValueError:
                hint = "name the columns that are inputs: [data] columns"
                problem = f"column {names[column]} holds no number"
                raise UserError(f"{path}:{line}", problem, got=row[column], hint=hint) from None
    return found
