"""A FULLY_CONNECTED that reads an image: which weights belong to which pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgewright.compiler.rewrites._edit import sole_consumer
from edgewright.tflite.graph import Graph, Node, View

_SAME_BYTES = ("RESHAPE", "SQUEEZE", "EXPAND_DIMS")


@dataclass(frozen=True, eq=False)
class DenseOfImage:
    """A FULLY_CONNECTED over a whole int8 image.

    Attributes:
        view: the FULLY_CONNECTED.
        image: number of the tensor [1, h, w, c] that it reads, through reshapes or directly.
        between: the reshapes, in order.
        weights: int8 (units, h, w, c).
    """

    view: View
    image: int
    between: tuple[Node, ...]
    weights: NDArray[np.int8]


def dense_of_image(graph: Graph, node: Node) -> DenseOfImage | None:
    """The node as a DenseOfImage; None where it is none, or where somebody else reads the image or a reshape of it."""
    if node.op != "FULLY_CONNECTED":
        return None
    view = View(graph, node)
    image, between = _image(graph, node)
    data, shape = view.input(1).data, graph.tensors[image].shape
    if data is None or len(shape) != 4 or shape[0] != 1 or shape[1] * shape[2] < 2:
        return None
    if view.input(0).dtype != "int8" or data.shape[1] != shape[1] * shape[2] * shape[3]:
        return None
    if sole_consumer(graph, image) is None:
        return None
    return DenseOfImage(view, image, between, data.astype(np.int8).reshape(len(data), *shape[1:]))


def _image(graph: Graph, node: Node) -> tuple[int, tuple[Node, ...]]:
    """The tensor before all reshapes, as far as nobody else reads between them."""
    number = node.inputs[0]
    between: list[Node] = []
    while sole_consumer(graph, number) is not None and len(graph.tensors[number].shape) != 4:
        producer = graph.producer(number)
        if producer is None or producer.op not in _SAME_BYTES:
            break
        between.insert(0, producer)
        number = producer.inputs[0]
    return number, tuple(between)
