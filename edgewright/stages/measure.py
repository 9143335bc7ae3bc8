"""Measures the inference of a .tflite model on a device, and checks the device's answers.

python -m edgewright.stages.measure --model m.tflite --out latency.json [--model-dir models/m] [--firmware m.elf]
    --options '{"runtime": "litert", "board": {...}, "measure": {"transport": "qemu-user", "runs": 50}, "data": {...}}'

`board` is the board's file and `measure` the target's section [measure]. `data` is the model's section [data]; without
it the inputs are random numbers.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from edgewright.devices import Job, Measurement, hold
from edgewright.errors import UserError
from edgewright.files import write_json
from edgewright.registry import transports
from edgewright.stages import _samples
from edgewright.stages._agreement import Classes, accuracy, compare, host_outputs
from edgewright.stages._cli import json_object, run, section
from edgewright.stages._random_inputs import random_inputs
from edgewright.tflite import differences
from edgewright.tflite.reader import read_model

_SAMPLES = 16
_CHECKED = 2  # samples that are run with the reference kernels too, which are ten times slower


def main(argv: Sequence[str] | None = None) -> int:
    """Run the stage."""
    arguments = _parser().parse_args(argv)
    options = json_object(arguments.options)
    asked = section(options, "measure")
    name = str(asked.pop("transport", None))
    device = asked.pop("device", None)
    transport = transports.load(name)
    checked = _checked(transport, asked)
    job, classes = _job(arguments, options, getattr(checked, "accuracy_samples", 0))
    measurement = _measure(transport, job, checked)
    found = record(measurement, job, name, classes)
    write_json(arguments.out, {**found, "device": device} if device else found)
    print(f"{arguments.model.stem}: {headline(measurement, job)}")
    return 0


def _measure(transport: ModuleType, job: Job, options: Any) -> Measurement:
    """The measurement; alone on the device, where it is one that others could want."""
    shared = hasattr(transport, "identity")
    alone = hold(transport.identity(options), f"measuring {job.model.stem}") if shared else nullcontext()
    with alone:
        found: Measurement = transport.measure(job, options)
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m edgewright.stages.measure", description=__doc__)
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--model-dir", type=Path, help="folder of the model's model.py, for data of its own")
    parser.add_argument("--firmware", type=Path, help="image for a microcontroller")
    parser.add_argument("--tool", action="append", default=[], help="what the measurement depends on besides; not read")
    parser.add_argument("--options", required=True)
    return parser


def _job(arguments: argparse.Namespace, options: Mapping[str, Any], judged: int) -> tuple[Job, Classes | None]:
    """The job, and the right classes of its first `judged` samples; None without data or when none are judged."""
    graph = read_model(arguments.model)
    data, runtime = options.get("data"), str(options.get("runtime"))
    differences.refuse(graph, runtime)
    classes = None
    if data is None:
        samples = random_inputs(graph, _SAMPLES)
    else:
        examples, right = _samples.test_data(data, arguments.model_dir)
        samples = _samples.as_input(graph, examples[: max(_SAMPLES, judged)])
        classes = right[:judged] if judged else None
    checked = 0 if runtime == "aot" else min(_CHECKED, len(samples[0]))
    board = options.get("board") or {}
    rounding = str(options.get("rounding", "tflm"))
    has_state, anew = bool(graph.states), data is not None
    job = Job(arguments.model, runtime, samples, board, arguments.firmware, checked, rounding, has_state, anew)
    return job, classes


def _checked(transport: ModuleType, asked: Mapping[str, Any]) -> Any:
    try:
        return transport.OPTIONS.model_validate(dict(asked))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(["measure", *map(str, first["loc"])])
        raise UserError(f"--options {place}", first["msg"], got=first["input"]) from None


def record(measurement: Measurement, job: Job, transport: str, classes: Classes | None = None) -> dict[str, Any]:
    """The content of latency.json. DeviceError when the device's answers are wrong.

    `classes` are the right ones of the job's first samples, where its accuracy is judged as well.
    """
    outputs = measurement.outputs
    agreement, judged = None, None
    where = str(measurement.figures["cpu"])
    if outputs is not None and transport != "host" and (here := host_outputs(job)) is not None:
        agreement = compare(outputs, here, where, exact=job.runtime == "aot")
        judged = accuracy(outputs, here, classes, where) if classes is not None else None
    runtime, version = outputs.runtime if outputs else (job.runtime, None)
    return {
        "schema": 1,
        "kind": measurement.kind,
        **measurement.figures,
        "transport": transport,
        "runtime": runtime,
        "runtime_version": version,
        "outputs_agree": agreement,
        **({"device_accuracy": judged} if judged else {}),
        "tools": dict(measurement.tools),
    }


def headline(measurement: Measurement, job: Job) -> str:
    """The result in one line."""
    figures = measurement.figures
    if measurement.kind == "emulated":
        figure = f"{figures['instructions']:,} instructions an inference"
    else:
        figure = f"{figures['latency_us']:,.1f} us an inference"
    figure += " in the steady state" if job.has_state else ""
    slowed = f"; SLOWED DOWN: {', '.join(figures['throttled'])}" if figures.get("throttled") else ""
    return f"{figure} ({measurement.kind}, {figures['cpu']}, {job.runtime}){slowed}"


if __name__ == "__main__":
    run(main)
