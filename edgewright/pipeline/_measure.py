"""The stages that judge a model as its device runs it: accuracy, and latency on the device or what stands in for it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from edgewright import registry
from edgewright.pipeline._compiler import COMPILER_FILES, DIFFERENCES, compiler_modules
from edgewright.pipeline._data import data_inputs
from edgewright.pipeline._stage import Job, Stage, options, short_hash

PACKAGES = {"tflite-runtime": ("tflite-runtime",), "litert": ("ai-edge-litert",), "aot": ()}
"""Python packages that run a model on this machine, by runtime."""

DEVICE_FILES = (
    *("edgewright/devices/*.c", "edgewright/devices/*.txt"),
    *(
        "edgewright/devices/_on_device.py",
        "edgewright/devices/_probe.py",
    ),  # run there: nothing imports them
)


def accuracy_stage(job: Job, tflite: str | None) -> str | None:
    """Add the final evaluation, on test data through the runtime of the device; None without data.

    Args:
        job: the pair of target and model.
        tflite: the quantized model that targets share; those that also run it alike share the evaluation.
    """
    spec = job.model.spec
    if spec is None or tflite is None:
        return None
    data = data_inputs(job, spec)
    runtime = job.target.spec.runtime
    section = {
        "runtime": runtime,
        **_rounding(job),
        **_emulated(job),
        "data": data.section,
        "metric": spec.metric.kind,
    }
    out = f"{Path(tflite).parent}/accuracy-{runtime}-{short_hash(section)}.json"
    arguments = ("--model", tflite, "--model-dir", f"models/{job.model.name}", *options(section), "--out", out)
    job.add(
        Stage(
            "evaluate_tflite",
            f"evaluate {job.model.name} as {runtime} runs it",
            arguments,
            (tflite, *data.files),
            (out,),
            data=data.folder,
            modules=(*data.modules, *(compiler_modules() if runtime == "aot" else ())),
            resources=COMPILER_FILES if runtime == "aot" else (),
            packages=(*PACKAGES[runtime], "numpy"),
        )
    )
    return out


def _emulated(job: Job) -> dict[str, Any]:
    """The device that stands in where this machine has no such runtime; generated C runs everywhere."""
    board = job.target.board
    if job.target.spec.runtime == "aot" or board.emulator is None:
        return {}
    return {"board": {"emulator": board.emulator.model_dump(mode="json"), "core": {"cores": board.core.cores}}}


def _rounding(job: Job) -> dict[str, str]:
    """What the answers of generated C depend on besides the model."""
    spec = job.target.spec
    return {"rounding": spec.compile.rounding} if spec.runtime == "aot" else {}


def device_of(job: Job) -> str:
    """Names what a stage that works on the device needs for itself: the device, or the board where none is named."""
    measure = job.target.measure
    if measure is None:
        return job.target.spec.board
    transport = registry.transports.load(measure.transport)
    if not hasattr(transport, "identity"):
        return job.target.spec.board
    options = transport.OPTIONS.model_validate(dict(measure.options))
    return re.sub(r"[^A-Za-z0-9._@-]+", "-", transport.identity(options))


def measure_stage(
    job: Job, tflite: str, out: str, *, tool: str | None = None, firmware: str | None = None
) -> str | None:
    """Add the measurement of a .tflite; None when the target has nothing to measure with.

    Args:
        job: the pair of target and model.
        tflite: the model.
        out: where the figures go.
        tool: a stage's output that has to be there first.
        firmware: the image of a microcontroller.
    """
    measure, spec = job.target.measure, job.model.spec
    if measure is None:
        return None
    data = data_inputs(job, spec) if spec else None
    section = {
        "runtime": job.target.spec.runtime,
        **_rounding(job),
        "board": job.target.board.model_dump(mode="json", exclude={"description", "flash"}),
        "measure": {
            "transport": measure.transport,
            **({"device": measure.device} if measure.device else {}),
            **measure.options,
        },
        "data": data.section if data else None,
    }
    paths = {"--model": tflite, "--firmware": firmware, "--tool": tool}
    given = {flag: path for flag, path in paths.items() if path}
    beside = [firmware.removesuffix(".elf") + suffix for suffix in (".bin", ".json")] if firmware else []
    model_dir = ("--model-dir", f"models/{job.model.name}") if data else ()
    what = job.model.name if out == job.path("latency.json") else tflite
    job.add(
        Stage(
            "measure",
            f"measure {what} on {job.target.name}",
            (*(word for pair in given.items() for word in pair), *model_dir, *options(section), "--out", out),
            (*given.values(), *beside, *(data.files if data else ())),
            (out,),
            data=data.folder if data else None,
            resources=(*DEVICE_FILES, *DIFFERENCES, *(COMPILER_FILES if firmware else ())),
            modules=(
                registry.transports.module_name(measure.transport),
                *(data.modules if data else ()),
                *(compiler_modules() if firmware else ()),
            ),
            packages=(*PACKAGES[job.target.spec.runtime], "numpy"),
            aliases=("measure",),
            cached=False,
            device=device_of(job),
        )
    )
    return out
