"""An .npz file of NumPy, with an array of inputs and one of labels."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from edgewright import kinds
from edgewright.datasets._declared import NUMBERS, Declared, Examples, names_of, places
from edgewright.errors import UserError
from edgewright.sections.task import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray


PACKAGES = ("numpy",)


class Options(Declared):
    """Keys of `[data]`."""

    x: kinds.Line = Field(default="x", description="name of the array of inputs, [N, ...]")
    y: kinds.Line = Field(default="y", description="name of the array of labels: numbers or names of classes, [N, ...]")


OPTIONS = Options


def sources(options: Options, folder: Path) -> list[Path]:
    """The files."""
    return list(places(options, folder).values())


def classes(options: Options, folder: Path) -> tuple[str, ...]:
    """Names of the classes, in the order of their numbers; none where labels are numbers that nobody named."""
    if options.classes is not None:
        return tuple(options.classes)
    y = _array(places(options, folder)["path"], options.y)
    return names_of(options, map(str, y.reshape(-1))) if y.dtype.kind == "U" else ()


def read(options: Options, path: Path, task: Task) -> Examples:
    """The arrays of a file as they are."""
    y = _array(path, options.y)
    named = options.classes is not None and y.dtype.kind in "iu" and task.kind not in NUMBERS
    truth = [_name(options.classes or (), int(number), path) for number in y.reshape(-1)] if named else y
    groups = [str(each) for each in _array(path, options.group)] if options.group else None
    return Examples(_array(path, options.x), truth, groups)


def _name(classes: Any, number: int, path: Path) -> str:
    if not 0 <= number < len(classes):
        raise UserError(str(path), "a label has no name in classes", got=number, allowed=f"0 to {len(classes) - 1}")
    return str(classes[number])


def _array(path: Path, name: str) -> NDArray[Any]:
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as file:
            if name not in file.files:
                raise UserError(str(path), "has no such array", got=name, allowed=file.files)
            return np.asarray(file[name])
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise UserError(str(path), f"is no .npz file of plain arrays: {error}") from None
