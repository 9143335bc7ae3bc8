"""Folders of files, one example each: what they are called tells what they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from edgewright import kinds
from edgewright.datasets._declared import Declared, Examples, names_of, places
from edgewright.datasets._files import expanded
from edgewright.errors import UserError
from edgewright.sections.section import fault

LABEL = "label"
_FIELD = re.compile(r"\{([a-z_]+)\}")


class Files(Declared):
    """Keys of all folders of files."""

    pattern: kinds.Line | None = Field(
        default=None,
        description="name of a file with its fields; left out: the folder that it lies in is its label",
        examples=["{label}_{speaker}_{index}.wav"],
    )

    test_list: kinds.Path | None = Field(
        default=None,
        description="text file with the test examples, a path below `path` a line, in place of a share",
        examples=["test.txt"],
    )
    validation_list: kinds.Path | None = Field(
        default=None, description="the same with the validation examples", examples=["validation.txt"]
    )

    @field_validator("pattern")
    @classmethod
    def _has_a_label(cls, pattern: str | None) -> str | None:
        if pattern is not None and LABEL not in _FIELD.findall(pattern):
            raise fault("names no {label}", hint='for instance "{label}_{number}.png"')
        return pattern

    def fields(self) -> list[str]:
        """What the names of the files tell."""
        return _FIELD.findall(self.pattern) if self.pattern else [LABEL]


@dataclass(frozen=True)
class Example:
    """A file, its label, and what it belongs to."""

    path: Path
    label: str
    group: str | None


def listed(options: Files, folder: Path, suffixes: Iterable[str]) -> list[Example]:
    """The examples below a folder, sorted by path; UserError when there are none, or a name does not fit."""
    where = f"[data] path {folder}"
    endings = tuple(suffixes)
    files = [path for path in expanded([folder], where) if path.suffix.lower() in endings]
    if not files:
        raise UserError(where, "no example lies there", allowed=f"files that end in {', '.join(endings)}")
    if options.group is not None and options.group not in options.fields():
        allowed = [name for name in options.fields() if name != LABEL] or "a field of the pattern, and there is none"
        raise UserError("[data] group", "is no field of the pattern", got=options.group, allowed=allowed)
    return [_example(options, path, folder) for path in files]


def sources_of(options: Files, folder: Path) -> list[Path]:
    """The folders with examples, and the files with names of some."""
    lists = [folder / path for path in (options.test_list, options.validation_list) if path is not None]
    return [*places(options, folder).values(), *lists]


def examples(options: Files, folder: Path, suffixes: Iterable[str], values: Callable[[Path], Any]) -> Examples:
    """The examples below a folder; `values` reads one file, all to arrays of one shape."""
    import numpy as np

    found = listed(options, folder, suffixes)
    groups = [str(each.group) for each in found] if options.group else None
    names = [each.path.relative_to(folder).as_posix() for each in found]
    return Examples(np.stack([values(each.path) for each in found]), [each.label for each in found], groups, names)


def labels(options: Files, folder: Path, suffixes: Iterable[str]) -> tuple[str, ...]:
    """Names of the classes that a model's folder of examples has, without a look into the files."""
    if options.classes is not None:
        return tuple(options.classes)
    return names_of(options, (each.label for each in listed(options, places(options, folder)["path"], suffixes)))


def _example(options: Files, path: Path, folder: Path) -> Example:
    if options.pattern is None:
        if path.parent == folder:
            hint = "put it into a folder with the name of its class, or write a pattern"
            raise UserError(str(path), "lies in no folder of a class", hint=hint)
        return Example(path, path.relative_to(folder).parts[0], None)
    found = _regex(options.pattern).fullmatch(path.name)
    if found is None:
        raise UserError(str(path), "its name does not fit the pattern", allowed=options.pattern)
    fields: Mapping[str, str] = found.groupdict()
    return Example(path, fields[LABEL], fields[options.group] if options.group else None)


def _regex(pattern: str) -> re.Pattern[str]:
    """Fields are as short as they can be; one that comes twice is the same text each time."""
    seen: set[str] = set()
    parts = []
    for index, part in enumerate(_FIELD.split(pattern)):
        if index % 2 == 0:
            parts.append(re.escape(part))
        else:
            parts.append(f"(?P={part})" if part in seen else f"(?P<{part}>.+?)")
            seen.add(part)
    return re.compile("".join(parts))
