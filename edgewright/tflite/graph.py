"""The graph of a model: what the reader makes, rewrites change, and the compiler lowers.

Everything here is a plain value. Rewrites never change a graph in place: they make a new one with `Graph.with_`.
Tensors are known by a number that stays the same through rewrites; `NONE` stands for an input that was left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

NONE = -1
"""Number of a tensor that is not there: an optional input left out."""

SCALE_OF_ZEROS = 2.0**-40
"""Scale of a constant that is zeros alone and that the file gives a scale of 0."""

ITEM_BYTES: Mapping[str, int] = {
    "bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "float16": 2, "int32": 4, "uint32": 4, "float32": 4,
    "int64": 8, "uint64": 8, "float64": 8, "resource": 4,
}  # fmt: skip
"""Bytes of one element, by dtype. Other dtypes (strings, complex numbers) are not read; int4 is read as int8."""


@dataclass(frozen=True, eq=False)
class Quantization:
    """real = scale * (q - zero_point), one pair for the tensor or one a channel.

    Attributes:
        scales: float32 (1,) or (channels,), finite and > 0.
        zero_points: int64, same length as `scales`.
        axis: the dimension that channels count along; means nothing for one pair.
    """

    scales: NDArray[np.float32]
    zero_points: NDArray[np.int64]
    axis: int = 0

    @property
    def per_channel(self) -> bool:
        """Whether there is more than one pair."""
        return self.scales.size > 1

    @property
    def varies(self) -> bool:
        """Whether channels have different pairs."""
        return bool(np.any(self.scales != self.scales[0]) or np.any(self.zero_points != self.zero_points[0]))

    @property
    def scale(self) -> float:
        """The (first) scale as a double that holds the float32 value exactly."""
        return float(self.scales[0])

    @property
    def zero_point(self) -> int:
        """The (first) zero point."""
        return int(self.zero_points[0])


@dataclass(frozen=True, eq=False)
class State:
    """What a model keeps from one call to the next: a variable.

    Attributes:
        name: for people.
        shape, dtype: as of a tensor.
        fill: its bytes after a reset, where `data` is None.
        data: its content after a reset, with this shape and dtype (read-only).
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    fill: int = 0
    data: NDArray[Any] | None = None

    @property
    def bytes(self) -> int:
        """Bytes of its content."""
        return math.prod(self.shape) * ITEM_BYTES[self.dtype]


@dataclass(frozen=True, eq=False)
class Tensor:
    """A value of the graph.

    Attributes:
        id: its number in the graph.
        name: the name in the file; may be empty, may be shared with others.
        shape: all dimensions known and >= 0; () is a scalar.
        dtype: a key of ITEM_BYTES.
        quantization: None when it is not quantized.
        data: the content of a constant with this shape and dtype (read-only), None when it is computed.
        state: place in `Graph.states` of the state that it is, NONE for others. Several tensors may be one state, each
            of them its content from the node that writes it on.
    """

    id: int
    name: str
    shape: tuple[int, ...]
    dtype: str
    quantization: Quantization | None = None
    data: NDArray[Any] | None = None
    state: int = NONE

    @property
    def is_constant(self) -> bool:
        """Whether its content is known at build time."""
        return self.data is not None

    @property
    def is_variable(self) -> bool:
        """Whether it is a state of the model."""
        return self.state != NONE

    @property
    def elements(self) -> int:
        """Number of elements; 1 for a scalar."""
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        """Bytes of its content."""
        return self.elements * ITEM_BYTES[self.dtype]


