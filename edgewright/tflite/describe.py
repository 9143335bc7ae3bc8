"""What a .tflite file holds, as plain JSON values: the facts that reports and headers give."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np

from edgewright.tflite.graph import Tensor
from edgewright.tflite.reader import read_model


def describe(path: Path) -> dict[str, Any]:
    """Inputs, outputs, operators in order, counts of weights and sizes in bytes.

    "weights" counts the elements of all learned constants: those that are quantized or of a float type, biases too;
    shapes and axes are none. "tflite_gzip_bytes" is what sending the file costs (gzip -9).

    Raises:
        UserError: the file is not a model that can be read.
    """
    graph, data = read_model(path), path.read_bytes()
    weights = [tensor.data for tensor in graph.tensors.values() if _is_weight(tensor)]
    return {
        "inputs": [_border(graph.tensors[number]) for number in graph.inputs],
        "outputs": [_border(graph.tensors[number]) for number in graph.outputs],
        "ops": [node.op for node in graph.nodes],
        "weights": sum(array.size for array in weights if array is not None),
        "nonzero_weights": int(sum(np.count_nonzero(array) for array in weights if array is not None)),
        "tflite_bytes": len(data),
        "tflite_gzip_bytes": len(gzip.compress(data, 9, mtime=0)),
    }


def _is_weight(tensor: Tensor) -> bool:
    learned = tensor.quantization is not None or tensor.dtype.startswith("float")
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
