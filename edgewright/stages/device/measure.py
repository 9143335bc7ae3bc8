"""Measures the inference of a .tflite model on a device, and checks the device's answers.

python -m edgewright.stages.device.measure --model m.tflite --out latency.json [--prepared data.npz] [--firmware m.elf]
    --options '{"runtime": "litert", "board": {...}, "measure": {"transport": "qemu-user", "runs": 50}, "data": {...}}'

`board` has core and emulator of the board's file, `measure` is the target's section [measure], and `data` the model's
section [data]; without it the inputs are random numbers.
"""

from __future__ import annotations

from contextlib import nullcontext, suppress
from types import ModuleType
from typing import Any

from edgewright.answers import model_inputs
from edgewright.answers.agreement import accuracy, compare, host_outputs
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
    asked = dict(options.measure)
    name, device = asked.pop("transport", None), asked.pop("device", None)
    transport, chosen_options = chosen(transports, name, asked, "measure")
    job, truths = _job(options, getattr(chosen_options, "accuracy_samples", 0))
    measurement = _measure(transport, job, chosen_options)
    found = record(measurement, job, str(name), truths)
    named = {"device": device, "stand_in": options.stand_in}
    write_json(options.out, {**found, **{key: name for key, name in named.items() if name}})
    print(f"{options.model.stem}: {headline(measurement, job)}")


def _measure(transport: ModuleType, job: Job, options: Any) -> Measurement:
    """The measurement; alone on the device, where it is one that others could want."""
    shared = hasattr(transport, "identity")
    alone = hold(transport.identity(options), f"measuring {job.model.stem}") if shared else nullcontext()
    with alone:
        found: Measurement = transport.measure(job, options)
    return found


def _job(options: Options, judged: int) -> tuple[Job, Truths | None]:
    """The job, and what is true of its first `judged` samples; None without data or when none are judged."""
    graph = read_model(options.model)
    data, runtime = options.data, options.runtime
    differences.refuse(graph, runtime)
    truths = None
    if data is None:
        samples = random_inputs(graph, options.samples)
    else:
        every = model_inputs.test_data(data, options.prepared, options.task, options.source)
        found = every.across(max(options.samples, judged), options.samples)
        samples = model_inputs.as_input(graph, found.inputs)
        truths = found.first(judged) if judged else None
    checked = 0 if runtime == "aot" else min(_CHECKED, len(samples[0]))
    board = options.board.model_dump() if options.board else {}
    rounding = options.compile.rounding
    has_state, anew = bool(graph.states), data is not None
    firmware, select = options.firmware, options.select
    job = Job(options.model, runtime, samples, board, firmware, checked, rounding, has_state, anew, select)
    return job, truths


def record(measurement: Measurement, job: Job, transport: str, truths: Truths | None = None) -> dict[str, Any]:
    """The content of latency.json. DeviceError when the device's answers are wrong.

    `truths` are of the job's first samples, where what it is worth is judged as well.
    """
    outputs = measurement.outputs
    agreement, judged = None, None
    compared = not transports.load(transport).ABILITIES.is_this_machine
    where = str(measurement.figures["cpu"])
    if outputs is not None and compared and (here := host_outputs(job)) is not None:
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
