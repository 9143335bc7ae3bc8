"""What files hold, by hash: read once, and again when the file system says that a file is another.

Time stamps alone lie: an archive, `cp -p` or a restored backup puts another content under the same size and time. A
file counts as unread unless size, time of change of content and of the inode (which nobody can set), and the inode
itself are those of the last reading.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from edgewright.errors import UserError
from edgewright.files import misfit, read_json, sha256_file, write_text
from edgewright.imports import Statement, statements

SETTLED_NS = 2_000_000_000
"""A file that changed less than this before it was read may change again under the same time stamp, so it is read again
the next time: 2 s is the coarsest step of time stamps of a file system in use (FAT)."""

Stamp = list[int]
_SCHEMA = 1
_DAMAGED = "note: {} is damaged: it is dropped, and files are read anew"
_MANY = 4096  # contents of Python files, from where on those that this build has not met are forgotten


class Contents:
    """Hashes of files, remembered in a file from one build to the next.

    Args:
        record: where they are remembered. What cannot be read there is forgotten.
    """

    def __init__(self, record: Path) -> None:
        self._record = record
        self._known: dict[str, Any]
        self._imports: dict[str, Sequence[Statement]]
        self._known, self._imports = _read(record)
        self._asked: dict[str, str | None] = {}
        self._used: set[str] = set()
        self._new = False

    def sha256(self, path: Path | str) -> str | None:
        """Hex SHA-256 of a file, looked at once; None when there is no such file."""
        name = os.path.abspath(path)  # noqa: PTH100 - it is called for thousands of files of a build
        if name not in self._asked:
            self._asked[name] = self._look(name)
        return self._asked[name]

    def now(self, path: Path | str) -> str | None:
        """The same of a file that may have been written since it was last asked for."""
        self._asked.pop(os.path.abspath(path), None)  # noqa: PTH100
        return self.sha256(path)

    def imports(self, path: Path) -> Sequence[Statement]:
        """What a Python file imports, parsed once for each content that it has."""
        digest = self.sha256(path)
        if digest is None:
            return statements(path)
        if digest not in self._imports:
            self._imports[digest] = statements(path)
            self._new = True
        self._used.add(digest)
        return self._imports[digest]

    def _look(self, name: str) -> str | None:
        try:
            stamp = _stamp(name)
        except OSError:
            return None
        known = self._known.get(name)
        if known and known[0] == stamp:
            return str(known[1])
        return self._hash(name, stamp)

    def _hash(self, name: str, stamp: Stamp) -> str | None:
        begin = time.time_ns()
        try:
            found = sha256_file(Path(name))
            settled = stamp == _stamp(name) and begin - stamp[2] > SETTLED_NS
        except OSError:
            return None
        self._new = True
        self._known.pop(name, None)
        if settled:
            self._known[name] = [stamp, found]
        return found

    def save(self) -> None:
        """Remember them for the next build; without a word where that cannot be written, as nothing depends on it."""
        if self._new and self._record.parent.is_dir():
            imports = self._imports
            if len(imports) > _MANY:
                imports = {digest: imports[digest] for digest in self._used}
            with suppress(OSError):
                write_text(self._record, json.dumps([_SCHEMA, self._known, imports]))
            self._new = False


def _stamp(name: str) -> Stamp:
    found = os.stat(name)  # noqa: PTH116 - as above
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def _read(record: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was remembered of files and of their imports; nothing, and a line, where the record is damaged."""
    try:
        found = read_json(record, list)
    except OSError:
        return {}, {}
    except UserError:
        print(_DAMAGED.format(record), file=sys.stderr)
        return {}, {}
    if not _fits(found):
        print(_DAMAGED.format(record), file=sys.stderr)
        return {}, {}
    return found[1], found[2]


def _fits(found: list[Any]) -> bool:
    """Whether each file has a stamp and a hash, and each import its level, module and name."""
    if found[:1] != [_SCHEMA] or len(found) != 3 or misfit(found[1], {str: list}) or misfit(found[2], {str: [list]}):
        return False
    files, imports = found[1:]
    pairs = all(len(each) == 2 and isinstance(each[1], str) for each in files.values())
    return pairs and all([*map(type, each)] == [int, str, str] for found in imports.values() for each in found)
