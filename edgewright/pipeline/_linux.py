"""Stages of a Linux-class board, where a runtime loads the .tflite."""

from __future__ import annotations

from edgewright import registry
from edgewright.pipeline._data import data_inputs
from edgewright.pipeline._stage import BUILD, Job, Stage, options
from edgewright.pipeline._training import Trained

PACKAGES = {"tflite-runtime": "tflite-runtime", "litert": "ai-edge-litert"}
DEVICE_FILES = ("edgewright/devices/*.c", "edgewright/devices/*.txt")


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
            packages=(PACKAGES[runtime], "numpy"),
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


def measure_stage(job: Job, sysroot: str | None, tflite: str, out: str) -> str | None:
    """Add the measurement of a .tflite; None when the target has nothing to measure with."""
    measure, spec = job.target.measure, job.model.spec
    if measure is None:
        return None
    data = data_inputs(job, spec) if spec else None
    section = {
        "runtime": job.target.spec.runtime,
        "board": job.target.board.model_dump(mode="json"),
        "measure": {"transport": measure.transport, **measure.options},
        "data": data.section if data else None,
    }
    arguments = ["--model", tflite, "--out", out, *options(section)]
    if data:
        arguments += ["--model-dir", f"models/{job.model.name}"]
    if sysroot:
        arguments += ["--tool", sysroot]
    what = job.model.name if tflite == job.tflite else tflite
    job.add(
        Stage(
            "measure",
            f"measure {what} on {job.target.name}",
            tuple(arguments),
            (tflite, *((sysroot,) if sysroot else ()), *(data.files if data else ())),
            (out,),
            resources=DEVICE_FILES,
            modules=(registry.transports.module_name(measure.transport), *(data.modules if data else ())),
            packages=(PACKAGES[job.target.spec.runtime], "numpy"),
            aliases=("measure",),
            cached=False,
            device=job.target.spec.board,
        )
    )
    return out


def float_latencies(job: Job, sysroot: str | None, trained: Trained) -> dict[str, str]:
    """Add measurements of the float models, what each step bought; by "float" and by the model file of each step."""
    files = {"float": trained.float_tflite, **{step.model: step.float_tflite for step in trained.steps}}
    found = {}
    for index, (name, tflite) in enumerate(files.items()):
        out = job.path("latency-float.json" if index == 0 else f"latency-{index}-{trained.steps[index - 1].name}.json")
        if measure_stage(job, sysroot, tflite, out):
            found[name] = out
    return found
