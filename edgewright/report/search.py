"""What a search leaves for pages and for commands of later: build/search/<its folder>/front.json."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgewright.files import read_json

FILE = "front.json"

_TRIAL = {
    "number": int,
    "outcome": str,
    "message": str,
    "words": str,
    "values": {},
    "figures": [str],
    "costs": [object],
    "on_front": bool,
}
_OBJECTIVE = {"title": str, "more": bool, "share": bool, "unit": str}
_SHAPE = {
    "name": str,
    "command": str,
    "folder": str,
    "model": str,
    "targets": {str: str},
    "objectives": [_OBJECTIVE],
    "trials": [_TRIAL],
    "quick_worth": [{"title": str, "trials": int}],
}


_ON_TARGET = {"figures": [str], "costs": [object], "holds": bool, "message": str, "on_front": bool}
_SEVERAL = {"fronts": [{"target": str, "objectives": [_OBJECTIVE]}], "trials": [{"targets": {str: _ON_TARGET}}]}
"""Besides, where several targets were searched."""


def read_front(path: Path) -> Mapping[str, Any]:
    """What was found so far; UserError where the file is damaged."""
    found: Mapping[str, Any] = read_json(path, _SHAPE)
    return read_json(path, _SEVERAL) if found.get("fronts") else found
