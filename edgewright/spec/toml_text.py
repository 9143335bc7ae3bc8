"""TOML files with the line of every key, so that a message can say where."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edgewright.errors import UserError
from edgewright.sections.section import Key

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_TABLE = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_ARRAY = re.compile(r"\s*\[\[\s*([^\[\]]+?)\s*\]\]\s*(?:#.*)?$")
_PART = r"""(?:[A-Za-z0-9_\-]+|"[^"\\]*"|'[^']*')"""
_ENTRY = re.compile(rf"\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")
_POSITION = re.compile(r"line (\d+)")


@dataclass(frozen=True)
class TomlFile:
    """A parsed file: its data, and the line (from 1) at which each table and key begins.

    `written`: how the file itself calls a key that is called otherwise here.
    """

    path: str
    data: dict[str, Any]
    lines: dict[Key, int] = field(default_factory=dict)
    written: dict[Key, Key] = field(default_factory=dict)

    def where(self, key: Key = ()) -> str:
        """Place of a key for a message: "targets/rpi.toml:12: compress[0].pass"; a parent's line if need be."""
        key = self._as_written(key)
        known = next((key[:n] for n in range(len(key), 0, -1) if key[:n] in self.lines), ())
        line = self.lines.get(known, 1)
        name = _dotted(self.written.get(key, key))
        return f"{self.path}:{line}: {name}" if name else f"{self.path}:{line}"

    def _as_written(self, key: Key) -> Key:
        """Without numbers of entries where a table stands alone in the place of a list."""
        parts: list[str | int] = []
        value: Any = self.data
        for part in key:
            if isinstance(part, int) and isinstance(value, dict):
                continue
            parts.append(part)
            value = value.get(part) if isinstance(value, dict) else _entry(value, part)
        return tuple(parts)


def read_toml(path: Path, shown: str) -> TomlFile:
    """Read `path`; messages call it `shown`. UserError when it cannot be read or is not TOML."""
    try:
        text = path.read_text(encoding="utf-8")
        return TomlFile(shown, tomllib.loads(text), _lines(text))
    except tomllib.TOMLDecodeError as error:
        line = _POSITION.search(str(error))
        raise UserError(f"{shown}:{line[1] if line else 1}", f"not valid TOML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(shown, f"cannot be read: {error}") from None


def _entry(value: Any, place: str | int) -> Any:
    fits = isinstance(value, list) and isinstance(place, int) and place < len(value)
    return value[place] if fits else None


def _lines(text: str) -> dict[Key, int]:
    lines: dict[Key, int] = {}
    table: Key = ()
    counts: dict[Key, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _ARRAY.match(line):
            name = _parts(match[1])
            counts[name] = counts.get(name, -1) + 1
            table = (*name, counts[name])
            lines.setdefault(name, number)
            lines[table] = number
        elif match := _TABLE.match(line):
            table = _parts(match[1])
            lines[table] = number
        elif match := _ENTRY.match(line):
            lines.setdefault((*table, *_parts(match[1])), number)
    return lines


def _parts(dotted: str) -> Key:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))


def _dotted(key: Key) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key)
    return text.removeprefix(".")
