"""Stages of a microcontroller: the model as a C library, its accuracy, the firmware image and the bundle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edgewright import registry
from edgewright.pipeline._data import data_inputs
from edgewright.pipeline._stage import Job, Stage, options
from edgewright.spec import Board

TEMPLATES = ("templates",)


@dataclass(frozen=True)
class Compiled:
    """Where the compiler's artifacts lie."""

    folder: str
    facts: str


def compile_stage(job: Job, labels: tuple[str, ...]) -> Compiled:
    """Add the stage that writes the model as a C library."""
    made = Compiled(job.path("c"), job.path("c/compile.json"))
    job.add(
        Stage(
            "compile",
            f"compile {job.model.name} to C for {job.target.board.core.cpu}",
            (
                *("--model", job.tflite, "--name", job.model.name, "--out-dir", made.folder),
                *options({"core": _core(job.target.board), "compile": dict(job.target.spec.compile), "labels": labels}),
            ),
            (job.tflite,),
            (made.facts,),
            tuple(registry.ops.module_name(name) for name in registry.ops.names()),
            ("jinja2", "numpy", "tflite"),
            ("compile",),
            cached=False,
        )
    )
    return made


def _core(board: Board) -> dict[str, Any]:
    """What the compiler knows of a core."""
    core = board.core
    return {"name": core.cpu, "arch": core.arch, "has_dsp": core.dsp, "has_mve": core.mve}
