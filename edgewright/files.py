"""Reading and writing of artifacts: whole files or none, and bytes that depend on content alone."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from edgewright.errors import UserError

Shape: TypeAlias = type | list[Any] | dict[Any, Any]
"""What a JSON value is made of, see `misfit`."""

MANIFEST: dict[Any, Any] = {"files": {str: str}}
_WORDS = {dict: "an object", list: "a list", str: "a text", int: "a whole number", bool: "true or false"}


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
        _name(error, path)
        raise


def _name(error: OSError, path: Path) -> None:
    """Have an error name the file that was to be written: the system names none, or the one aside, or the source."""
    named = error.filename2 or error.filename
    if named is None or Path(os.fsdecode(named)).name.startswith(f".{path.name}."):
        error.filename, error.filename2 = str(path), None


def write_bytes(path: Path, data: bytes) -> None:
    """Write the whole file or nothing."""
    with staged(path) as aside:
        aside.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write the whole file or nothing; UTF-8, line ends as given."""
    write_bytes(path, text.encode())


def write_array(path: Path, array: Any) -> None:
    """Write a NumPy array as a .npy file: the whole file or nothing."""
    import numpy as np

    with staged(path) as aside, aside.open("wb") as file:
        np.save(file, array, allow_pickle=False)


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def write_json(path: Path, value: Any) -> None:
    """Write JSON for people and programs: indented, key order as given, newline at the end."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path, shape: Shape | None = None) -> Any:
    """The value in a JSON file; UserError when what lies there is none, or not an object of this shape.

    Args:
        path: the file.
        shape: as `misfit` takes it; by default an object that holds anything.
    """
    hint = "a file in build/ is made anew by the next build"
    try:
        value = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise UserError(str(path), f"is damaged, it is no JSON: {error}", hint=hint) from error
    if problem := misfit(value, {} if shape is None else shape):
        raise UserError(str(path), f"is damaged: {problem}", hint=hint)
    return value


def misfit(value: Any, shape: Shape, at: str = "") -> str | None:
    """The first place where a JSON value has not the shape; None when it has.

    Args:
        value: of `json.loads`.
        shape: a type, `object` being any value; a list of one shape, which all members have; or a dictionary of the
            keys that an object has to have, the key `str` standing for all that are there.
        at: the place of the value in the whole.
    """
    if shape is object:
        return None
    kind: type[Any] = shape if isinstance(shape, type) else type(shape)
    is_kind: bool = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if not is_kind:
        return f"{at or 'the whole'} is not {_WORDS[kind]}"
    if isinstance(shape, type):
        return None
    if isinstance(shape, list):
        return _first(misfit(each, shape[0], f"{at}[{index}]") for index, each in enumerate(value))
    pairs = ((key, each) for name, each in shape.items() for key in (value if name is str else [name]))
    return _first(_member(value, str(key), each, at) for key, each in pairs)


def _member(value: Mapping[str, Any], key: str, shape: Shape, at: str) -> str | None:
    place = f"{at}.{key}" if at else key
    return misfit(value[key], shape, place) if key in value else f"{place} is missing"


def _first(problems: Iterable[str | None]) -> str | None:
    return next((problem for problem in problems if problem), None)


def sha256_file(path: Path) -> str:
    """Hex SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else _sha256(file)


def hashes(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """A manifest: the SHA-256 of files, by their paths in `folder`."""
    return {name: sha256_file(folder / name) for name in sorted(names)}


def read_manifest(path: Path) -> dict[str, str]:
    """The manifest in a JSON file; UserError when it is damaged, or names a file outside its folder."""
    files: dict[str, str] = read_json(path, MANIFEST)["files"]
    for name in files:
        if not name or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            hint = "a file in build/ is made anew by the next build"
            raise UserError(str(path), "is damaged: it names a file outside its folder", got=name, hint=hint)
    return files


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
