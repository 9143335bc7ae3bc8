"""Which Python files a Python file imports, all the way down: what its result depends on besides its inputs.

Read from the syntax tree, so that imports inside functions and imports over several lines count too. A module that is
loaded by a computed name (a registry does that) cannot be seen here and has to be named by whoever knows it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

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
    found: set[Path] = set()
    waiting = list(files)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [*_imported(path, tuple(roots), read or statements), *_packages(path, tuple(roots))]
    return sorted(found)


def statements(path: Path) -> list[Statement]:
    """What a Python file imports. SyntaxError when it is none."""
    found: list[Statement] = []
    for node in ast.walk(ast.parse(path.read_bytes(), str(path))):
        if isinstance(node, ast.Import):
            found += [(0, alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.level, node.module or "", alias.name) for alias in node.names]
    return found


@cache
def _imported(path: Path, roots: tuple[Path, ...], read: Callable[[Path], Sequence[Statement]]) -> tuple[Path, ...]:
    names = dict.fromkeys(name for statement in read(path) for name in _names(statement, path, roots))
    return tuple(dict.fromkeys(file for name in names for file in _files(name, roots)))


@cache
def _packages(path: Path, roots: tuple[Path, ...]) -> tuple[Path, ...]:
    """The `__init__.py` of every package that a file lies in: Python runs them before it."""
    root = next((root for root in roots if path.is_relative_to(root)), path.parent)
    found = (folder / "__init__.py" for folder in path.parents if folder != root and folder.is_relative_to(root))
    return tuple(file for file in found if _is_file(file))


def _names(statement: Statement, path: Path, roots: Sequence[Path]) -> Iterator[str]:
    level, module, name = int(statement[0]), str(statement[1]), str(statement[2])
    base = _base(level, module, path, roots)
    yield base
    if name:
        yield f"{base}.{name}"  # a name may be a module of the package


def _base(level: int, module: str, path: Path, roots: Sequence[Path]) -> str:
    if not level:
        return module
    package = path.parents[level - 1]
    root = next((root for root in roots if package.is_relative_to(root)), package)
    return ".".join([*package.relative_to(root).parts, *([module] if module else [])])


@cache
def _files(name: str, roots: tuple[Path, ...]) -> tuple[Path, ...]:
    """The file of a module and the `__init__.py` of every package above it; nothing for a name that is no module."""
    parts = tuple(name.split("."))
    root = next((root for root in roots if _module_file(root, parts[:1])), None)
    if root is None:
        return ()
    found = (_module_file(root, parts[:size]) for size in range(1, len(parts) + 1))
    return tuple(file for file in found if file)


@cache
def _module_file(root: Path, parts: tuple[str, ...]) -> Path | None:
    base = root.joinpath(*parts)
    return next((file for file in (base / "__init__.py", base.with_name(base.name + ".py")) if _is_file(file)), None)


@cache
def _is_file(path: Path) -> bool:
    return path.is_file()
