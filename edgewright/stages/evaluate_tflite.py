"""Accuracy of a .tflite model on the test data, through the runtime that the device runs.

python -m edgewright.stages.evaluate_tflite --model m.tflite --out accuracy.json [--model-dir models/m]
    --options '{"runtime": "tflite-runtime", "board": {...}, "data": {...}, "metric": "top1"}'

The runtime runs on this machine; where this Python has none, inside the emulated device. Generated C (runtime "aot") is
built for this machine, with portable kernels: they give the same bytes as those of every core.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.devices import Job, Outputs, qemu_phone, qemu_user
from edgewright.errors import UserError
from edgewright.files import write_json
from edgewright.stages import _samples
from edgewright.stages._agreement import host_outputs
from edgewright.stages._cli import json_object, run, section
from edgewright.tflite.reader import read_model

_TIMEOUT_S = 3600.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the stage."""
    parser = argparse.ArgumentParser(prog="python -m edgewright.stages.evaluate_tflite", description=__doc__)
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--model-dir", type=Path, help="folder of the model's model.py, for data of its own")
    parser.add_argument("--options", required=True)
    arguments = parser.parse_args(argv)
    options = json_object(arguments.options)
    metric = _metric(str(options.get("metric", "top1")))
    examples, classes = _samples.test_data(section(options, "data"), arguments.model_dir)
    graph = read_model(arguments.model)
    samples = _samples.as_input(graph, examples)
    rounding = str(options.get("rounding", "tflm"))
    board = options.get("board") or {}
    has_state, runtime = bool(graph.states), str(options.get("runtime"))
    job = Job(arguments.model, runtime, samples, board, rounding=rounding, has_state=has_state, anew=True)
    outputs, where = _infer(job)
    found = _record(options.get("metric", "top1"), metric(outputs.values[0], classes), len(classes), outputs, where)
    write_json(arguments.out, found)
    print(f"{arguments.model.stem}: {found['metric']} {found['value']:.2%} of {found['samples']:,} test examples")
    return 0


def top1(outputs: NDArray[Any], classes: NDArray[np.int64]) -> float:
    """Share of examples whose greatest output is the one of their class.

    Args:
        outputs: (n, ...), one score a class; where several are greatest, the first counts.
        classes: (n,), the right class of each.
    """
    return float(np.mean(outputs.reshape(len(outputs), -1).argmax(axis=1) == classes))


METRICS: Mapping[str, Callable[[NDArray[Any], NDArray[np.int64]], float]] = {"top1": top1}


def _metric(name: str) -> Callable[[NDArray[Any], NDArray[np.int64]], float]:
    if name not in METRICS:
        raise UserError("--options metric", "unknown metric", got=name, allowed=METRICS)
    return METRICS[name]


def _infer(job: Job) -> tuple[Outputs, str]:
    outputs = host_outputs(job)
    if outputs is not None:
        return outputs, "host"
    is_phone = (job.board.get("emulator") or {}).get("kind") == "qemu-phone"
    return (qemu_phone if is_phone else qemu_user).infer(job, _TIMEOUT_S), "emulated device"


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


if __name__ == "__main__":
    run(main)
