"""A network as peers take it, and what C of any compiler takes on a board: in our firmware, counted as ours is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np

from edgewright.answers.random_inputs import random_inputs
from edgewright.devices import Job, qemu_system
from edgewright.files import read_json
from edgewright.options import firmware as firmware_options
from edgewright.options import words
from edgewright.sections.compile import Compile
from edgewright.sections.firmware import Firmware
from edgewright.spec import ProjectTarget
from edgewright.stages.microcontroller import firmware as firmware_stage
from edgewright.tflite.reader import parse_model
from testbench.nets import tflm
from testbench.peers import image, interface
from testbench.peers.mend import mended

SAMPLES = 2
"""Inputs whose answers are compared."""
STACK = "1 MiB"
"""What an image keeps free: there are peers that hold all activations on the stack."""

Level = Literal["speed", "balanced", "size"]


class Network:
    """A network, as a file and mended, and how it is measured."""

    def __init__(self, work: Path, name: str, content: bytes) -> None:
        self.work, self.name = work, name
        self.model = work / f"{name}.tflite"
        self.original = work / f"{name}_as_it_is.tflite"
        self.original.write_bytes(content)
        fixed, self.said = mended(content, name)
        self.model.write_bytes(fixed)
        self.graph = parse_model(fixed, name)
        self.samples = random_inputs(self.graph, SAMPLES)
        self.expected = np.stack(tflm(fixed, list(self.samples[0])))

    def measured(self, peer: str, way: str, level: Level, made: Path, target: ProjectTarget) -> dict[str, Any]:
        """Figures of the C that a peer left in `made`, compiled at a level of `[compile] optimize`."""
        c, out = self.folder(peer, way, level, "c"), self.folder(peer, way, level)
        out.mkdir()
        image.lay_out(c, made, interface.read(made), self.graph, self.name)
        board = target.board
        options = firmware_options.Options(
            model_dir=c,
            out_dir=out,
            target=target.name,
            board_name=target.spec.board,
            board=board,
            compile=Compile(optimize=level),
            firmware=Firmware.model_validate({"stack": STACK}),
        )
        firmware_stage.main(words(options))
        facts = read_json(out / "firmware.json")
        job = Job(self.model, "aot", self.samples, board.model_dump(), out / "firmware.elf")
        found = qemu_system.measure(job, qemu_system.Options(runs=1, warmup=0))
        answers = found.outputs.values[0].reshape(self.expected.shape) if found.outputs else self.expected
        ram = facts["ram"]["arena_bytes"] + facts["ram"]["static_bytes"] + found.figures["stack_bytes"]
        return {
            "instructions": found.figures["instructions"],
            "estimated_cycles": found.figures["estimated_cycles"],
            "flash_bytes": facts["flash"]["total_bytes"],
            "ram_bytes": ram,
            "differing": int(np.count_nonzero(answers != self.expected)),
            "most": int(np.abs(answers.astype(int) - self.expected).max()),
        }

    def folder(self, *parts: str) -> Path:
        """The path of a folder of its own."""
        return self.work / "-".join((self.name, *parts))
