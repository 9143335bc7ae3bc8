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


def replace_node(graph: Graph, old: Node, new: Node | None) -> Graph:
    """The graph with another node, or none, in the place of one."""
    nodes = (new if node is old else node for node in graph.nodes)
    return graph.with_(nodes=tuple(node for node in nodes if node is not None))


def bypass(graph: Graph, node: Node, index: int = 0) -> Graph | None:
    """The graph without a node whose output 0 is its input `index`; None when the model's ends stand in the way."""
    source, output = node.inputs[index], node.outputs[0]
    if graph.tensors[source].is_variable or graph.tensors[output].is_variable:
        return None  # a state changes while its copies last
    if output not in graph.outputs:
        return _renamed(replace_node(graph, node, None), output, source)
    if source in graph.outputs or source in graph.inputs or graph.tensors[source].is_constant:
        return None
    return _renamed(replace_node(graph, node, None), source, output)


def _renamed(graph: Graph, old: int, new: int) -> Graph:
    """Every mention of a tensor in nodes replaced by another."""
    return graph.with_(nodes=tuple(_renamed_in(node, old, new) for node in graph.nodes))


def _renamed_in(node: Node, old: int, new: int) -> Node:
    inputs = tuple(new if tensor == old else tensor for tensor in node.inputs)
    outputs = tuple(new if tensor == old else tensor for tensor in node.outputs)
    return replace(node, inputs=inputs, outputs=outputs)


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
