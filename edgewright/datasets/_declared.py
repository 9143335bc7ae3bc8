"""Data that model.toml declares: what all forms of files share, from keys to the three parts.

A form is a module of this folder with OPTIONS, see the package.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from edgewright import kinds
from edgewright.datasets._check import checked
from edgewright.datasets._files import expanded
from edgewright.datasets._forms import Part
from edgewright.datasets._splits import Splits, normal_alone
from edgewright.errors import UserError, did_you_mean
from edgewright.files import sha256_file
from edgewright.sections.data import Data
from edgewright.sections.section import Section
from edgewright.sections.task import Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHA256 = kinds.Kind("64 hexadecimal digits", r"[0-9a-f]{64}", example="0" * 64)
NUMBERS = ("regression", "binary", "multi-label", "reconstruction")
"""Kinds of tasks whose truth is read as numbers, not as names of classes."""


class Declared(Section):
    """Keys that all forms have; paths are relative to the model's folder."""

    path: kinds.Path = Field(description="where the examples are, relative to the model's folder", examples=["data"])
    test: float = Field(default=0.2, gt=0, lt=1, description="share of the examples that is the test")
    test_path: kinds.Path | None = Field(
        default=None, description="where the test examples are, in place of a share", examples=["test"]
    )
    validation_path: kinds.Path | None = Field(
        default=None, description="where the validation examples are, in place of a share", examples=["validation"]
    )
    group: kinds.Line | None = Field(
        default=None,
        description="column, array or field of the pattern whose values stay in one part: a person, a machine",
        examples=["speaker"],
    )
    seed: int = Field(default=0, ge=0, description="of the choice of test and validation examples")
    sha256: Annotated[str, SHA256] | None = Field(
        default=None,
        description="checksum of the file, or of all files below the folder, with those of test_path and "
        "validation_path; another content is refused",
    )
    classes: list[kinds.Line] | None = Field(
        default=None,
        description="names of the classes in the order of their numbers; left out: sorted",
        examples=[["no", "yes"]],
    )


@dataclass(frozen=True)
class Examples:
    """What a form reads of one place.

    Attributes:
        x: the inputs, [N, ...].
        y: one name of a class each, or numbers: [N] or [N, ...].
        groups: what each belongs to; None where nothing was asked for.
        names: what lists call them; None where examples have no names.
    """

    x: Any
    y: Sequence[str] | NDArray[Any]
    groups: Sequence[str] | None = None
    names: Sequence[str] | None = None


def options_of(module: ModuleType, data: Data) -> Any:
    """The keys of `[data]` that are the form's own."""
    return module.OPTIONS.model_validate(data.more)


def places(options: Declared, folder: Path) -> dict[str, Path]:
    """The files or folders with examples; UserError where one is not there."""
    named = {"path": options.path, "test_path": options.test_path, "validation_path": options.validation_path}
    found = {key: folder / path for key, path in named.items() if path is not None}
    for key, path in found.items():
        if not path.exists():
            where = f"{folder}/model.toml: data.{key}"
            raise UserError(where, "no such file or folder", got=str(path), hint="paths are relative to model.toml")
    return found


def names_of(options: Declared, found: Iterable[str]) -> tuple[str, ...]:
    """Names of the classes in the order of their numbers."""
    if options.classes is not None:
        return tuple(options.classes)
    names = set(found)
    return tuple(sorted(names, key=(lambda name: (int(name), name)) if all(map(str.isdecimal, names)) else str))


def load_declared(module: ModuleType, data: Data, folder: Path, task: Task) -> Splits:
    """The parts that a `[data]` with a form's keys declares.

    Args:
        module: the form.
        data: the section.
        folder: the model's folder.
        task: what the model is for.

    Raises:
        UserError: a file is missing, damaged or of another content, a class is unknown, a part has no example.
    """
    options = options_of(module, data)
    found = places(options, folder)
    where = f"{folder}/model.toml: data"
    _pinned(options, found, where)
    read = {key: module.read(options, path, task) for key, path in found.items()}
    classes = module.classes(options, folder) if task.kind not in NUMBERS else ()
    parts = {key.removesuffix("_path"): Part(each.x, _truth(each.y, classes, where)) for key, each in read.items()}
    whole = checked({"train": parts.pop("path"), **parts}, where, task)
    given = _given(options, read["path"].names or (), folder)
    chosen = _divided(whole, _Choice(read["path"].groups, given), options, data, where)
    limited = {name: (x[: data.limit], y[: data.limit]) for name, (x, y) in chosen.items()}
    return normal_alone(Splits(*limited["train"], *limited["validation"], *limited["test"]), task)


def _truth(y: Sequence[str] | NDArray[Any], classes: Sequence[str], where: str) -> Any:
    import numpy as np

    if not classes:
        return y
    numbers = {name: number for number, name in enumerate(classes)}
    if unknown := sorted({str(name) for name in y} - set(numbers)):
        hint = did_you_mean(unknown[0], classes)
        raise UserError(f"{where}.classes", "lacks a class of the examples", got=unknown[0], allowed=classes, hint=hint)
    return np.array([numbers[str(name)] for name in y])


