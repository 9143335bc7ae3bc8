"""Writes a .tflite model as an Android app takes it: with metadata and labels, and a README that says how to load it.

python -m edgewright.stages.model.app --model m.tflite --out app/m.tflite
    [--options '{"name": "m", "description": "...", "labels": ["cat", "dog"], "image": true}']

README.md goes beside --out. `image`: the first input is a picture with values of 0 to 1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from edgewright import __version__
from edgewright.command_line import run
from edgewright.errors import UserError
from edgewright.files import write_bytes, write_text
from edgewright.options.app import Options
from edgewright.stage_command import stage
from edgewright.templates import render
from edgewright.text import Safe
from edgewright.tflite.graph import Graph, Tensor
from edgewright.tflite.metadata import Meaning, describe, with_metadata
from edgewright.tflite.reader import read_model

_BUFFERS = {"int8": "Int8", "uint8": "Int8", "float32": "Float", "int32": "Int", "bool": "Boolean"}
"""Names in LiteRT's class TensorBuffer of Kotlin, by dtype."""


def write(options: Options) -> None:
    """Write the model with its metadata, and the README."""
    graph = read_model(options.model)
    name = options.name or options.model.stem
    _check(graph, options)
    meaning = Meaning(name, options.description, tuple(options.labels), options.image)
    data = with_metadata(options.model.read_bytes(), graph, meaning)
    write_bytes(options.out, data)
    readme = _readme(graph, meaning, options.out.name, hashlib.sha256(data).hexdigest())
    write_text(options.out.with_name("README.md"), readme)


def _check(graph: Graph, options: Options) -> None:
    """UserError when what the options say of the model cannot be."""
    if any("\n" in label for label in options.labels):
        raise UserError("labels", "a name of a class is one line", got=options.labels)
    sizes = {tensor.shape[-1] for number in graph.outputs if (tensor := graph.tensors[number]).shape}
    if options.labels and len(options.labels) not in sizes:
        allowed = " or ".join(map(str, sorted(sizes)))
        raise UserError("labels", f"not as many as outputs of {graph.name}", got=len(options.labels), allowed=allowed)
    shape = graph.tensors[graph.inputs[0]].shape
    if options.image and (len(shape) != 4 or shape[-1] not in (1, 3)):
        raise UserError("image", "the first input is no picture", got=shape, allowed="(1, height, width, 1 or 3)")


def _readme(graph: Graph, meaning: Meaning, model_file: str, sha256: str) -> str:
    inputs, outputs = ([graph.tensors[number] for number in numbers] for numbers in (graph.inputs, graph.outputs))
    what = "pixels" if meaning.image else "values"
    facts: Mapping[str, Any] = {
        "name": meaning.name,
        "description": meaning.description,
        "model_file": model_file,
        "version": __version__,
        "sha256": sha256,
        "inputs": [Safe(describe(tensor)) for tensor in inputs],
        "outputs": [Safe(describe(tensor)) for tensor in outputs],
        "write": f"write{_buffer(inputs[0])}({what})",
        "read": f"read{_buffer(outputs[0])}()",
        "image": meaning.image,
        "image_shift": _image_shift(inputs[0]),
        "labels": meaning.labels,
    }
    return render("app/README.md.j2", **facts)


def _buffer(tensor: Tensor) -> str:
    if tensor.dtype not in _BUFFERS:
        problem = "LiteRT's Kotlin library does not take elements of this type"
        raise UserError(tensor.name or "tensor", problem, got=tensor.dtype, allowed=_BUFFERS)
    return _BUFFERS[tensor.dtype]


def _image_shift(tensor: Tensor) -> str | None:
    """What to add to a byte of a picture to get the element: "- 128"; None when it takes more than that."""
    quantization = tensor.quantization
    if quantization is None or abs(quantization.scale * 255 - 1) > 1e-3:
        return None
    zero = quantization.zero_point
    return f"{'-' if zero < 0 else '+'} {abs(zero)}"


main = stage(Options, write)

if __name__ == "__main__":
    run(main)
