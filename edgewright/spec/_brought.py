"""What somebody brings in place of a model that is trained here: found, and looked at before anything is built."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright import kinds, registry
from edgewright.errors import UserError


@dataclass(frozen=True)
class Source:
    """A file, a folder or a function that an importer takes.

    Attributes:
        path: as the user calls it, from the project's folder.
        importer: which takes it.
        files: what is read of it.
        keras: whether it becomes a Keras model, which passes work on; None: it is a .tflite at once.
        stops: why it does not.
    """

    path: str
    importer: str
    files: tuple[str, ...]
    keras: bool | None = None
    stops: tuple[str, ...] = ()


def source_of(path: str, where: str, root: Path | None = None) -> Source:
    """What stands at `path`, of the project's folder; `root` is that folder where it is not the current one.

    Raises:
        UserError: no importer takes it, it is not there, or it is none of its kind.
    """
    name = registry.importer_of(path)
    if name is None:
        raise registry.unimported(where, path, root)
    module = registry.importers.load(name)
    if hasattr(module, "read"):
        if not ((root or Path()) / path).is_file():
            raise _missing(where)
        return Source(path, name, (path,))
    return _looked(module, Source(path, name, ()), where, root)


def _looked(module: Any, source: Source, where: str, root: Path | None) -> Source:
    full = f"{root}/{source.path}" if root else source.path
    try:
        look = module.look(full)
    except UserError as error:
        problem = error.problem if error.where in {full, source.path} else str(error)
        raise UserError(where, problem, got=error.got, allowed=error.allowed, hint=error.hint) from error
    files = tuple(file.removeprefix(f"{root}/") if root else file for file in look.files)
    return Source(source.path, source.importer, files, look.keras, look.stops)


def check_path(name: str, where: str) -> None:
    """UserError for a path that could mean more than itself."""
    if not kinds.PATH.takes(name):
        raise UserError(where, "holds what no path may hold here", got=name, allowed=kinds.PATH.allowed)


def _missing(where: str) -> UserError:
    hint = f"give the name of a model, or a path: {', '.join(registry.importable())}; a comma in it is written \\,"
    return UserError(where, "no such file", hint=hint)
