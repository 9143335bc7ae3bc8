"""What stands in for a microcontroller that nothing here emulates: an emulated board of the same core.

The model's code is compiled for the core as the board's file says: it is the board's own, instruction for instruction.
Only start-up, UART and memory map are those of the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edgewright.sections.board import Board


@dataclass(frozen=True)
class StandIn:
    """The name of the emulated board, and the board with the memory, the port and the emulator of that one.

    `port_files` are those of a port of the project's own.
    """

    name: str
    board: Board
    port_files: tuple[str, ...] = ()


def stand_in(board: Board, boards: Mapping[str, Board | None]) -> StandIn | None:
    """What stands in for a board; None where it is emulated itself, or no emulated one has its instructions."""
    if not board.is_microcontroller or board.emulator is not None:
        return None
    fitting = {name: other for name, other in boards.items() if other and _runs(other, board)}
    if not fitting:
        return None
    name = min(fitting, key=lambda each: (fitting[each].core.cpu != board.core.cpu, each))
    other = fitting[name]
    lent = {key: getattr(other, key) for key in ("emulator", "memory", "port", "port_config")}
    return StandIn(name, board.model_copy(update={**lent, "flash": {}, "uf2_family": None}))


def _runs(other: Board, board: Board) -> bool:
    """Whether an emulated board runs the code of another's core."""
    theirs, ours = other.core, board.core
    if not other.is_microcontroller or other.emulator is None:
        return False
    return (theirs.arch, theirs.dsp, theirs.mve) == (ours.arch, ours.dsp, ours.mve) and theirs.fpu >= ours.fpu
