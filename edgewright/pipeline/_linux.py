"""Stages of a Linux-class board, where a runtime loads the .tflite."""

from __future__ import annotations

from pathlib import Path

from edgewright.options import words
from edgewright.options.sysroot import Options
from edgewright.pipeline._measure import DEVICE_FILES, abilities, measure_stage, starts_once
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


def latencies(job: Job, tflite: str, sysroot: str | None, trained: Trained | None) -> tuple[str | None, dict[str, str]]:
    """Add measurements of the model, and of the float models, what each step bought.

    Gives where the figures are: the model's, and the others' by "float" and by the model file of each step.
    """
    out, floats = job.path("latency.json"), _float_models(job, trained) if trained else {}
    models = dict(floats.values())
    if starts_once(job):
        latency = measure_stage(job, {out: tflite, **models}, tool=sysroot)
    else:
        latency = measure_stage(job, {out: tflite}, tool=sysroot)
        for path, model in models.items():
            measure_stage(job, {path: model}, tool=sysroot)
    return latency, {name: path for name, (path, _) in floats.items()} if latency else {}


def _float_models(job: Job, trained: Trained) -> dict[str, tuple[str, str]]:
    """Where the figures of each float model go, and the model."""
    found = {"float": (job.path("latency-float.json"), trained.float_tflite)}
    for index, step in enumerate(trained.steps, start=1):
        found[step.model] = job.path(f"latency-{index}-{step.name}.json"), step.float_tflite
    return found
