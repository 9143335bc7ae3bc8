"""Stages of a Linux-class board, where a runtime loads the .tflite."""

from __future__ import annotations

from edgewright.pipeline._data import data_inputs
from edgewright.pipeline._measure import DEVICE_FILES, PACKAGES, measure_stage
from edgewright.pipeline._stage import BUILD, Job, Stage, options
from edgewright.pipeline._training import Trained


def accuracy_stage(job: Job) -> str | None:
    """Add the final evaluation, on test data through the runtime of the device; None without data."""
    spec = job.model.spec
    if spec is None:
        return None
    data = data_inputs(job, spec)
    out = job.path("accuracy.json")
    runtime = job.target.spec.runtime
    section = {
        "runtime": runtime,
        "board": job.target.board.model_dump(mode="json"),
        "data": data.section,
        "metric": spec.metric.kind,
    }
    arguments = ("--model", job.tflite, "--model-dir", f"models/{job.model.name}", *options(section), "--out", out)
    job.add(
        Stage(
            "evaluate_tflite",
            f"evaluate {job.model.name} as {job.target.name} runs it",
            arguments,
            (job.tflite, *data.files),
            (out,),
            modules=data.modules,
            packages=(*PACKAGES[runtime], "numpy"),
        )
    )
    return out


def sysroot_stage(job: Job) -> str | None:
    """Add the emulated device's file system; None when nothing is emulated in user mode."""
    emulator = job.target.board.emulator
    if not emulator or not job.target.measure or job.target.measure.transport != "qemu-user":
        return None
    runtime = job.target.spec.runtime
    out = f"{BUILD}/tools/sysroot-{emulator.arch}-{runtime}.json"
    job.add(
        Stage(
            "sysroot",
            f"prepare the emulated device ({emulator.arch}, {runtime})",
            ("--arch", str(emulator.arch), "--runtime", runtime, "--out", out),
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
