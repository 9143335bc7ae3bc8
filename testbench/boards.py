"""Boards of targets/boards/, and the parts of them that single stages read."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from edgewright.home import home
from edgewright.sections.board import Board
from edgewright.sections.section import Section

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@cache
def board(name: str) -> Board:
    """The board of a file."""
    return Board.model_validate(tomllib.loads((home() / "targets" / "boards" / f"{name}.toml").read_text()))


def part(kind: type[Section], of: Section) -> dict[str, Any]:
    """A part of a board or of its core, for instance `Ported`, as it stands in `--options`."""
    found: dict[str, Any] = TypeAdapter(kind).dump_python(of, mode="json", exclude_defaults=True)
    return found
