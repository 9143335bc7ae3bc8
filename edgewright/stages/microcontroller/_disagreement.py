"""By how much TensorFlow Lite Micro and LiteRT disagree on a model: both run, each in a process of its own.

python -m edgewright.stages.microcontroller._disagreement tflite_micro m.tflite in.npz out.npz    # one's answers
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.answers.random_inputs import random_inputs
from edgewright.errors import UserError
from edgewright.tflite import differences
from edgewright.tflite.graph import Graph
from edgewright.tflite.reader import read_model
from edgewright.training.litert import reference

_SAMPLES = 16
_TIMEOUT_S = 120.0
_MICRO, _LITERT = "tflite_micro", "ai_edge_litert"
_NEEDED = {_MICRO: "tflite-micro", _LITERT: "ai-edge-litert"}
"""Packages by module."""

_LEAST_ARENA = 8 << 20

Run = Callable[[Sequence[NDArray[Any]]], list[NDArray[Any]]]


def warnings(model: Path, graph: Graph, rounding: str) -> Iterator[str]:
    """A line for each row of docs/runtimes.md with that generated C answers as one runtime and not as the other.

    Args:
        model: the file.
        graph: what it holds.
        rounding: "tflm", or "litert", with which LiteRT's answer is given to the rows that have an option for it.
    """
    rows = [found for found in differences.found(graph, "aot", "warns") if rounding == "tflm" or not found[0].option]
    figures = by_how_much(model, graph) if rows else ""
    for row, views in rows:
        what = f"TensorFlow Lite Micro and LiteRT disagree on {differences.named(views)}"
        answers = f"TensorFlow Lite Micro: {row.answers['tflite-micro']}; LiteRT: {row.answers['litert']}"
        choice = "the C answers as TensorFlow Lite Micro"
        choice += '; [compile] rounding = "litert" gives LiteRT\'s answer' if row.option else ""
        yield f"warning: {what}: {row.when}. {answers}. {figures}; {choice}"


def by_how_much(model: Path, graph: Graph) -> str:
    """How far the outputs of both runtimes are apart for random inputs, or why that is not known."""
    missing = [package for module, package in _NEEDED.items() if importlib.util.find_spec(module) is None]
    if missing:
        return f"By how much is not known without {' and '.join(missing)}"
    try:
        samples = random_inputs(graph, _SAMPLES)
        micro, litert = (_answers(runtime, model, samples) for runtime in _NEEDED)
    except (UserError, OSError, subprocess.SubprocessError) as error:
        return f"By how much is not known: {_said(error)}"
    apart = [np.abs(a.astype(np.float64) - b.astype(np.float64)).ravel() for a, b in zip(micro, litert, strict=True)]
    every = np.concatenate(apart)
    share, most = np.count_nonzero(every) / max(1, every.size), every.max(initial=0.0)
    return f"For {_SAMPLES} random inputs {share:.1%} of the output values differ, by up to {most:g}"


def _said(error: UserError | OSError | subprocess.SubprocessError) -> str:
    """One line: of a process that failed its last one."""
    if isinstance(error, subprocess.CalledProcessError) and error.stderr:
        return f"a runtime ended with {error.stderr.decode(errors='replace').strip().splitlines()[-1]}"
    return str(error).splitlines()[0]


def _answers(runtime: str, model: Path, samples: Sequence[NDArray[Any]]) -> Sequence[NDArray[Any]]:
    """What a runtime answers, in a process that it may end."""
    with tempfile.TemporaryDirectory(prefix="edgewright-") as folder:
        inputs, outputs = Path(folder) / "inputs.npz", Path(folder) / "outputs.npz"
        np.savez(inputs, *samples)
        command = [sys.executable, "-m", __name__, runtime, str(model), str(inputs), str(outputs)]
        subprocess.run(command, check=True, capture_output=True, timeout=_TIMEOUT_S)
        return _arrays(outputs)


def _arrays(path: Path) -> list[NDArray[Any]]:
    with np.load(path, allow_pickle=False) as file:
        return [file[f"arr_{place}"] for place in range(len(file.files))]


def _micro(model: Path) -> Run:
    """TensorFlow Lite Micro: what answers to the inputs of one run."""
    from tflite_micro import runtime

    graph = read_model(model)
    arena = _LEAST_ARENA + 4 * sum(tensor.bytes for tensor in graph.tensors.values() if not tensor.is_constant)
    interpreter = runtime.Interpreter.from_file(str(model), arena_size=arena)

    def run(inputs: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        for place, value in enumerate(inputs):
            interpreter.set_input(value, place)
        interpreter.invoke()
        return [np.array(interpreter.get_output(place)) for place in range(len(graph.outputs))]

    return run


def _litert(model: Path) -> Run:
    """LiteRT with its reference kernels."""
    interpreter = reference(model.read_bytes())

    def run(inputs: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        for details, value in zip(interpreter.get_input_details(), inputs, strict=True):
            interpreter.set_tensor(details["index"], value)
        interpreter.invoke()
        return [interpreter.get_tensor(details["index"]) for details in interpreter.get_output_details()]

    return run


def _main(runtime: str, model: str, inputs: str, outputs: str) -> None:
    run, samples = {_MICRO: _micro, _LITERT: _litert}[runtime](Path(model)), _arrays(Path(inputs))
    found = [run([sample[row] for sample in samples]) for row in range(len(samples[0]))]
    np.savez(outputs, *(np.stack(answers) for answers in zip(*found, strict=True)))


if __name__ == "__main__":
    _main(*sys.argv[1:5])
