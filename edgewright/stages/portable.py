r"""Compiles a .tflite to portable C, which stands in for the fast kernels on a PC, and has it answer a few samples.

    python -m edgewright.stages.portable --model kws.tflite --name kws --out-dir build/kws/portable \
        [--model-dir models/kws] [--options '{"compile": {"optimize": "size"}, "labels": [], "data": {...}}']

Writes the C as the compile stage does, its file named <name>_portable.c, and samples.json: inputs and outputs of each
sample as the bytes of the model's tensors, little-endian, in hexadecimal digits, and its right class. Samples are the
first ones of the test data; without "data" they are random numbers, and no class is right.
"""

from __future__ import annotations

import argparse
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from edgewright.compiler import CompiledModel, compile_model, host
from edgewright.compiler.options import read_options
from edgewright.files import canonical_json, write_json
from edgewright.stages import _samples
from edgewright.stages._cli import json_object, run
from edgewright.stages._random_inputs import random_inputs
from edgewright.stages.compile import write_sources
from edgewright.tflite.graph import Graph
from edgewright.tflite.reader import read_model

SAMPLES = "samples.json"
MOST, MOST_BYTES = 4, 1 << 15
"""Samples at most, and bytes of them: one there is always."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the stage."""
    parser = argparse.ArgumentParser(prog="python -m edgewright.stages.portable", description=__doc__)
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--model-dir", type=Path, help="folder of the model's model.py, for data of its own")
    parser.add_argument("--options", default="{}")
    parser.add_argument("--out-dir", required=True, type=Path)
    arguments = parser.parse_args(argv)
    options = json_object(arguments.options)
    graph = read_model(arguments.model)
    compiled = compile_model(
        graph,
        arguments.name,
        options=read_options(options.get("compile", {})),
        labels=options.get("labels", ()),
        command=_command(arguments.model.name, arguments.name, options),
        stem=f"{arguments.name}_portable",
    )
    write_sources(compiled, arguments.out_dir)
    inputs, classes = _chosen(graph, options.get("data"), arguments.model_dir)
    write_json(arguments.out_dir / SAMPLES, _record(inputs, _answers(compiled, inputs), classes))
    print(f"{arguments.name}: portable C, {len(inputs[0])} samples")
    return 0


def _chosen(
    graph: Graph, data: Mapping[str, Any] | None, model_dir: Path | None
) -> tuple[Sequence[NDArray[Any]], Sequence[int] | None]:
    """Samples for each input, (n, *shape), and their right classes."""
    size = sum(graph.tensors[number].bytes for number in graph.inputs)
    count = max(1, min(MOST, MOST_BYTES // max(size, 1)))
    if data is None:
        return random_inputs(graph, count), None
    examples, classes = _samples.test_data(data, model_dir)
    return _samples.as_input(graph, examples[:count]), [int(number) for number in classes[:count]]


def _answers(compiled: CompiledModel, inputs: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    with tempfile.TemporaryDirectory(prefix="edgewright-") as folder:
        return host.build(compiled, Path(folder)).run(inputs, anew=True)


def _record(
    inputs: Sequence[NDArray[Any]], outputs: Sequence[NDArray[Any]], classes: Sequence[int] | None
) -> dict[str, Any]:
    samples = [
        {
            "inputs": [_digits(values[index]) for values in inputs],
            "outputs": [_digits(values[index]) for values in outputs],
            "class": classes[index] if classes else None,
        }
        for index in range(len(inputs[0]))
    ]
    return {"schema": 1, "data": "random" if classes is None else "test", "samples": samples}


def _digits(values: NDArray[Any]) -> str:
    return values.astype(values.dtype.newbyteorder("<")).tobytes().hex()


def _command(model: str, name: str, options: Mapping[str, Any]) -> str:
    """How to make the files again; the model's folder is left out, so that the same model gives the same bytes."""
    words = ("--model", model, "--name", name, "--options", canonical_json(options), "--out-dir", ".")
    return shlex.join(["python", "-m", "edgewright.stages.portable", *words])


if __name__ == "__main__":
    run(main)
