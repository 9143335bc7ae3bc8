"""Loading of the Python files that users write: `models/<m>/model.py`."""

from __future__ import annotations

import ast
import importlib.util
import sys
import sysconfig
import traceback
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES, SOURCE_SUFFIXES, ExtensionFileLoader, FileFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING

from edgewright.errors import UserError

if TYPE_CHECKING:
    from _typeshed.importlib import PathEntryFinderProtocol

_folder: list[Path] = []
"""The folder whose files the model in use may import."""


class _AsItStands(SourceFileLoader):
    """Loads a file from its text alone.

    Python takes bytecode that it kept for that of a file of the same length and the same second, so that of two
    changes in one second it would run the first. What a build runs is what the build's hash of the file was taken of.
    """

    def get_code(self, _fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


_FINDER = FileFinder.path_hook((ExtensionFileLoader, EXTENSION_SUFFIXES), (_AsItStands, SOURCE_SUFFIXES))


@cache
def _installed() -> tuple[str, ...]:
    """The folders of Python itself and of installed packages: these are no files that a user edits."""
    paths = sysconfig.get_paths()
    return tuple(paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))


def _find_in_folder(path: str) -> PathEntryFinderProtocol:
    """A hook of `sys.path_hooks`: the finder of the model's folder and of packages in it."""
    if not any(Path(path).is_relative_to(folder) for folder in _folder):
        raise ImportError(path)
    if any(Path(path).is_relative_to(folder) for folder in _installed()):
        raise ImportError(path)  # of an environment within the folder
    return _FINDER(path)


def _import_from(folder: Path) -> None:
    """From now on files of this folder may be imported by their names, and no longer those of another model."""
    if _find_in_folder not in sys.path_hooks:
        sys.path_hooks.insert(0, _find_in_folder)
    for before in _folder:
        if str(before) in sys.path:
            sys.path.remove(str(before))
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if file and Path(file).is_relative_to(before) and not name.startswith("edgewright_user_"):
                del sys.modules[name]
    _folder[:] = [folder.resolve()]
    sys.path.insert(0, str(folder.resolve()))
    for name in [name for name in sys.path_importer_cache if Path(name).is_relative_to(folder.resolve())]:
        del sys.path_importer_cache[name]


@cache
def load_source(path: Path) -> ModuleType:
    """The module in the file `path`; a fault in it is a UserError that names the file and line."""
    name = f"edgewright_user_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path, loader=_AsItStands(name, str(path)))
    if spec is None or spec.loader is None or not path.is_file():
        raise UserError(str(path), "no such Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module  # classes that Keras registers need to find their module
    _import_from(path.parent)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise fault_in(path, error) from error
    return module


def definitions(path: Path) -> frozenset[str]:
    """What the Python file `path` defines at its top, imports counted; UserError where it is no Python."""
    try:
        body = ast.parse(path.read_bytes(), str(path)).body
    except (SyntaxError, ValueError) as error:
        raise fault_in(path, error) from error
    return frozenset(name for node in body for name in _defined(node))


def parameters(path: Path, function: str) -> tuple[str, ...] | None:
    """Names of the arguments of a function at the top of the file `path`; None where it takes any, or is not there."""
    for node in ast.parse(path.read_bytes(), str(path)).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            known = node.args
            if known.kwarg is not None:
                return None
            return tuple(each.arg for each in (*known.args, *known.kwonlyargs))
    return None


def constant_texts(path: Path, name: str) -> tuple[str, ...]:
    """The texts that the Python file `path` gives `name` at its top as they stand; empty where it is made otherwise."""
    for node in ast.parse(path.read_bytes(), str(path)).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and name in _defined(node) and node.value is not None:
            try:
                return tuple(str(text) for text in ast.literal_eval(node.value))
            except (ValueError, TypeError):
                return ()
    return ()


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    return [each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)]


def fault_in(path: Path, error: Exception) -> UserError:
    """The error for an exception that the user's own code raised: where in `path`, and what it said."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    if isinstance(error, SyntaxError):
        lines.append(error.lineno)
    where = f"{path}:{lines[-1]}" if lines else str(path)
    return UserError(where, f"{type(error).__name__}: {error}")
