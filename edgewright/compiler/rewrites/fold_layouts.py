"""A dense layer reads an image in the order in which it lies: TRANSPOSE before RESHAPE goes into the weights.

Converters of frameworks whose images have channels first write it between the last convolution and the first dense
layer. Exact for integers, whose sums have no order.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edgewright.compiler.rewrites._draft import Draft
from edgewright.compiler.rewrites._edit import Fresh, constant, same_type, sole_consumer
from edgewright.tflite.graph import Graph, Node, View

INTEGERS = ("int8", "int16")


def apply(graph: Graph) -> tuple[Graph, dict[str, int]]:
    """Fold; facts: how many transpositions."""
    fresh, draft, folded = Fresh(graph), Draft(graph), 0
    for place in draft.places():
        folded += _fold(draft, place, fresh)
    if not folded:
        return graph, {}
    return graph.with_tensors(fresh.tensors, nodes=draft.nodes), {"folded_transposes": folded}


def _fold(draft: Draft, place: int, fresh: Fresh) -> bool:
    """Take the TRANSPOSE at a place into the dense layer behind it; False where there is none."""
    node = draft.at(place)
    flat = _follower(draft, node, "TRANSPOSE", "RESHAPE")
    dense = _follower(draft, flat, "RESHAPE", "FULLY_CONNECTED")
    if node is None or flat is None or dense is None or dense.inputs[0] != flat.outputs[0]:
        return False
    transpose, reader = View(draft, node), View(draft, dense)
    order, weights = _order(transpose), constant(reader, 1)
    if order is None or weights is None or weights.shape[1:] != order.shape:
        return False
    moved = np.empty_like(weights)
    moved[:, order] = weights
    number = fresh.add(reader.input(1), moved, reader.input(1).quantization)
    draft.put(draft.place_of(dense), replace(dense, inputs=(dense.inputs[0], number, *dense.inputs[2:])))
    draft.put(draft.place_of(flat), replace(flat, inputs=(node.inputs[0], *flat.inputs[1:])))
    draft.put(place, None)
    return True


def _follower(draft: Draft, node: Node | None, op: str, then: str) -> Node | None:
    """The one reader of what an operator makes, where both are of these kinds."""
    reader = sole_consumer(draft, node.outputs[0]) if node is not None and node.op == op else None
    return reader if reader is not None and reader.op == then else None


def _order(transpose: View) -> NDArray[np.int64] | None:
    """For each element of the output its place in the input; None where it is no plain copy of an image's integers."""
    axes, source = constant(transpose, 1), transpose.input(0)
    known = axes is not None and source.dtype in INTEGERS and not source.is_variable
    if axes is None or not known or not same_type(source, transpose.output()):
        return None
    return np.arange(source.elements).reshape(source.shape).transpose(axes.reshape(-1)).reshape(-1)
