"""The JSON Schemas of a project's files, for editors, and the line by which a file names its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from edgewright.reference.files import schema_files

FOLDER = "schemas"
"""Of a project, beside its models/ and targets/."""


def schemas(root: Path) -> dict[Path, str]:
    """The schemas of a project in `root`, with the passes, transports and tools that are installed."""
    return {root / FOLDER / name: text for name, text in schema_files().items()}


def with_schemas(root: Path, files: Mapping[Path, str]) -> dict[Path, str]:
    """The files, those that have a schema with the line that names it, and the schemas where the project has none."""
    told = {path: _named(root, path, text) for path, text in files.items()}
    return told if (root / FOLDER).exists() or told == dict(files) else {**told, **schemas(root)}


def _named(root: Path, path: Path, text: str) -> str:
    kind = _kind(path.relative_to(root))
    if kind is None:
        return text
    schema = os.path.relpath(root / FOLDER / f"{kind}.schema.json", path.parent)
    return f"#:schema {Path(schema).as_posix()}\n{text}"


def _kind(path: Path) -> str | None:
    """Of which kind a file of a project is, by its place."""
    if path.name in {"model.toml", "port.toml"}:
        return path.stem
    return {("targets",): "target", ("targets", "boards"): "board"}.get(path.parts[:-1])
