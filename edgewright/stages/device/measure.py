"""Measures the inference of a .tflite model on a device, and checks the device's answers.

python -m edgewright.stages.device.measure --model m.tflite --out latency.json [--prepared data.npz] [--firmware m.elf]
    --options '{"runtime": "litert", "board": {...}, "measure": {"transport": "qemu-user", "runs": 50}, "data": {...}}'

Further models, `--also m.tflite --also-out latency.json` each, are measured in the same start of the device.
`board` has core and emulator of the board's file, `measure` is the target's section [measure], and `data` the model's
section [data]; without it the inputs are random numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from edgewright.answers import model_inputs
from edgewright.answers.agreement import accuracy, compare, host_outputs_of
from edgewright.answers.random_inputs import random_inputs
from edgewright.command_line import run
from edgewright.devices import Job, Measurement, Outputs, hold
from edgewright.errors import UserError
from edgewright.files import write_json
from edgewright.options.measure import Options
from edgewright.registry import transports
from edgewright.stage_command import stage
from edgewright.stages._chosen import chosen
from edgewright.tasks import Truths
from edgewright.tflite import differences
from edgewright.tflite.ends import real
from edgewright.tflite.reader import read_model

_CHECKED = 2  # samples that are run with the reference kernels too, which are ten times slower


def run_measurement(options: Options) -> None:
    """Measure, check the answers, and write the figures."""
    if len(options.also) != len(options.also_out):
        raise UserError("--also", "a model needs a file for its figures", got=len(options.also_out), hint="--also-out")
    asked = dict(options.measure)
    name, device = asked.pop("transport", None), asked.pop("device", None)
    transport, chosen_options = chosen(transports, name, asked, "measure")
    judged = getattr(chosen_options, "accuracy_samples", 0)
    examples = _examples(options, judged)
    jobs = [_job(options, model, examples) for model in (options.model, *options.also)]
    measurements = _measure(transport, jobs, chosen_options)
    truths = examples.first(judged) if examples is not None and judged else None
    records = _records(measurements, jobs, str(name), truths)
    named = {key: name for key, name in (("device", device), ("stand_in", options.stand_in)) if name}
    for out, found in zip((options.out, *options.also_out), records, strict=True):
        write_json(out, {**found, **named})
    for measurement, job in zip(measurements, jobs, strict=True):
        print(f"{job.model.stem}: {headline(measurement, job)}")


def _measure(transport: ModuleType, jobs: Sequence[Job], options: Any) -> Sequence[Measurement]:
    """The measurements; alone on the device, where it is one that others could want."""
    shared = hasattr(transport, "identity")
    alone = hold(transport.identity(options), f"measuring {jobs[0].model.stem}") if shared else nullcontext()
    with alone:
        found: Sequence[Measurement] = (
            transport.measure_all(jobs, options)
            if hasattr(transport, "measure_all")
            else [transport.measure(job, options) for job in jobs]
        )
    return found


def _examples(options: Options, judged: int) -> Truths | None:
    """The test examples of which answers are compared, the first `judged` of them also judged; None without data."""
    if options.data is None:
        return None
    every = model_inputs.test_data(options.data, options.prepared, options.task, options.source)
    return every.across(max(options.samples, judged), options.samples)


def _job(options: Options, model: Path, examples: Truths | None) -> Job:
    """What is asked of the device for a model."""
    graph = read_model(model)
    data, runtime = options.data, options.runtime
    differences.refuse(graph, runtime)
    samples = (
        random_inputs(graph, options.samples) if examples is None else model_inputs.as_input(graph, examples.inputs)
    )
    checked = 0 if runtime == "aot" else min(_CHECKED, len(samples[0]))
    board = options.board.model_dump() if options.board else {}
    rounding = options.compile.rounding
    has_state, anew = bool(graph.states), data is not None
    firmware, select = options.firmware, options.select
    return Job(model, runtime, samples, board, firmware, checked, rounding, has_state, anew, select)


def _records(
    measurements: Sequence[Measurement], jobs: Sequence[Job], transport: str, truths: Truths | None
) -> list[dict[str, Any]]:
    """The content of each latency.json. DeviceError when the device's answers are wrong.

    `truths` are of the jobs' first samples, where what they are worth is judged as well.
    """
    compared = not transports.load(transport).ABILITIES.is_this_machine and all(m.outputs for m in measurements)
    here = host_outputs_of(jobs) if compared else [None] * len(jobs)
    return [_record(*each, transport, truths) for each in zip(measurements, jobs, here, strict=True)]


def _record(
    measurement: Measurement, job: Job, here: Outputs | None, transport: str, truths: Truths | None
) -> dict[str, Any]:
    """The content of one; `here` are this machine's answers, where the device's are compared."""
    outputs = measurement.outputs
    agreement, judged = None, None
    where = str(measurement.figures["cpu"])
    if outputs is not None and here is not None:
        agreement = compare(outputs, here, where, exact=job.runtime == "aot")
        judged = _judged(job, outputs, here, truths, where) if truths is not None else None
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


def _judged(job: Job, outputs: Outputs, here: Outputs, truths: Truths, where: str) -> dict[str, Any] | None:
    """What the answers are worth; None where so few examples do not tell it, as all test examples do."""
    graph, n = read_model(job.model), len(truths)
    device, own = (real([v[:n] for v in each.values], graph, truths.task.names) for each in (outputs, here))
    with suppress(UserError):
        return accuracy(device, own, truths, where)
    return None


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


main = stage(Options, run_measurement)

if __name__ == "__main__":
    run(main)
