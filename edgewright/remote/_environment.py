"""What two machines must have alike for a stage to write the same bytes on both."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from edgewright import registry
from edgewright.files import sha256_file
from edgewright.home import home
from edgewright.surroundings import PACKAGE_ROOT, environment

_EXTRAS = ("", "train", "runtime", "data")
"""Whose packages stages use."""

_FOLDERS = ("firmware", "templates")
_SHAPING = ("avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8", "asimd", "sve")
"""What processors may have that changes the last bits of a training."""

_SHOWN = 3
_FRESH_S = 10.0
"""How long what was found counts as what is: an edit or an update in the middle of a build is seen after that."""


def described(programs: Iterable[str], packages: Iterable[str] = ()) -> dict[str, str]:
    """This machine, by name of each thing that has to be alike.

    Args:
        programs: programs that count, as names on the PATH.
        packages: Python packages that count besides those of Edgewright and its extras.
    """
    found = dict(_always(int(time.monotonic() / _FRESH_S)))
    found |= {f"package {name}": _version(name) for name in packages}
    return found | {f"program {name}": _program(name) for name in programs}


@lru_cache(maxsize=1)
def _always(_time: int) -> Mapping[str, str]:
    """What has to be alike for any stage."""
    found = {"Python": platform.python_version(), "processor": processor(), "edgewright": sources()}
    return found | {f"package {name}": _version(name) for name in _packages()}


def differences(wanted: Mapping[str, str], found: Mapping[str, str]) -> str:
    """What differs, for people; empty when nothing does."""
    names = [name for name in wanted if wanted[name] != found.get(name, "none")]
    told = [f"{name} is {found.get(name, 'none')}, here it is {wanted[name]}" for name in names]
    more = f"; and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    return "; ".join(told[:_SHOWN]) + more


def processor() -> str:
    """The kind of processor, as far as it shapes what is computed."""
    flags: set[str] = set()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text(errors="replace").splitlines()
        line = next((line for line in lines if line.startswith(("flags", "Features"))), "")
        flags = set(line.partition(":")[2].split())
    return " ".join([platform.machine(), *(flag for flag in _SHAPING if flag in flags)])


def sources() -> str:
    """Version and hash of all that Edgewright itself brings to a stage, and packages that add to it."""
    return f"{_version('edgewright')} of {_tree(tuple(_files()))[:12]}"


def _files() -> Iterator[tuple[str, str, int, int]]:
    """Each file: its name, its path, and what tells that it is another."""
    tops = [(PACKAGE_ROOT, PACKAGE_ROOT / "edgewright"), *((home(), home() / name) for name in _FOLDERS)]
    tops += [(folder.parent, folder) for folder in _foreign()]
    for base, top in tops:
        for place, folders, names in os.walk(top):
            folders[:] = sorted(set(folders) - {"__pycache__", "_home"})
            for name in sorted(names):
                path = os.path.join(place, name)  # noqa: PTH118 - thousands of files
                found = os.stat(path)  # noqa: PTH116
                yield os.path.relpath(path, base), path, found.st_size, found.st_mtime_ns


@cache
def _foreign() -> tuple[Path, ...]:
    kinds = (registry.passes, registry.ops, registry.kernels, registry.datasets, registry.preprocessing)
    return tuple(folder for kind in (*kinds, registry.importers) for folder in kind.foreign_folders())


@cache
def _tree(files: tuple[tuple[str, str, int, int], ...]) -> str:
    digest = hashlib.sha256()
    for name, path, _, _ in files:
        digest.update(f"{name} {sha256_file(Path(path))}\n".encode())
    return digest.hexdigest()


@cache
def _packages() -> tuple[str, ...]:
    """All that Edgewright and the extras that stages use ask for, and what these ask for."""
    found: dict[str, None] = {}
    waiting = [("edgewright", extra) for extra in _EXTRAS]
    seen = set(waiting)
    while waiting:
        name, extra = waiting.pop()
        for requirement in _asked(name, extra):
            found.setdefault(requirement.name.lower().replace("_", "-"))
            more = {(requirement.name, each) for each in ("", *requirement.extras)} - seen
            seen |= more
            waiting += sorted(more)
    return tuple(sorted(found))


def _asked(name: str, extra: str) -> Iterator[Requirement]:
    try:
        lines = requires(name) or []
    except PackageNotFoundError:
        return
    for requirement in map(Requirement, lines):
        marker = requirement.marker
        if marker is None or marker.evaluate({"extra": extra}):
            yield requirement


def _version(name: str) -> str:
    return _version_among(name, tuple(map(_changed, sys.path)))


def _changed(folder: str) -> int:
    """When something was last installed in a folder, or removed."""
    try:
        return os.stat(folder).st_mtime_ns  # noqa: PTH116
    except OSError:
        return 0


@lru_cache(maxsize=1024)
def _version_among(name: str, _installed: tuple[int, ...]) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def _program(name: str) -> str:
    """The first digits of the hash of a program."""
    path = shutil.which(name, path=environment()["PATH"])
    if path is None:
        return "none"
    found = os.stat(path)  # noqa: PTH116
    return _hash(path, found.st_size, found.st_mtime_ns)


@cache
def _hash(path: str, _size: int, _time: int) -> str:
    return sha256_file(Path(path))[:12]
