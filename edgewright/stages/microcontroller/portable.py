r"""Compiles a .tflite to portable C, which stands in for the fast kernels on a PC, and has it answer a few samples.

    python -m edgewright.stages.microcontroller.portable --model kws.tflite --name kws --out-dir build/kws/portable \
        [--prepared data.npz] [--options '{"compile": {"optimize": "size"}, "labels": [], "data": {...}}']

Writes the C as the compile stage does, its file named <name>_portable.c, and samples.json: inputs and outputs of each
sample as the bytes of the model's tensors, little-endian, in hexadecimal digits, and its right class. Samples are the
first ones of the test data; without "data" they are random numbers, and no class is right.
"""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from edgewright.answers import model_inputs
from edgewright.answers.random_inputs import random_inputs
from edgewright.command_line import run
from edgewright.compiler import CompiledModel, compile_model, host
from edgewright.compiler.options import compile_options, core_of
from edgewright.files import write_json
from edgewright.options import words
from edgewright.options.portable import Options
from edgewright.sections.compile import Compile
from edgewright.sections.data import Data
from edgewright.sections.task import Task
from edgewright.stage_command import stage
from edgewright.stages.microcontroller.compile import write_sources
from edgewright.tflite.graph import Graph
from edgewright.tflite.reader import read_model

SAMPLES = "samples.json"
MOST, MOST_BYTES = 4, 1 << 15
"""Samples at most, and bytes of them: one there is always."""


def write(options: Options) -> None:
    """Compile the model, have it answer, and write files, samples and answers."""
    graph = read_model(options.model)
    compiled = compile_model(
        graph,
        options.name,
        options=compile_options(
            Compile.model_validate({**options.compile.model_dump(), "input": _input(graph, options)})
        ),
        labels=options.labels,
        command=_command(options),
        stem=f"{options.name}_portable",
    )
    write_sources(compiled, options.out_dir)
    data = "test" if options.data else "random"
    inputs, classes = _chosen(graph, options.data, options.prepared, options.task)
    write_json(options.out_dir / SAMPLES, _record(inputs, _answers(compiled, inputs), classes, data))
    print(f"{options.name}: portable C, {len(inputs[0])} samples")


def _input(graph: Graph, options: Options) -> str:
    """How the model is given its input: as the C for the core is, which has one header with this."""
    beside = options.beside
    if beside is None:
        return options.compile.input
    made = compile_model(graph, "net", core_of(beside.core), compile_options(beside.compile, beside.budget))
    return "whole" if made.program.rows is None else "rows"


def _chosen(
    graph: Graph, data: Data | None, prepared: Path | None, task: Task
) -> tuple[Sequence[NDArray[Any]], Sequence[int] | None]:
    """Samples for each input, (n, *shape), and their right classes, where they are of a classifier."""
    size = sum(graph.tensors[number].bytes for number in graph.inputs)
    count = max(1, min(MOST, MOST_BYTES // max(size, 1)))
    if data is None:
        return random_inputs(graph, count), None
    truths = model_inputs.test_data(data, prepared, task, None).first(count)
    counted = task.kind == "classification" and not task.outputs
    classes = [int(number) for number in truths.truth[0]] if counted else None
    return model_inputs.as_input(graph, truths.inputs), classes


def _answers(compiled: CompiledModel, inputs: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    with tempfile.TemporaryDirectory(prefix="edgewright-") as folder:
        return host.build(compiled, Path(folder)).run(inputs, anew=True)


def _record(
    inputs: Sequence[NDArray[Any]], outputs: Sequence[NDArray[Any]], classes: Sequence[int] | None, data: str
) -> dict[str, Any]:
    samples = [
        {
            "inputs": [_digits(values[index]) for values in inputs],
            "outputs": [_digits(values[index]) for values in outputs],
            "class": classes[index] if classes else None,
        }
        for index in range(len(inputs[0]))
    ]
    return {"schema": 1, "data": data, "samples": samples}


def _digits(values: NDArray[Any]) -> str:
    return values.astype(values.dtype.newbyteorder("<")).tobytes().hex()


def _command(options: Options) -> str:
    """How to make the files again; folders are left out, so that the same model gives the same bytes."""
    here = {"model": Path(options.model.name), "prepared": None, "out_dir": Path()}
    return shlex.join(["python", "-m", main.module, *words(options.model_copy(update=here))])


main = stage(Options, write)

if __name__ == "__main__":
    run(main)
