"""Accuracy of a .tflite model on the test data, through the runtime that the device runs.

python -m edgewright.stages.device.evaluate_tflite --model m.tflite --out accuracy.json [--prepared data.npz]
    --options '{"runtime": "tflite-runtime", "board": {...}, "data": {...}}'

The runtime runs on this machine; where this Python has none, inside the emulated device. Generated C (runtime "aot") is
built for this machine, with portable kernels: they give the same bytes as those of every core.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
from edgewright.tflite.graph import Tensor
from edgewright.tflite.reader import read_model

_TIMEOUT_S = 3600.0


def evaluate(options: Options) -> None:
    """Evaluate, write the file and print one line."""
    examples, classes = model_inputs.test_data(options.data, options.prepared)
    graph = read_model(options.model)
    samples = model_inputs.as_input(graph, examples)
    board = options.board.model_dump() if options.board else {}
    has_state, rounding = bool(graph.states), options.compile.rounding
    job = Job(options.model, options.runtime, samples, board, rounding=rounding, has_state=has_state, anew=True)
    outputs, where = _infer(job)
    kind = options.task.judged_by
    found = _record(kind, METRICS[kind](outputs.values[0], classes), len(classes), outputs, where)
    write_json(options.out, found)
    if options.answers:
        floats = _answers.read_classes(options.float_answers) if options.float_answers else None
        scores = _scores(outputs.values[0], graph.tensors[graph.outputs[0]])
        write_json(options.answers, _answers.counted(_answers.Judged(scores, classes, examples, floats)))
    print(f"{options.model.stem}: {found['metric']} {found['value']:.2%} of {found['samples']:,} test examples")


def _scores(values: NDArray[Any], tensor: Tensor) -> NDArray[np.float64]:
    """The first output as real numbers, (n, classes)."""
    flat = values.reshape(len(values), -1).astype(np.float64)
    found = tensor.quantization
    return flat if found is None else (flat - found.zero_point) * found.scale


def top1(outputs: NDArray[Any], classes: NDArray[np.int64]) -> float:
    """Share of examples whose greatest output is the one of their class.

    Args:
        outputs: (n, ...), one score a class; where several are greatest, the first counts.
        classes: (n,), the right class of each.
    """
    return float(np.mean(outputs.reshape(len(outputs), -1).argmax(axis=1) == classes))


METRICS: Mapping[str, Callable[[NDArray[Any], NDArray[np.int64]], float]] = {"top1": top1}


def _infer(job: Job) -> tuple[Outputs, str]:
    outputs = host_outputs(job)
    if outputs is not None:
        return outputs, "host"
    emulator = job.board.get("emulator")
    if not emulator:
        hint = "install it, or name a board that has an emulator"
        raise UserError(job.runtime, "this machine cannot run it, and no emulated device stands in", hint=hint)
    return transports.load(emulator["kind"]).infer(job, _TIMEOUT_S), "emulated device"


def _record(metric: str, value: float, samples: int, outputs: Outputs, where: str) -> dict[str, Any]:
    runtime, version = outputs.runtime
    return {
        "schema": 1,
        "metric": metric,
        "value": round(value, 6),
        "samples": samples,
        "runtime": runtime,
        "runtime_version": version,
        "where": where,
    }


main = stage(Options, evaluate)

if __name__ == "__main__":
    run(main)
