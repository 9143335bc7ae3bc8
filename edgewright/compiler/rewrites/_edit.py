"""Small steps that rewrites are made of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.tflite.graph import NONE, Graph, Node, Quantization, Tensor, View


def sole_consumer(graph: Graph, tensor: int) -> Node | None:
    """The one node that reads a tensor, if there is just one and the tensor is no output of the model."""
    consumers = graph.consumers(tensor)
    alone = len(consumers) == 1 and consumers[0].inputs.count(tensor) == 1 and tensor not in graph.outputs
    return consumers[0] if alone else None


def same_quantization(a: Quantization | None, b: Quantization | None) -> bool:
    """Whether two quantizations are equal to the bit, or both absent."""
    if a is None or b is None:
        return a is b
    return np.array_equal(a.scales, b.scales) and np.array_equal(a.zero_points, b.zero_points)


def same_type(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors have the same dtype and quantization."""
    return a.dtype == b.dtype and same_quantization(a.quantization, b.quantization)


def constant(view: View, index: int) -> NDArray[Any] | None:
    """The content of an input that is there and constant."""
    tensor = view.optional_input(index)
    return None if tensor is None else tensor.data


class Fresh:
    """New tensors of a graph."""

    def __init__(self, graph: Graph) -> None:
        self._next = graph.new_id()
        self.tensors: list[Tensor] = []

    def tensor(self, like: Tensor) -> int:
        """Number of a tensor that is like this one in all else."""
        self.tensors.append(replace(like, id=self._next))
        self._next += 1
        return self._next - 1

    def add(self, like: Tensor, data: NDArray[Any], quantization: Quantization | None) -> int:
        """Number of a constant with this content and the name and dtype of another."""
        data = np.ascontiguousarray(data, dtype=like.dtype)
        data.setflags(write=False)
        return self.tensor(Tensor(NONE, like.name, data.shape, like.dtype, quantization, data))
