"""Stages of a Linux-class board, where a runtime loads the .tflite."""

from __future__ import annotations

from pathlib import Path

from edgewright.options import words
from edgewright.options.sysroot import Options
from edgewright.pipeline._measure import DEVICE_FILES, abilities, measure_stage
from edgewright.pipeline._stage import BUILD, Job, Stage
from edgewright.pipeline._training import Trained


def sysroot_stage(job: Job) -> str | None:
    """Add the emulated device's file system; None when nothing is emulated in user mode."""
    emulator = job.target.board.emulator
    measure = job.target.measure
    if not emulator or not measure or not abilities(measure.transport).needs_system_root:
        return None
    runtime = job.target.spec.runtime
    out = f"{BUILD}/tools/sysroot-{emulator.arch}-{runtime}.json"
    job.add(
        Stage(
            "device.sysroot",
            f"prepare the emulated device ({emulator.arch}, {runtime})",
            words(Options(arch=str(emulator.arch), runtime=runtime, out=Path(out))),
            (),
            (out,),
            resources=DEVICE_FILES,
            cached=False,
        )
    )
    return out


def float_latencies(job: Job, sysroot: str | None, trained: Trained) -> dict[str, str]:
    """Add measurements of the float models, what each step bought; by "float" and by the model file of each step."""
    out = job.path("latency-float.json")
    found = {"float": measure_stage(job, trained.float_tflite, out, tool=sysroot)}
    for index, step in enumerate(trained.steps, start=1):
        out = job.path(f"latency-{index}-{step.name}.json")
        found[step.model] = measure_stage(job, step.float_tflite, out, tool=sysroot)
    return {name: path for name, path in found.items() if path}