def _given(options: Declared, names: Sequence[str], folder: Path) -> dict[str, NDArray[np.int64]]:
    """Numbers of the examples that lists name, by part."""
    import numpy as np

    numbers = {name: number for number, name in enumerate(names)}
    found: dict[str, NDArray[np.int64]] = {}
    for part in ("test", "validation"):
        listed: str | None = getattr(options, f"{part}_list", None)
        if listed is not None:
            wanted = _lines(folder / listed)
            if unknown := next((name for name in wanted if name not in numbers), None):
                hint = did_you_mean(unknown, names) or "a line is the path of a file below [data] path"
                raise UserError(str(folder / listed), "names no example", got=unknown, hint=hint)
            found[part] = np.array(sorted({numbers[name] for name in wanted}), np.int64)
    return found


def _lines(path: Path) -> list[str]:
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(str(path), f"is no list of examples: {error}", hint="a name a line") from None


@dataclass(frozen=True)
class _Choice:
    """What decides which part an example belongs to: its group, and the numbers of those that lists name."""

    groups: Sequence[str] | None
    given: Mapping[str, NDArray[np.int64]]


def _divided(
    parts: Mapping[str, tuple[Any, Any]], choice: _Choice, options: Declared, data: Data, where: str
) -> dict[str, tuple[Any, Any]]:
    """Test and validation examples taken off the training examples, where they do not lie apart."""
    import numpy as np

    (x, y), groups = parts["train"], choice.groups
    rest = _in_random_order(len(x), y, groups, options.seed)
    found = dict(parts)
    for name, numbers in choice.given.items():
        found[name] = (x[numbers], y[numbers])
        rest = rest[~np.isin(rest, numbers)]
    wanted = {"test": round(len(x) * options.test) or 1, "validation": data.validation_of(len(x))}
    for name in ("test", "validation"):
        if name not in found:
            taken, rest = _taken(rest, wanted[name], groups)
            found[name] = (x[taken], y[taken])
    found["train"] = (x[rest], y[rest])
    if empty := next((name for name, (inputs, _) in found.items() if not len(inputs)), None):
        got = f"{len(x)} examples" + (f" of {len(set(groups))} groups" if groups is not None else "")
        raise UserError(where, f"no {empty} example is left", got=got, hint="lower test and validation, or bring more")
    return found


def _in_random_order(count: int, y: Any, groups: Sequence[str] | None, seed: int) -> NDArray[np.int64]:
    """Numbers of examples: those of a group together; without groups every stretch has the classes in their shares."""
    import numpy as np

    random = np.random.default_rng(seed)
    order = random.permutation(count)
    if groups is not None:
        names = sorted(set(groups))
        place = {name: int(number) for name, number in zip(names, random.permutation(len(names)), strict=True)}
        return order[np.argsort([place[groups[index]] for index in order], kind="stable")]
    labels = np.asarray(y)[order] if getattr(y, "ndim", 0) == 1 else np.zeros(count)
    shares = np.zeros(count)
    for label in np.unique(labels):
        those = np.flatnonzero(labels == label)
        shares[those] = (np.arange(len(those)) + random.random()) / len(those)
    return order[np.argsort(shares, kind="stable")]


def _taken(
    order: NDArray[np.int64], wanted: int, groups: Sequence[str] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first examples and the rest, no group in both: at least one group, and as many as make the number."""
    import numpy as np

    if groups is not None and len(order):
        of = np.array([groups[index] for index in order])
        ends = np.flatnonzero(np.append(of[1:] != of[:-1], True)) + 1
        wanted = int(ends[np.abs(ends - wanted).argmin()])
    return np.sort(order[:wanted]), order[wanted:]


def _pinned(options: Declared, places: Mapping[str, Path], where: str) -> None:
    if options.sha256 is None:
        return
    found = checksum_of(places)
    if found != options.sha256:
        hint = f'if this content is right, write sha256 = "{found}"'
        raise UserError(f"{where}.sha256", "the data are not those that were pinned", got=found, hint=hint)


def checksum_of(places: Mapping[str, Path]) -> str:
    """Checksum of a place; of several, that of their keys and checksums as lines, so that none is left unpinned."""
    sums = {key: checksum(path) for key, path in places.items()}
    if len(sums) == 1:
        return next(iter(sums.values()))
    return hashlib.sha256("".join(f"{found}  {key}\n" for key, found in sums.items()).encode()).hexdigest()


def checksum(path: Path) -> str:
    """SHA-256 of a file; of a folder, that of the names and checksums of its files, as `sha256sum` writes them."""
    if path.is_file():
        return sha256_file(path)
    lines = (f"{sha256_file(file)}  {file.relative_to(path).as_posix()}\n" for file in expanded([path], str(path)))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def library(name: str, package: str, what: str) -> Any:
    """A library that only this form needs; UserError with the command that installs it."""
    try:
        return import_module(name)
    except ImportError:
        hint = 'pip install "edgewright[data]"'
        raise UserError(f"[data] {what}", f"needs the package {package}, which is not installed", hint=hint) from None
