"""Reading and writing of artifacts: whole files or none, and bytes that depend on content alone."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edgewright.errors import UserError


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """A place beside `path` to write to; it takes the name `path` only when the block ends well.

    A process that is killed leaves `path` as it was, so no later build takes half a file for a whole one.

    Raises:
        OSError: it cannot be written; `filename` is always set.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=f".tmp{path.suffix}")
        os.close(handle)
        aside = Path(name)
        try:
            yield aside
            aside.chmod(0o644)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        error.filename = error.filename or str(path)  # the system names no file when a disk is full
        raise


def write_bytes(path: Path, data: bytes) -> None:
    """Write the whole file or nothing."""
    with staged(path) as aside:
        aside.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write the whole file or nothing; UTF-8, line ends as given."""
    write_bytes(path, text.encode())


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def write_json(path: Path, value: Any) -> None:
    """Write JSON for people and programs: indented, key order as given, newline at the end."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """The value in a JSON file; UserError when what lies there is none."""
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        hint = "a file in build/ is made anew by the next build"
        raise UserError(str(path), f"is damaged, it is no JSON: {error}", hint=hint) from error


def sha256_file(path: Path) -> str:
    """Hex SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else _sha256(file)


def hashes(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """A manifest: the SHA-256 of files, by their paths in `folder`."""
    return {name: sha256_file(folder / name) for name in sorted(names)}


def check_manifest(folder: Path, files: Mapping[str, str]) -> None:
    """UserError unless every file of a manifest is there and is what it was, which names the first that is not."""
    for name, digest in files.items():
        path = folder / name
        if not path.is_file() or sha256_file(path) != digest:
            problem = "is not what was built" if path.is_file() else "is missing"
            raise UserError(str(path), problem, hint="build again: what was damaged or edited is made anew")


def _sha256(file: Any) -> str:
    digest = hashlib.sha256()  # Python 3.10 has no file_digest
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()
