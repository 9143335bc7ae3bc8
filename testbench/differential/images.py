"""Models as firmware of emulated boards: the image as a build makes it, and its answers."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.compiler import CompiledModel, Core
from edgewright.devices import Job, qemu_system
from edgewright.home import home
from edgewright.sections.board import Board, Ported
from edgewright.stages.microcontroller import compile as compile_stage
from edgewright.stages.microcontroller import firmware
from testbench.boards import board as named
from testbench.boards import part

try:
    import tomllib
except ModuleNotFoundError:
    import tomli as tomllib

_TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Emulated:
    """A board that QEMU emulates: its name and the facts of its file."""

    name: str
    facts: Mapping[str, Any]

    @property
    def core(self) -> Core:
        """What the compiler is told of its core."""
        core = self.facts["core"]
        return Core(core["cpu"], core["arch"], core["dsp"], core["mve"])


def emulated_boards() -> dict[str, Emulated]:
    """By name, all boards that QEMU emulates: one for each kind of core."""
    boards = (Emulated(path.stem, _facts(path)) for path in sorted((home() / "targets" / "boards").glob("*.toml")))
    emulated = [board for board in boards if (board.facts["emulator"] or {}).get("kind") == "qemu-system"]
    first = {board.facts["core"]["cpu"]: board for board in reversed(emulated)}
    return {board.name: board for board in emulated if board is first[board.facts["core"]["cpu"]]}


def _facts(path: Path) -> dict[str, Any]:
    return Board.model_validate(tomllib.loads(path.read_text())).model_dump()


def build_image(compiled: CompiledModel, board: Emulated, folder: Path) -> Path:
    """firmware.elf in `folder`, made of the model's C by the firmware stage; ToolError where a compiler refuses it."""
    options = {
        "target": "mixed",
        "board_name": board.name,
        "board": part(Ported, named(board.name)),
        "compile": {"optimize": "size"},
    }
    arguments = ["--model-dir", str(folder / "c"), "--out-dir", str(folder), "--options", json.dumps(options)]
    with redirect_stdout(io.StringIO()):
        compile_stage.write_sources(compiled, folder / "c")
        firmware.main(arguments)
    return folder / "firmware.elf"


def answers(elf: Path, board: Emulated, inputs: Sequence[NDArray[Any]]) -> tuple[NDArray[Any], ...]:
    """One array (n, *shape) for each output of an image's model, run in QEMU on n samples in turn.

    Args:
        elf: the image.
        board: what it was built for.
        inputs: one array (n, *shape) for each input.
    """
    job = Job(elf, "aot", tuple(map(np.asarray, inputs)), board.facts, elf)
    return qemu_system.infer(job, _TIMEOUT_S).values
