"""The memory plan for a terminal: time across, address up, a letter for each block."""

from __future__ import annotations

import string
from collections.abc import Sequence

from edgewright.compiler.ir import Plan, Schedule
from edgewright.compiler.memory.blocks import Rectangle, headline, rectangles

_COLUMNS = 88
_ROWS = 24
_LETTERS = string.ascii_uppercase + string.ascii_lowercase
_SHARED, _FREE = "/", "."
_NOTE = f"time across, bytes up; {_FREE} free; ^ the peak; two letters in turn, or {_SHARED}: input and output overlap"


def render_text(name: str, schedule: Schedule, plan: Plan) -> str:
    """The plan in at most 100 columns.

    Args:
        name: of the model.
        schedule: what was planned.
        plan: addresses.
    """
    blocks = rectangles(schedule, plan)
    moments = list(range(-1, len(schedule.steps) + 1))
    lines = [headline(name, schedule, plan), "", *_picture(blocks, moments, plan), *_marks(moments, plan), ""]
    lines += [_NOTE, ""]
    lines += [_legend(number, block, len(schedule.steps)) for number, block in enumerate(blocks)]
    return "\n".join(lines) + "\n"


def _picture(blocks: Sequence[Rectangle], moments: Sequence[int], plan: Plan) -> list[str]:
    """Rows from the top of the arena down; a row is labelled with its lowest address."""
    rows = min(_ROWS, max(1, plan.arena_bytes))
    lines = []
    for row in reversed(range(rows)):
        low, high = plan.arena_bytes * row // rows, plan.arena_bytes * (row + 1) // rows
        cells = "".join(_cell(blocks, column, (low + high) // 2, _width(moments)) for column in _columns(moments))
        lines.append(f"{low:>9,} |{cells}|")
    return lines


def _width(moments: Sequence[int]) -> int:
    return max(1, min(6, _COLUMNS // len(moments)))


def _columns(moments: Sequence[int]) -> list[Sequence[int]]:
    """Moments of each column: several where there are more than fit."""
    share = -(-len(moments) // _COLUMNS)
    return [moments[start : start + share] for start in range(0, len(moments), share)]


def _cell(blocks: Sequence[Rectangle], column: Sequence[int], address: int, width: int) -> str:
    """The letters of the blocks that hold an address, at the moment when most do."""
    found: list[str] = []
    for moment in column:
        alive = [n for n, b in enumerate(blocks) if b.first <= moment <= b.last and 0 <= address - b.address < b.bytes]
        found = [_letter(n) for n in alive] if len(alive) > len(found) else found
    if len(found) > 1 and width == 1:
        return _SHARED
    return (("".join(found) or _FREE) * width)[:width]


def _letter(number: int) -> str:
    return _LETTERS[number % len(_LETTERS)]


def _marks(moments: Sequence[int], plan: Plan) -> list[str]:
    """A line under the picture with the column of the peak."""
    marks = ["^" if plan.peak_step in column else "-" for column in _columns(moments)]
    return [" " * 10 + "+" + "".join(mark * _width(moments) for mark in marks) + "+"]


def _legend(number: int, block: Rectangle, steps: int) -> str:
    first = "start" if block.first < 0 else str(block.first)
    last = "end" if block.last >= steps else str(block.last)
    when = first if first == last else f"{first}..{last}"
    name = block.name if len(block.name) <= 40 else block.name[:39] + "~"
    return f"{_letter(number)}  {name:<40} {block.bytes:>9,} bytes at {block.address:>9,}  steps {when}"
