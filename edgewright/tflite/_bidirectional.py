"""BIDIRECTIONAL_SEQUENCE_LSTM as operators of one direction: an LSTM, and one of the sequence back to front.

The LSTMs keep the option "merge_outputs", which those of files do not have (`stored_as`). One with auxiliary inputs
stays as it is, and the check tells of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from edgewright.tflite.graph import NONE, Graph, Node, Tensor

_NAME = "BIDIRECTIONAL_SEQUENCE_LSTM"
_FORWARD, _BACKWARD = (*range(1, 18), 35, 36), (*range(18, 35), 37, 38)
"""Weights and states of a direction, in the order that UNIDIRECTIONAL_SEQUENCE_LSTM has them in."""

_AUXILIARY = 39
_RANK = 3


def without_bidirectional(graph: Graph) -> Graph:
    """The graph with two LSTMs in place of each of both directions."""
    if not any(node.op == _NAME for node in graph.nodes):
        return graph
    splitter = _Splitter(graph)
    nodes = [part for node in graph.nodes for part in splitter.split(node)]
    return replace(graph, nodes=tuple(nodes), tensors=splitter.tensors)


def stored_as(node: Node) -> str:
    """The name of the operator in the file that a node stands for."""
    return _NAME if "merge_outputs" in node.options else node.op


class _Splitter:
    def __init__(self, graph: Graph) -> None:
        self.tensors = dict(graph.tensors)
        self._next = graph.new_id()

    def split(self, node: Node) -> Iterator[Node]:
        """What stands for a node: itself, when it is no such LSTM."""
        if node.op == _NAME and self._is_plain(node):
            yield from self._both(node)
        else:
            yield node

    def _is_plain(self, node: Node) -> bool:
        has_both = len(node.outputs) == (1 if node.options.get("merge_outputs") else 2)
        whole = len(node.inputs) >= _AUXILIARY and set(node.inputs[_AUXILIARY:]) <= {NONE}
        return has_both and whole and node.inputs[0] != NONE and self._ranks(node) == {_RANK}

    def _ranks(self, node: Node) -> set[int]:
        return {len(self.tensors[number].shape) for number in (node.inputs[0], *node.outputs)}

    def _both(self, node: Node) -> Iterator[Node]:
        sequence = self.tensors[node.inputs[0]]
        merged = bool(node.options.get("merge_outputs"))
        units = [self._units(node, places, sequence) for places in (_FORWARD, _BACKWARD)]
        steps = self._add(np.array([0 if node.options.get("time_major") else 1], np.int32))
        turned, back = self._like(sequence), self._result(sequence, units[1])
        ends = tuple(self._result(sequence, count) for count in units) if merged else node.outputs
        yield self._lstm(node, sequence.id, _FORWARD, ends[0])
        yield Node(node.index, "REVERSE_V2", 1, (sequence.id, steps), (turned,))
        yield self._lstm(node, turned, _BACKWARD, back)
        yield Node(node.index, "REVERSE_V2", 1, (back, steps), (ends[1],))
        if merged:
            yield Node(node.index, "CONCATENATION", 1, ends, node.outputs, {"axis": 2, "fused_activation_function": 0})

    def _units(self, node: Node, places: tuple[int, ...], sequence: Tensor) -> int:
        """Of a direction: as many as rows of its output gate's weights."""
        number = node.inputs[places[3]]
        return self.tensors[number].shape[0] if number != NONE and self.tensors[number].shape else sequence.shape[2]

    @staticmethod
    def _lstm(node: Node, sequence: int, places: tuple[int, ...], output: int) -> Node:
        inputs = (sequence, *(node.inputs[place] for place in places))
        return Node(node.index, "UNIDIRECTIONAL_SEQUENCE_LSTM", 1, inputs, (output,), node.options)

    def _result(self, sequence: Tensor, units: int) -> int:
        return self._like(replace(sequence, shape=(*sequence.shape[:2], units)))

    def _add(self, data: np.ndarray[tuple[int], np.dtype[np.int32]]) -> int:
        return self._like(Tensor(0, "", data.shape, data.dtype.name, None, data))

    def _like(self, tensor: Tensor) -> int:
        """A tensor of its own, of the type and shape of another."""
        self.tensors[self._next] = replace(tensor, id=self._next, name="")
        self._next += 1
        return self._next - 1
