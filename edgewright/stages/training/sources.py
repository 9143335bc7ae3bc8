"""Prints the files and folders that a model's `sources()` names, a JSON list of paths.

    python -m edgewright.stages.training.sources --source models/kws/model.py

It is asked at each build, so it is to be quick: TensorFlow, which model.py imports to build a model, is a stand-in
here, unless `sources()` itself needs it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from edgewright.command_line import run
from edgewright.errors import UserError
from edgewright.options.sources import Options
from edgewright.source import fault_in, load_source
from edgewright.stage_command import stage

HEAVY = ("tensorflow", "tf_keras", "keras", "tensorflow_model_optimization")


def tell(options: Options) -> None:
    """Print the list."""
    try:
        sys.meta_path.insert(0, _Finder())
        found = named(options.source)
    except UserError:
        _forget()
        found = named(options.source)
    print(json.dumps(found))


def named(source: Path) -> list[str]:
    """Absolute paths of what `sources()` names; UserError when it fails or gives something else."""
    module = load_source(source)
    if not hasattr(module, "sources"):
        return []
    try:
        return [os.path.abspath(os.fspath(path)) for path in module.sources()]  # noqa: PTH100 - links stay links
    except Exception as error:
        raise fault_in(source, error) from error


class _Anything:
    """Stands for whatever TensorFlow has of a name: called, subclassed, used as a decorator."""

    def __getattr__(self, name: str) -> _Anything:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: object, **__: object) -> _Anything:
        return self

    def __mro_entries__(self, _bases: tuple[Any, ...]) -> tuple[type, ...]:
        return ()


class _StandIn(ModuleType):
    def __getattr__(self, name: str) -> _Anything:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Anything()


class _Finder:
    """Finds stand-ins for heavy packages."""

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        if name.split(".", maxsplit=1)[0] not in HEAVY:
            return None
        return importlib.util.spec_from_loader(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, _module: ModuleType) -> None:
        """There is nothing in it."""


def _forget() -> None:
    """Stand-ins, and what was loaded with them."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Finder)]
    for name in [name for name in sys.modules if name.split(".")[0] in HEAVY or name.startswith("edgewright_user_")]:
        del sys.modules[name]
    load_source.cache_clear()


main = stage(Options, tell)

if __name__ == "__main__":
    run(main)
