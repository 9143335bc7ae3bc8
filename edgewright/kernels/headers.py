"""Where the C headers of kernels lie: a folder an operator, and what they share, in firmware/kernels/.

A header includes others by their bare names, and generated code has them all in one folder, so names are unique. The
headers of operators and kernels of other packages lie beside these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from edgewright import registry
from edgewright.errors import UserError
from edgewright.home import home

PATTERN = "firmware/kernels/*/*.h"
"""Of all of ours, relative to `home()`."""


def folders() -> list[Path]:
    """All folders that hold headers, sorted."""
    return sorted({path.parent for path in headers().values()})


@cache
def headers() -> Mapping[str, Path]:
    """Every header by its name.

    Raises:
        UserError: two have the same name.
    """
    found: dict[str, Path] = {}
    for path in _every():
        if path.name in found:
            where = [str(found[path.name]), str(path)]
            raise UserError(path.name, "two kernel headers have this name", got=where, hint="rename one of them")
        found[path.name] = path
    return found


def _every() -> Iterator[Path]:
    yield from sorted(home().glob(PATTERN))
    yield from foreign()


def foreign() -> list[Path]:
    """Headers of other packages: those beside their operators and kernels."""
    folders = {folder for kind in (registry.ops, registry.kernels) for folder in kind.foreign_folders()}
    return sorted(path for folder in folders for path in folder.glob("*.h"))


def with_includes(names: Iterable[str]) -> list[Path]:
    """Headers of these names and all that they include, sorted by name."""
    found: dict[str, Path] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = headers()[name]
            waiting += re.findall(r'^#include "([^"]+)"', found[name].read_text(), re.MULTILINE)
    return [found[name] for name in sorted(found)]
