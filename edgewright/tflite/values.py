"""The numbers in a .tflite file, counted for pictures: how the weights are spread, and what ranges activations have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.tflite.graph import Graph, Tensor

BINS = 64
"""Of a histogram; they span from minus to plus the greatest magnitude, so that zero lies between the middle two."""

MOST = 64
"""Weights of the largest layers that are counted: what a person can look at."""


def spreads(graph: Graph) -> list[dict[str, Any]]:
    """Each constant of weights, biases left out: its size, zeros, different values and histogram, as JSON values.

    Of a graph with more than `MOST` of them the largest, in the graph's order. "limit" is the greatest magnitude and
    the end of the histogram, as a real number; "codes" says how many different stored values there are.
    """
    found = [(tensor, op) for tensor, op in _weights(graph)]
    largest = {tensor.id for tensor, _ in sorted(found, key=lambda pair: -pair[0].elements)[:MOST]}
    return [_spread(tensor, op) for tensor, op in found if tensor.id in largest]


def ranges(graph: Graph) -> list[dict[str, Any]]:
    """Each quantized tensor that is computed: its name, the operator, and the real numbers that its codes reach."""
    makers = {number: node.op for node in graph.nodes for number in node.outputs} | dict.fromkeys(graph.inputs, "input")
    rows = ((graph.tensors[number], op) for number, op in sorted(makers.items()))
    return [_range(tensor, op) for tensor, op in rows if tensor.dtype in ("int8", "uint8", "int16") and _single(tensor)]


def _weights(graph: Graph) -> Iterator[tuple[Tensor, str]]:
    """Constants of several dimensions that are quantized or float, once each, and the operator that reads them."""
    seen = set()
    for node in graph.nodes:
        for number in node.inputs:
            tensor = graph.tensors.get(number)
            if tensor is None or number in seen or not _is_weight(tensor):
                continue
            seen.add(number)
            yield tensor, node.op


def _is_weight(tensor: Tensor) -> bool:
    learned = tensor.quantization is not None or "float" in tensor.dtype
    return tensor.data is not None and tensor.data.ndim > 1 and tensor.data.size > 0 and learned


def _spread(tensor: Tensor, op: str) -> dict[str, Any]:
    stored, real = np.asarray(tensor.data), _real(tensor)
    limit = float(np.abs(real).max())
    counts, _ = np.histogram(real, bins=BINS, range=(-limit, limit) if limit else (-1.0, 1.0))
    return {
        "name": tensor.name,
        "op": op,
        "shape": list(tensor.shape),
        "dtype": tensor.dtype,
        "values": int(real.size),
        "zeros": int(real.size - np.count_nonzero(real)),
        "codes": len(np.unique(stored)),
        "limit": float(f"{limit:.6g}"),
        "counts": counts.tolist(),
    }


def _real(tensor: Tensor) -> NDArray[np.float64]:
    """The weights as real numbers."""
    stored = np.asarray(tensor.data, np.float64)
    found = tensor.quantization
    if found is None:
        return stored
    shape = [-1 if axis == found.axis and found.per_channel else 1 for axis in range(stored.ndim)]
    scales, zeros = (np.asarray(each, np.float64).reshape(shape) for each in (found.scales, found.zero_points))
    return np.asarray((stored - zeros) * scales)


def _single(tensor: Tensor) -> bool:
    return tensor.quantization is not None and not tensor.quantization.per_channel


def _range(tensor: Tensor, op: str) -> dict[str, Any]:
    if tensor.quantization is None:
        raise ValueError(tensor.name)
    limits, scale, zero = np.iinfo(tensor.dtype), tensor.quantization.scale, tensor.quantization.zero_point
    low, high = ((code - zero) * scale for code in (int(limits.min), int(limits.max)))
    row = {"name": tensor.name, "op": op, "dtype": tensor.dtype, "scale": scale, "zero_point": zero}
    return {**row, "low": float(f"{low:.6g}"), "high": float(f"{high:.6g}")}
