"""Graphs of operators that are made by hand."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.files import canonical_json
from edgewright.tflite.graph import Graph, Node, Quantization, Tensor
from edgewright.tflite.signal_states import with_signal_states

_ONE = Quantization(np.ones(1, np.float32), np.zeros(1, np.int64))


def resized(shape: tuple[int, ...], size: tuple[int, int], by: str) -> Graph:
    """Pictures int8 of this shape (height, width, channels) in another size, as TFLite's operators compute it."""
    making = Making()
    x, y = making.numbers((1, *shape), "picture"), making.numbers((1, *size, shape[2]), "resized")
    op = {"bilinear": "RESIZE_BILINEAR", "nearest": "RESIZE_NEAREST_NEIGHBOR"}[by]
    places = making.constant(np.array(size, np.int32))
    making.op(op, [x, places], [y], {"align_corners": False, "half_pixel_centers": True})
    return making.finish([list(shape), list(size), by], x, y)


@dataclass
class Making:
    """A graph that grows."""

    tensors: dict[int, Tensor] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)

    def tensor(self, shape: tuple[int, ...], dtype: str, name: str, data: NDArray[Any] | None = None) -> int:
        number = len(self.tensors)
        self.tensors[number] = Tensor(number, name, shape, dtype, data=data)
        return number

    def numbers(self, shape: tuple[int, ...], name: str) -> int:
        """A tensor int8 whose numbers are real values."""
        number = self.tensor(shape, "int8", name)
        self.tensors[number] = replace(self.tensors[number], quantization=_ONE)
        return number

    def constant(self, data: NDArray[Any]) -> int:
        return self.tensor(data.shape, data.dtype.name, "", data)

    def op(self, name: str, inputs: list[int], outputs: list[int], options: dict[str, Any] | None = None) -> None:
        self.nodes.append(Node(len(self.nodes), name, 1, tuple(inputs), tuple(outputs), options or {}))

    def one(
        self, name: str, inputs: list[int], shape: tuple[int, ...], dtype: str, options: dict[str, Any] | None = None
    ) -> int:
        """An operator with one output, which it gives."""
        output = self.tensor(shape, dtype, "")
        self.op(name, inputs, [output], options)
        return output

    def finish(self, said: object, x: int, y: int) -> Graph:
        """The graph from x to y; `said`: what it was made of, which tells it from others."""
        digest = hashlib.sha256(canonical_json(said).encode()).hexdigest()
        return with_signal_states(Graph("preprocess", digest, self.tensors, tuple(self.nodes), (x,), (y,)))
