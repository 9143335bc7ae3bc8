"""One generic registry: the modules of a package, and entry points of other packages, found by name.

    passes = Registry("pass", "edgewright.passes")
    passes.names()            # ["prune", ...]
    passes.load("prune")      # the module edgewright.passes.prune

A module `fashion_mnist.py` registers the name "fashion-mnist" by being there (a pass keeps its underscores); names that
begin with "_" are private.
Other packages add to it with an entry point of the group that is the package's name:

    [project.entry-points."edgewright.passes"]
    my-pass = "my_package.my_pass"

An operator is a folder, which is a package: its own modules are kernels and the operator for other types. Kernels of
other packages (`edgewright.kernels`) are for operators that there are; each entry is a module or a folder.

Importing a registered module must stay cheap: no TensorFlow at module level.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
import sys
from collections.abc import Iterable
from functools import cache, cached_property
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from edgewright.errors import UserError, did_you_mean


class Registry:
    """The modules of one kind, by name.

    Args:
        kind: what an entry is called in messages, for instance "pass".
        package: dotted name of the package whose modules are entries, and of the entry-point group.
        hyphens: whether an underscore of a module's name is a hyphen in the entry's.
        folders: whether entries are the folders of the package, and not its modules.
        shared: folders and modules that are no entries: they hold what entries have in common.
    """

    def __init__(
        self, kind: str, package: str, *, hyphens: bool = True, folders: bool = False, shared: tuple[str, ...] = ()
    ) -> None:
        self.kind = kind
        self.package = package
        self.hyphens = hyphens
        self.folders = folders
        self.shared = shared

    @cached_property
    def _own(self) -> dict[str, str]:
        stems = [module.name for module in _inside(self.package) if self._is_entry(module)]
        return {stem.replace("_", "-") if self.hyphens else stem: f"{self.package}.{stem}" for stem in stems}

    def _is_entry(self, module: pkgutil.ModuleInfo) -> bool:
        if module.name in self.shared or module.name.startswith("_"):
            return False
        return module.ispkg or not self.folders

    @cached_property
    def _foreign(self) -> dict[str, EntryPoint]:
        found: dict[str, EntryPoint] = {}
        for entry in _entries(self.package):
            if entry.name in self._own or entry.name in found:
                raise UserError(
                    f"entry point {entry.name} = {entry.value}",
                    f"the {self.kind} {entry.name!r} exists already",
                    hint=f"rename it in the package that declares it (group {self.package})",
                )
            found[entry.name] = entry
        return found

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted([*self._own, *self._foreign])

    def module_name(self, name: str) -> str:
        """Dotted name of the module behind `name`; UserError when there is none."""
        if name in self._own:
            return self._own[name]
        if name in self._foreign:
            return self._foreign[name].module
        raise UserError(
            self.kind, f"unknown {self.kind}", got=name, allowed=self.names(), hint=did_you_mean(name, self.names())
        )

    def module_names(self, name: str) -> list[str]:
        """Dotted names of the module behind `name` and, where it is a folder, of those in it; UserError as above."""
        package = self.module_name(name)
        return [package, *(f"{package}.{module.name}" for module in _inside(package))]

    def foreign_folders(self) -> list[Path]:
        """The folders that hold what other packages add, sorted."""
        specs = (importlib.util.find_spec(entry.module) for entry in self._foreign.values())
        return sorted({Path(spec.origin).parent for spec in specs if spec and spec.origin})

    def load(self, name: str) -> ModuleType:
        """The module behind `name`; UserError when there is none."""
        return importlib.import_module(self.module_name(name))


def _entries(group: str) -> EntryPoints:
    found: EntryPoints = _all_entries(tuple(sys.path)).select(group=group)
    return found


@cache
def _all_entries(_path: tuple[str, ...]) -> Any:  # of Python 3.10 another class than of later ones, with `select` too
    """The entry points of all packages on the path, which are looked through once."""
    return entry_points()


def _inside(package: str) -> Iterable[pkgutil.ModuleInfo]:
    """The modules of a package, of which nothing is imported where it is one of ours."""
    top, *parts = package.split(".")
    if top == __package__:
        return pkgutil.iter_modules([str(Path(__file__).parent.joinpath(*parts))])
    spec = importlib.util.find_spec(package)
    return pkgutil.iter_modules(spec.submodule_search_locations or ()) if spec else ()


passes = Registry("pass", "edgewright.passes", hyphens=False, shared=("keras_model", "order", "tflite_model"))
ops = Registry("operator", "edgewright.ops", folders=True, shared=("families", "made"))
made_ops = Registry("operator", "edgewright.ops.made", folders=True)
kernels = Registry("kernel", "edgewright.kernels", folders=True)
transports = Registry("transport", "edgewright.devices", shared=("tools",))
programmers = Registry("flash tool", "edgewright.programmers")
datasets = Registry("data set", "edgewright.datasets")
architectures = Registry("architecture", "edgewright.arch")
commands = Registry("command", "edgewright.commands")
importers = Registry("importer", "edgewright.importers")
executors = Registry("engine", "edgewright.executors")
preprocessing = Registry("kind of preprocessing", "edgewright.preprocessing")


def importer_of(file: str) -> str | None:
    """Name of the importer that takes a file, a folder or a function of this name; None when none does."""
    found = importers.names()
    by_suffix = (name for name in found if file.endswith(importers.load(name).SUFFIXES))
    by_pattern = (name for name in found if re.fullmatch(getattr(importers.load(name), "PATTERN", "(?!)"), file))
    return next(by_suffix, None) or next(by_pattern, None)


def importer_for(path: str, name: str | None = None) -> ModuleType:
    """The importer of that name, or what takes a path; UserError where nothing does."""
    name = name or importer_of(path)
    if name is None:
        raise unimported(path, path)
    return importers.load(name)


def unimported(where: str, path: str, root: Path | None = None) -> UserError:
    """What to say of a path that no importer takes: `where` names it, `root` is the folder that it is in."""
    folder = (root or Path()) / path
    is_folder = folder.is_dir() and not path.endswith("/")
    hint = f"a folder is written with / at its end: {path}/" if is_folder else _rather(path)
    return UserError(where, "no importer takes it", got=path, allowed=importable(), hint=hint)


def _rather(path: str) -> str | None:
    """What to do with a file whose suffix is almost one that is taken."""
    suffix = Path(path).suffix
    if suffix != suffix.lower() and suffix.lower() in importable():
        return f"write its suffix in small letters: {suffix.lower()}"
    modules = map(importers.load, importers.names())
    hints = (each.OTHERS_HINT for each in modules if suffix.lower() in getattr(each, "OTHERS", ()))
    return next(hints, None)


def importable() -> list[str]:
    """How people call what importers take: ends of names of files, or words."""
    modules = map(importers.load, importers.names())
    return [name for module in modules for name in getattr(module, "CALLED", module.SUFFIXES)]
