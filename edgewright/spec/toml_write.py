"""Values as TOML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def entry_text(entry: Mapping[str, Any]) -> str:
    """An entry as TOML, keys aligned, a newline at its end."""
    width = max(len(_key(key)) for key in entry)
    lines = [f"{_key(key).ljust(width)} = {value_text(value)}" for key, value in entry.items()]
    return "\n".join(["[[compress]]", *lines, ""])


def value_text(value: Any) -> str:
    """A value as TOML in one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # all else is the same in TOML
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {value_text(inner)}" for key, inner in value.items()) + " }"
    return "[" + ", ".join(map(value_text, value)) + "]"


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else value_text(key)


def document(data: Mapping[str, Any]) -> str:
    """A whole file: plain keys first, then tables, then arrays of tables; a table in a table is written in its line."""
    return "\n".join(_parts(data))


def _parts(data: Mapping[str, Any]) -> Iterator[str]:
    plain = {key: value for key, value in data.items() if not isinstance(value, dict) and not _are_tables(value)}
    if plain:
        yield "".join(f"{_key(key)} = {value_text(value)}\n" for key, value in plain.items())
    for key, value in data.items():
        if isinstance(value, dict):
            yield _table(f"[{_key(key)}]", value)
        elif _are_tables(value):
            yield from (_table(f"[[{_key(key)}]]", entry) for entry in value)


def _are_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)


def _table(head: str, entries: Mapping[str, Any]) -> str:
    return "".join([f"{head}\n", *(f"{_key(key)} = {value_text(value)}\n" for key, value in entries.items())])
