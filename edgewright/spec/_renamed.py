"""Keys that have a new name: files with the old one mean the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from edgewright.errors import UserError
from edgewright.spec.toml_text import TomlFile

Place = tuple[str, str]

RENAMED: Mapping[Place, Place] = {
    ("budget", "accuracy_loss"): ("budget", "metric_loss"),
    ("budget", "accuracy"): ("budget", "metric"),
    ("metric", "kind"): ("task", "metric"),
    ("train", "loss"): ("task", "loss"),
}
"""Of target and model files: section and key, as they were and as they are."""


GONE = ("metric",)
"""Sections of which nothing is left."""


def renamed(file: TomlFile) -> TomlFile:
    """The file with today's names; messages go on calling its keys as they are written there.

    Raises:
        UserError: it has a key under both names.
    """
    data = dict(file.data)
    lines = dict(file.lines)
    found = list(_found(data))
    for old, new in found:
        if new[1] in _table(data, new[0]):
            raise UserError(file.where(old), f"means the same as {'.'.join(new)}, which is there too")
        value = data[old[0]][old[1]]
        data[old[0]] = {key: kept for key, kept in data[old[0]].items() if key != old[1]}
        data[new[0]] = {**_table(data, new[0]), new[1]: value}
        lines[new] = lines.get(old, lines.get(old[:1], 1))
    kept = {key: value for key, value in data.items() if value or key not in GONE}
    return TomlFile(file.path, kept, lines, {new: old for old, new in found})


def _found(data: dict[str, Any]) -> Iterator[tuple[Place, Place]]:
    return ((old, new) for old, new in RENAMED.items() if old[1] in _table(data, old[0]) and _is_table(data, new[0]))


def _table(data: dict[str, Any], name: str) -> dict[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def _is_table(data: dict[str, Any], name: str) -> bool:
    """What is something else stays, and is refused for that."""
    return isinstance(data.get(name, {}), dict)
