"""The files behind a project: found on a search path, read, and `extends` followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edgewright.errors import UserError, did_you_mean
from edgewright.sections.section import Key
from edgewright.spec._renamed import renamed
from edgewright.spec.target import merge
from edgewright.spec.toml_text import TomlFile, read_toml


@dataclass(frozen=True)
class Layered(TomlFile):
    """A file laid over the files that it extends: `where` names the one that a key stands in."""

    below: tuple[TomlFile, ...] = field(default=())

    def where(self, key: Key = ()) -> str:
        """Place of a key, in the topmost file that has it."""
        for size in range(len(key), 0, -1):
            for file in (self, *self.below):
                if key[:size] in file.lines:
                    return TomlFile.where(file, key)
        return TomlFile.where(self, key)


def find(folders: Sequence[Path], pattern: str, root: Path) -> dict[str, tuple[Path, str]]:
    """Files that match in any of the folders: the path and how messages call it. The first folder wins.

    They are known by their stems, or by their folders where the pattern asks for a file of one name in any folder.
    """
    found: dict[str, tuple[Path, str]] = {}
    for folder in folders:
        for path in sorted(folder.glob(pattern)):
            name = path.parent.name if "/" in pattern else path.stem
            found.setdefault(name, (path, _shown(path, root)))
    return found


def read_all(found: Mapping[str, tuple[Path, str]], errors: list[UserError]) -> dict[str, TomlFile]:
    """Every file that is TOML, by name; the faults of the others go to `errors`."""
    files: dict[str, TomlFile] = {}
    for name, (path, shown) in found.items():
        if file := _read(path, shown, errors):
            files[name] = file
    return files


def _read(path: Path, shown: str, errors: list[UserError]) -> TomlFile | None:
    try:
        return renamed(read_toml(path, shown))
    except UserError as error:
        errors.append(error)
        return None


def resolve_extends(name: str, files: Mapping[str, TomlFile], errors: list[UserError]) -> TomlFile | None:
    """`files[name]` with all that it extends below it; None when a link of the chain is wrong."""
    chain: list[TomlFile] = []
    seen: list[str] = []
    current: str | None = name
    while current is not None:
        if current in seen:
            errors.append(UserError(chain[0].where(("extends",)), "extends itself", got=" -> ".join([*seen, current])))
            return None
        chain.append(files[current])
        seen.append(current)
        base = files[current].data.get("extends")
        if base is not None and base not in files:
            errors.append(_no_such_base(files[current], base, files))
            return None
        current = base
    return _lay(chain)


def _lay(chain: Sequence[TomlFile]) -> TomlFile:
    data: dict[str, Any] = {}
    for file in reversed(chain):
        data.pop("search", None)  # what may vary of a target is not what may vary of those that extend it
        data = merge(data, file.data)
    data.pop("extends", None)
    return Layered(chain[0].path, data, chain[0].lines, chain[0].written, tuple(chain[1:]))


def _no_such_base(file: TomlFile, base: object, files: Mapping[str, TomlFile]) -> UserError:
    return UserError(
        file.where(("extends",)),
        "no such target",
        got=base,
        allowed=sorted(files),
        hint=did_you_mean(str(base), files),
    )


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
