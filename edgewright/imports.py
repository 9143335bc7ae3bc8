"""Which Python files a Python file imports, all the way down: what its result depends on besides its inputs.

Read from the syntax tree, so that imports inside functions and imports over several lines count too. A module that is
loaded by a computed name (a registry does that) cannot be seen here and has to be named by whoever knows it.
"""

from __future__ import annotations

# ruff: noqa: PTH113, PTH120 - a build that has nothing to do asks for thousands of paths, and pathlib is slow
import ast
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
"""Where a statement has statements. Expressions, which are most of a file, have none."""

Statement = Sequence[str | int]
"""An imported name as it is written: level (dots before it), module, name. Plain data, so that it can be stored."""


def closure(
    files: Iterable[Path], roots: Sequence[Path], read: Callable[[Path], Sequence[Statement]] | None = None
) -> list[Path]:
    """`files` and every file below `roots` that they import, directly or not, with the packages above each, sorted.

    Args:
        files: Python files.
        roots: folders in which a dotted name is looked up, first match wins; modules found nowhere are not ours.
        read: gives what `statements` gives, for instance from a store.
    """
    found: set[str] = set()
    tops = tuple(map(str, roots))
    waiting = [str(file) for file in files]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _needed(path, tops, read or statements)
    return [Path(path) for path in sorted(found)]


def statements(path: Path) -> list[Statement]:
    """What a Python file imports. SyntaxError when it is none."""
    found: list[Statement] = []
    waiting: list[ast.AST] = [ast.parse(path.read_bytes(), str(path))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found += [(0, alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.level, node.module or "", alias.name) for alias in node.names]
        else:
            for block in _BLOCKS:
                waiting += getattr(node, block, ())
    return found


@cache
def _needed(path: str, roots: tuple[str, ...], read: Callable[[Path], Sequence[Statement]]) -> tuple[str, ...]:
    """The files that a file imports, and the `__init__.py` of every package that it lies in, which run before it."""
    names = dict.fromkeys(name for statement in read(Path(path)) for name in _names(statement, path, roots))
    imported = (file for name in names for file in _files(name, roots))
    return tuple(dict.fromkeys([*imported, *_packages(path, roots)]))


def _packages(path: str, roots: tuple[str, ...]) -> Iterator[str]:
    folder = os.path.dirname(path)
    root = _root_of(path, roots) or folder
    while folder != root:
        if _is_file(file := f"{folder}/__init__.py"):
            yield file
        folder = os.path.dirname(folder)


def _root_of(path: str, roots: tuple[str, ...]) -> str | None:
    return next((root for root in roots if path.startswith(f"{root}/")), None)


def _names(statement: Statement, path: str, roots: tuple[str, ...]) -> Iterator[str]:
    level, module, name = int(statement[0]), str(statement[1]), str(statement[2])
    base = _base(level, module, path, roots)
    yield base
    if name:
        yield f"{base}.{name}"  # a name may be a module of the package


def _base(level: int, module: str, path: str, roots: tuple[str, ...]) -> str:
    if not level:
        return module
    package = path
    for _ in range(level):
        package = os.path.dirname(package)
    root = _root_of(f"{package}/", roots) or package
    parts = package[len(root) :].strip("/").split("/")
    return ".".join([*filter(None, parts), *([module] if module else [])])


@cache
def _files(name: str, roots: tuple[str, ...]) -> tuple[str, ...]:
    """The file of a module and the `__init__.py` of every package above it; nothing for a name that is no module."""
    parts = name.split(".")
    root = next((root for root in roots if _module_file(f"{root}/{parts[0]}")), None)
    if root is None:
        return ()
    found = (_module_file("/".join([root, *parts[:size]])) for size in range(1, len(parts) + 1))
    return tuple(file for file in found if file)


@cache
def _module_file(base: str) -> str | None:
    return next((file for file in (f"{base}/__init__.py", f"{base}.py") if _is_file(file)), None)


@cache
def _is_file(path: str) -> bool:
    return os.path.isfile(path)
