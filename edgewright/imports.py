"""Which Python files a Python file imports, all the way down: what its result depends on besides its inputs.

Read from the syntax tree, so that imports inside functions and imports over several lines count too. A module that is
loaded by a computed name (a registry does that) cannot be seen here and has to be named by whoever knows it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path


def closure(files: Iterable[Path], roots: Sequence[Path]) -> list[Path]:
    """`files` and every file below `roots` that they import, directly or not, sorted.

    Args:
        files: Python files.
        roots: folders in which a dotted name is looked up, first match wins; modules found nowhere are not ours.
    """
    found: set[Path] = set()
    waiting = list(files)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path, tuple(roots))
    return sorted(found)


@cache
def _imported(path: Path, roots: tuple[Path, ...]) -> tuple[Path, ...]:
    names = _names(ast.parse(path.read_text(encoding="utf-8"), str(path)), path, roots)
    return tuple(dict.fromkeys(file for name in names for file in _files(name, roots)))


def _names(tree: ast.Module, path: Path, roots: Sequence[Path]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, path, roots)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)  # a name may be a module of the package


def _base(node: ast.ImportFrom, path: Path, roots: Sequence[Path]) -> str:
    if not node.level:
        return node.module or ""
    package = path.parents[node.level - 1]
    root = next((root for root in roots if package.is_relative_to(root)), package)
    return ".".join([*package.relative_to(root).parts, *([node.module] if node.module else [])])


def _files(name: str, roots: Sequence[Path]) -> Iterator[Path]:
    """The file of a module and the `__init__.py` of every package above it; nothing for a name that is no module."""
    parts = name.split(".")
    root = next((root for root in roots if _module_file(root, parts[:1])), None)
    if root is None:
        return
    for size in range(1, len(parts) + 1):
        if file := _module_file(root, parts[:size]):
            yield file


def _module_file(root: Path, parts: Sequence[str]) -> Path | None:
    base = root.joinpath(*parts)
    return next((file for file in (base / "__init__.py", base.with_name(base.name + ".py")) if _is_file(file)), None)


@cache
def _is_file(path: Path) -> bool:
    return path.is_file()
