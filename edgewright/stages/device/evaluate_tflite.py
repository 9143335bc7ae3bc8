"""What a .tflite model is worth on the test data, through the runtime that the device runs.

python -m edgewright.stages.device.evaluate_tflite --model m.tflite --out accuracy.json [--prepared data.npz]
    --options '{"runtime": "tflite-runtime", "board": {...}, "data": {...}}'

The runtime runs on this machine; where this Python has none, inside the emulated device. Generated C (runtime "aot") is
built for this machine, with portable kernels: they give the same bytes as those of every core.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from edgewright import tasks
from edgewright.answers import model_inputs
from edgewright.answers.agreement import host_outputs
from edgewright.command_line import run
from edgewright.devices import Job, Outputs
from edgewright.errors import UserError
from edgewright.files import write_json
from edgewright.options.evaluate_tflite import Options
from edgewright.registry import transports
from edgewright.stage_command import stage
from edgewright.stages.device import _answers
from edgewright.tflite.ends import real
from edgewright.tflite.reader import read_model

_TIMEOUT_S = 3600.0


def evaluate(options: Options) -> None:
    """Evaluate, write the file and print one line."""
    truths = model_inputs.test_data(options.data, options.prepared, options.task, options.source)
    graph = read_model(options.model)
    samples = model_inputs.as_input(graph, truths.inputs)
    board = options.board.model_dump() if options.board else {}
    has_state, rounding = bool(graph.states), options.compile.rounding
    job = Job(options.model, options.runtime, samples, board, rounding=rounding, has_state=has_state, anew=True)
    outputs, where = _infer(job)
    values = real(outputs.values, graph, options.task.names)
    found = tasks.figures(values, truths)
    write_json(options.out, _record(found, outputs, where))
    if options.answers:
        floats = _answers.read_floats(options.float_answers) if options.float_answers else None
        write_json(options.answers, _answers.counted(values, truths, floats, graph.anomaly))
    print(f"{options.model.stem}: {found[0].told} of {len(truths):,} test examples")


def _infer(job: Job) -> tuple[Outputs, str]:
    outputs = host_outputs(job)
    if outputs is not None:
        return outputs, "host"
    emulator = job.board.get("emulator")
    if not emulator:
        hint = "install it, or name a board that has an emulator"
        raise UserError(job.runtime, "this machine cannot run it, and no emulated device stands in", hint=hint)
    return transports.load(emulator["kind"]).infer(job, _TIMEOUT_S), "emulated device"


def _record(found: list[tasks.Figure], outputs: Outputs, where: str) -> dict[str, Any]:
    runtime, version = outputs.runtime
    rounded = [replace(figure, value=round(figure.value, 6)) for figure in found]
    return {
        "schema": 1,
        **tasks.record(rounded),
        "runtime": runtime,
        "runtime_version": version,
        "where": where,
    }


main = stage(Options, evaluate)

if __name__ == "__main__":
    run(main)
