"""IF and WHILE as operators of one graph, which is planned and checked as any other.

Of an IF both branches are computed, and SELECT_V2 picks; where its condition is constant, one branch alone is there. A
WHILE whose number of turns follows from constants is unrolled. What cannot be done so stays as it is, with the reason
among its options, for the compiler to tell of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgewright.tflite.graph import NONE, Graph, Node, Tensor

REFUSED = "refused"
"""Option that says why an operator stayed what it was."""

MAX_NODES = 4096
"""Operators that a graph may become."""

_UNKNOWN_TURNS = (
    "how often it turns is not known when it is built; where it is an LSTM or GRU, export the model with a batch and a "
    "length that are fixed: keras.Input(shape=(49, 40), batch_size=1)"
)
_MAX_VISITS = 1 << 16
_MAX_DEPTH = 8
_MAX_ELEMENTS = 64
_WHOLE = ("int32", "int64", "bool")
_STATEFUL = ("VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE", "CALL_ONCE")


class Part(NamedTuple):
    """A subgraph; `has_variables` says that one of its tensors keeps its content."""

    nodes: Sequence[Node]
    tensors: Mapping[int, Tensor]
    inputs: Sequence[int]
    outputs: Sequence[int]
    has_variables: bool


class _RefusedError(Exception):
    """The reason."""


def without_control(graph: Graph, part: Callable[[int], Part | None]) -> Graph:
    """The graph with what IF and WHILE stand for in their place.

    Args:
        graph: the main subgraph.
        part: another subgraph by its number, None when there is none.
    """
    if not any(node.op in _EXPANDERS for node in graph.nodes):
        return graph
    expander = _Expander(graph, part)
    for node in graph.nodes:
        expander.main(node)
    return replace(graph, nodes=tuple(expander.nodes), tensors=expander.tensors)


@dataclass
class _Budget:
    visits: int = _MAX_VISITS

    def spend(self) -> None:
        self.visits -= 1
        if self.visits < 0:
            raise _RefusedError("what it stands for is too large")


class _Expander:
    def __init__(self, graph: Graph, part: Callable[[int], Part | None]) -> None:
        self.tensors = dict(graph.tensors)
        self.nodes: list[Node] = []
        self._part = part
        self._next = graph.new_id()
        self._budget = _Budget()

    def main(self, node: Node) -> None:
        """Add a node of the main subgraph; one that is refused leaves nothing else behind."""
        before, tensors = len(self.nodes), dict(self.tensors)
        try:
            self._add(node, depth=0)
        except _RefusedError as reason:
            del self.nodes[before:]
            self.tensors = tensors
            self.nodes.append(replace(node, options={**node.options, REFUSED: str(reason)}))

    def _add(self, node: Node, depth: int) -> None:
        self._budget.spend()
        if node.op in _EXPANDERS:
            if depth > _MAX_DEPTH:
                raise _RefusedError("subgraphs are nested too deeply")
            _EXPANDERS[node.op](self, node, depth)
        else:
            self.nodes.append(node)
        if len(self.nodes) > MAX_NODES:
            raise _RefusedError(f"what it stands for has more than {MAX_NODES} operators")

    def branch(self, node: Node, depth: int) -> None:
        """IF."""
        condition, values = self.tensors[_first(node)], node.inputs[1:]
        numbers = (node.options.get("then_subgraph_index"), node.options.get("else_subgraph_index"))
        if condition.data is not None:
            taken = numbers[0 if condition.data.reshape(-1)[:1].any() else 1]
            self._give(node, self._inline(node, taken, values, depth))
            return
        both = [self._inline(node, number, values, depth) for number in numbers]
        for yes, no, output in zip(*both, node.outputs, strict=True):
            self.nodes.append(Node(node.index, "SELECT_V2", 1, (condition.id, yes, no), (output,)))

    def loop(self, node: Node, depth: int) -> None:
        """WHILE."""
        condition, body = (node.options.get(f"{name}_subgraph_index") for name in ("cond", "body"))
        values: Sequence[int] = node.inputs
        while self._goes_on(self._inline(node, condition, values, depth, count=1)[0]):
            values = self._inline(node, body, values, depth)
        self._give(node, values)

    def _goes_on(self, condition: int) -> bool:
        self._budget.spend()
        data = self.tensors[condition].data
        if data is None or data.size != 1:
            raise _RefusedError(_UNKNOWN_TURNS)
        return bool(data.reshape(-1)[0])

    def _give(self, node: Node, values: Sequence[int]) -> None:
        """The outputs are these tensors."""
        for value, output in zip(values, node.outputs, strict=True):
            self.nodes.append(Node(node.index, "RESHAPE", 1, (value,), (output,)))

    def _inline(
        self, node: Node, number: Any, values: Sequence[int], depth: int, count: int | None = None
    ) -> list[int]:
        """Add the nodes of a subgraph; the tensors that are its outputs, `count` or as many as the node has."""
        part = self._part(int(number or 0))
        if part is None or len(part.inputs) != len(values) or NONE in values:
            raise _RefusedError("its subgraph is not there, or does not take its inputs")
        if len(part.outputs) != (len(node.outputs) if count is None else count):
            raise _RefusedError("its subgraph does not give its outputs")
        if part.has_variables or any(inner.op in _STATEFUL for inner in part.nodes):
            raise _RefusedError("its subgraph keeps a state")
        places = dict(zip(part.inputs, values, strict=True))
        for inner in part.nodes:
            self._inner(inner, node.index, part, places, depth)
        return [self._place(number, part, places) for number in part.outputs]

    def _inner(self, inner: Node, index: int, part: Part, places: dict[int, int], depth: int) -> None:
        inputs = tuple(NONE if n == NONE else self._place(n, part, places) for n in inner.inputs)
        outputs = tuple(self._place(n, part, places) for n in inner.outputs)
        data = self._evaluated(inner, inputs, outputs)
        if data is None:
            self._add(replace(inner, index=index, inputs=inputs, outputs=outputs), depth + 1)
        else:
            self._budget.spend()
            self.tensors[outputs[0]] = replace(self.tensors[outputs[0]], data=data)

    def _place(self, number: int, part: Part, places: dict[int, int]) -> int:
        if number not in places:
            places[number] = self._next
            self.tensors[self._next] = replace(part.tensors[number], id=self._next)
            self._next += 1
        return places[number]

    def _evaluated(self, node: Node, inputs: Sequence[int], outputs: Sequence[int]) -> NDArray[Any] | None:
        """The output of arithmetic on a few whole numbers or bools that are known."""
        function = _EVALUATORS.get(node.op)
        if function is None or NONE in inputs or len(outputs) != 1 or node.options.get("fused_activation_function"):
            return None
        given = [self.tensors[number].data for number in inputs]
        output = self.tensors[outputs[0]]
        known = [
            data for data in given if data is not None and data.dtype.name in _WHOLE and data.size <= _MAX_ELEMENTS
        ]
        if len(known) != len(given) or len(known) != function.nin or output.dtype not in _WHOLE:
            return None
        try:
            found: NDArray[Any] = np.asarray(function(*known)).astype(output.dtype)
        except ValueError:
            return None  # shapes that do not fit: the check tells of it
        if found.shape != output.shape:
            return None
        found.flags.writeable = False
        return found


def _is_small(data: NDArray[Any]) -> bool:
    return data.dtype.name in _WHOLE and data.size <= _MAX_ELEMENTS


def _first(node: Node) -> int:
    if not node.inputs or node.inputs[0] == NONE:
        raise _RefusedError("its condition is left out")
    return node.inputs[0]


_EXPANDERS: Mapping[str, Callable[[_Expander, Node, int], None]] = {"IF": _Expander.branch, "WHILE": _Expander.loop}

_EVALUATORS: Mapping[str, np.ufunc] = {
    "ADD": np.add,
    "SUB": np.subtract,
    "MUL": np.multiply,
    "MINIMUM": np.minimum,
    "MAXIMUM": np.maximum,
    "EQUAL": np.equal,
    "NOT_EQUAL": np.not_equal,
    "LESS": np.less,
    "LESS_EQUAL": np.less_equal,
    "GREATER": np.greater,
    "GREATER_EQUAL": np.greater_equal,
    "LOGICAL_AND": np.logical_and,
    "LOGICAL_OR": np.logical_or,
    "LOGICAL_NOT": np.logical_not,
}