@dataclass(frozen=True, eq=False)
class Node:
    """One operator of the graph.

    Attributes:
        index: its place in the file's list of operators; stays the same through rewrites, so messages and reports
            can name it. A node that a rewrite made carries the index of the node that it stands for.
        op: TFLite's name of the operator, for instance "CONV_2D"; "CUSTOM(name)" for a custom one.
        version: version of the operator.
        inputs: numbers of tensors, NONE where an optional one is left out.
        outputs: numbers of tensors.
        options: the attributes in the file by their names in the schema ("stride_w", "fused_activation_function"...);
            enums as numbers. A rewrite may add "explicit_padding": (top, bottom, left, right), which then holds
            instead of "padding".
    """

    index: int
    op: str
    version: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Graph:
    """A model.

    Attributes:
        name: the file's stem; for messages.
        sha256: hex digest of the file.
        tensors: by number.
        nodes: in an order in which they can run.
        inputs, outputs: numbers of tensors, in the file's order.
        states: what it keeps from one call to the next.
        anomaly: of a reconstruction, the mean squared difference of input and output above which it is an anomaly.
        note: a line for people on what of the file is not in here: other signatures and subgraphs; "" for nothing.
    """

    name: str
    sha256: str
    tensors: Mapping[int, Tensor]
    nodes: tuple[Node, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    states: tuple[State, ...] = ()
    note: str = ""
    anomaly: float | None = None

    def with_(self, **changes: Any) -> Graph:
        """A copy with some attributes changed; tensors that nothing names any more are dropped."""
        graph = replace(self, **changes)
        used = set(graph.inputs) | set(graph.outputs)
        for node in graph.nodes:
            used.update(node.inputs, node.outputs)
        return replace(graph, tensors={number: t for number, t in graph.tensors.items() if number in used})

    def with_tensors(self, tensors: Iterable[Tensor], **changes: Any) -> Graph:
        """As `with_`, with these tensors put in place of those of the same number, or added."""
        return self.with_(tensors={**self.tensors, **{t.id: t for t in tensors}}, **changes)

    @cached_property
    def constant_bytes(self) -> int:
        """Bytes of all its constants."""
        return sum(tensor.bytes for tensor in self.tensors.values() if tensor.is_constant)

    def new_id(self) -> int:
        """A number that no tensor has."""
        return max(self.tensors, default=-1) + 1

    def producer(self, tensor: int) -> Node | None:
        """The node that writes the tensor, or None for inputs and constants."""
        return self._producers.get(tensor)

    def consumers(self, tensor: int) -> list[Node]:
        """The nodes that read the tensor, in order."""
        return list(self._consumers.get(tensor, ()))

    @cached_property
    def _producers(self) -> Mapping[int, Node]:
        return {number: node for node in reversed(self.nodes) for number in node.outputs}

    @cached_property
    def _consumers(self) -> Mapping[int, Sequence[Node]]:
        found: dict[int, list[Node]] = {}
        for node in self.nodes:
            for number in dict.fromkeys(node.inputs):
                found.setdefault(number, []).append(node)
        return found

    def views(self) -> Iterator[View]:
        """Every node together with its tensors, in order."""
        return (View(self, node) for node in self.nodes)


@dataclass(frozen=True, eq=False)
class View:
    """A node with its tensors at hand: what operators are given."""

    graph: Graph
    node: Node

    @property
    def inputs(self) -> list[Tensor | None]:
        """The input tensors, None where one is left out."""
        return [None if number == NONE else self.graph.tensors[number] for number in self.node.inputs]

    @property
    def outputs(self) -> list[Tensor]:
        """The output tensors."""
        return [self.graph.tensors[number] for number in self.node.outputs]

    def input(self, index: int) -> Tensor:
        """An input that has to be there; IndexError is a bug of the operator's `check`."""
        return self.graph.tensors[self.node.inputs[index]]

    def optional_input(self, index: int) -> Tensor | None:
        """An input that may be left out: by NONE, or by a short list of inputs."""
        present = index < len(self.node.inputs) and self.node.inputs[index] != NONE
        return self.input(index) if present else None

    def output(self, index: int = 0) -> Tensor:
        """An output."""
        return self.graph.tensors[self.node.outputs[index]]

    def option(self, name: str, default: Any = None) -> Any:
        """An attribute, or `default` when the file does not give it."""
        return self.node.options.get(name, default)

    @property
    def where(self) -> str:
        """The place for messages: "model.tflite: operator 3 (CONV_2D)"."""
        return f"{self.graph.name}: operator {self.node.index} ({self.node.op})"
