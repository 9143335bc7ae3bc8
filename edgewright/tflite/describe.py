"""What a .tflite file holds, as plain JSON values: the facts that reports and headers give."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import numpy as np

from edgewright.tflite.graph import Graph, Tensor
from edgewright.tflite.reader import parse_model


def describe(model: bytes, name: str = "model.tflite") -> dict[str, Any]:
    """Inputs, outputs, operators in order, counts of weights and sizes in bytes.

    "weights" counts the elements of all learned constants: those that are quantized or of a float type, biases too;
    shapes and axes are none. "tflite_gzip_bytes" is what sending the file costs (gzip -9).

    Args:
        model: content of the file.
        name: for messages.

    Raises:
        UserError: it is not a model that can be read.
    """
    graph = parse_model(model, name)
    weights = [tensor.data for tensor in graph.tensors.values() if _is_weight(tensor)]
    return {
        "inputs": [_border(graph.tensors[number]) for number in graph.inputs],
        "outputs": [_border(graph.tensors[number]) for number in graph.outputs],
        "ops": [node.op for node in graph.nodes],
        "weights": sum(array.size for array in weights if array is not None),
        "nonzero_weights": int(sum(np.count_nonzero(array) for array in weights if array is not None)),
        "tflite_bytes": len(model),
        "tflite_gzip_bytes": len(gzip.compress(model, 9, mtime=0)),
    }


def float_tensors(graph: Graph) -> Iterator[tuple[Tensor, str]]:
    """Each tensor of a float type that operators read or write, and what makes it: an operator, "input" or "constant".

    What an LSTM lists as intermediates are places for scales, and no values: no operator names them.
    """
    makers = {number: node.op for node in graph.nodes for number in node.outputs}
    makers |= dict.fromkeys(graph.inputs, "input")
    for number, tensor in sorted(graph.tensors.items()):
        if is_float(tensor):
            yield tensor, makers.get(number, "constant")


def computes_in_float(graph: Graph) -> bool:
    """Whether a model computes in float alone, however its constants are stored: no computed value has a scale."""
    computed = [tensor for tensor in graph.tensors.values() if tensor.data is None]
    return any(map(is_float, computed)) and not any(tensor.quantization for tensor in computed)


def scheme_of(graph: Graph) -> str:
    """What a file is, in the words of `[quantize] scheme`: by the types of what it computes and of its constants."""
    scales = [tensor for tensor in graph.tensors.values() if tensor.quantization]
    computed = {tensor.dtype for tensor in scales if tensor.data is None}
    if computed:
        return "int16x8" if "int16" in computed and "int8" not in computed else "int8"
    if any(tensor.data is not None for tensor in scales):
        return "dynamic"
    return "float16" if any(tensor.dtype == "float16" for tensor in graph.tensors.values()) else "float32"


def operators_with_names(graph: Graph) -> list[tuple[str, str]]:
    """Each operator in order, and the name of the first tensor that it makes."""
    return [(node.op, graph.tensors[node.outputs[0]].name) for node in graph.nodes if node.outputs]


def weight_values(graph: Graph) -> dict[str, list[int]]:
    """How many different integers the int8 weights of each operator have: in all, and at most in one channel.

    By the name of the constant; of those with more than one dimension, which are no biases.
    """
    found = {}
    for tensor in graph.tensors.values():
        if tensor.dtype == "int8" and tensor.data is not None and tensor.quantization and tensor.data.ndim > 1:
            channels = np.moveaxis(np.asarray(tensor.data), tensor.quantization.axis, 0)
            found[tensor.name] = [len(np.unique(channels)), max(len(np.unique(channel)) for channel in channels)]
    return found


def is_float(tensor: Tensor) -> bool:
    """Whether its elements are of a float type."""
    return "float" in tensor.dtype


def _is_weight(tensor: Tensor) -> bool:
    learned = tensor.quantization is not None or is_float(tensor)
    return tensor.data is not None and tensor.data.size > 0 and learned


def _border(tensor: Tensor) -> dict[str, Any]:
    quantization = tensor.quantization
    single = quantization if quantization is not None and not quantization.per_channel else None
    return {
        "name": tensor.name,
        "shape": list(tensor.shape),
        "dtype": tensor.dtype,
        "scale": single.scale if single else None,
        "zero_point": single.zero_point if single else None,
    }
