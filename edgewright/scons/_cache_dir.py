"""The cache of finished artifacts, none of which is believed: an entry carries a hash, and is checked when it is taken.

An entry is a line, `edgewright <hex SHA-256>`, and the artifact. The hash is of the entry's name, which stands for all
that shaped the artifact, and of the artifact: an entry that was damaged, cut short, or put in another's place is
dropped, and the artifact made anew. An entry is on the disk before it has its name.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import SCons.Action
import SCons.CacheDir

from edgewright.errors import ToolError, machine_error
from edgewright.files import staged, write_bytes

PREFIX = 2
"""Length of the names of the folders that entries lie in, as in SCons' own caches."""

_MAGIC = b"edgewright "
_HEADER = len(_MAGIC) + 64 + 1
_BLOCK = 1 << 20


def empty(folder: Path) -> None:
    """Remove what SCons keeps in its cache, and nothing else that lies in the folder.

    Raises:
        ToolError: something could not be removed; names the folder.
    """
    try:
        for entry in list(folder.iterdir()):
            if re.fullmatch(f"[0-9A-F]{{{PREFIX}}}", entry.name):
                shutil.rmtree(entry)
    except OSError as error:
        error.filename, error.filename2 = str(folder), None  # of what lies in it, its name alone is told
        raise machine_error(error) or ToolError(f"{folder}: cannot be emptied: {error.strerror}") from error


class _DamagedError(Exception):
    """An entry that is not what its header says."""


class CheckedCache(SCons.CacheDir.CacheDir):  # type: ignore[misc]
    """An SCons cache folder of such entries; SCons' own options --cache-disable, --cache-readonly and others hold."""

    def __init__(self, path: str | None) -> None:
        self._silent = False
        super().__init__(path)

    def _readconfig(self, path: str) -> None:
        """No file says how the folder is laid out: one that may only be read, or that lost it, is a cache too."""
        self.config = {"prefix_len": PREFIX}
        with suppress(OSError):
            Path(path).mkdir(parents=True, exist_ok=True)
            tag = Path(path) / "CACHEDIR.TAG"
            if not tag.exists():
                write_bytes(tag, SCons.CacheDir.CACHE_TAG)

    def retrieve(self, node: Any) -> bool:
        """Take a node's content out of the cache; False when it is not there, or is not what was put there."""
        if not self.is_enabled():
            return False
        entry, target = self._entry(node), node.get_internal_path()
        self.requests += 1
        try:
            _take(entry, Path(target) if SCons.Action.execute_actions else None)
        except FileNotFoundError:
            return False
        except _DamagedError:
            _drop(entry, target)
            return False
        except OSError as error:
            self._tell(f"cannot be used: {error}")
            return False
        self.hits += 1
        self._show(node, target)
        return True

    def _show(self, node: Any, target: str) -> None:
        if SCons.CacheDir.cache_show:
            node.build(presub=0, execute=0)
        elif SCons.Action.print_actions:
            print(f"Retrieved `{target}' from cache", flush=True)

    def push(self, node: Any) -> None:
        """Put a node's content into the cache, in the place of what is there."""
        if self.is_readonly() or not self.is_enabled() or node.nocache:
            return
        try:
            _put(Path(node.get_internal_path()), self._entry(node))
        except OSError as error:
            self._tell(f"cannot be written: {error.strerror or error}")

    def get_cachedir_csig(self, node: Any) -> Any:
        """Content signature of an artifact that `scons -n` only would take; SCons asks for it."""
        with suppress(OSError), self._entry(node).open("rb") as file:
            file.seek(_HEADER)
            return hashlib.sha256(file.read()).hexdigest()
        return None

    def _entry(self, node: Any) -> Path:
        return Path(self.cachepath(node)[1])

    def _tell(self, problem: str) -> None:
        """A warning, once a build: without a cache the build is slower and no less right."""
        if not self._silent:
            self._silent = True
            print(f"warning: the cache {self.path} {problem}", file=sys.stderr, flush=True)


def _take(entry: Path, target: Path | None) -> None:
    """Copy an entry's content to `target`, or only check it for None.

    Raises:
        _DamagedError: it is not what was put there.
        OSError: it cannot be read, or the target not be written.
    """
    if entry.is_dir():
        raise _DamagedError
    with entry.open("rb") as file:
        if target is None:
            _copy(file, None, entry)
        else:
            with staged(target) as aside, aside.open("wb") as copy:
                _copy(file, copy, entry)
    with suppress(OSError):
        os.utime(entry)  # a cache that is cleaned of what nobody uses goes by it


def _copy(file: BinaryIO, copy: BinaryIO | None, entry: Path) -> None:
    header, digest = file.read(_HEADER), _digest(entry)
    while block := file.read(_BLOCK):
        digest.update(block)
        if copy is not None:
            copy.write(block)
    if header != _header(digest):
        raise _DamagedError


def _put(source: Path, entry: Path) -> None:
    content = source.read_bytes()
    digest = _digest(entry)
    digest.update(content)
    if _has(entry, _header(digest) + content):
        return
    with staged(entry) as aside, aside.open("wb") as file:
        file.write(_header(digest))
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _has(entry: Path, content: bytes) -> bool:
    with suppress(OSError):
        return entry.stat().st_size == len(content) and entry.read_bytes() == content
    return False


def _digest(entry: Path) -> Any:
    return hashlib.sha256(f"{entry.name}\n".encode())


def _header(digest: Any) -> bytes:
    return _MAGIC + str(digest.hexdigest()).encode() + b"\n"


def _drop(entry: Path, target: str) -> None:
    print(f"note: what the cache holds of {target} is damaged: dropped, and made anew", file=sys.stderr, flush=True)
    with suppress(OSError):
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
