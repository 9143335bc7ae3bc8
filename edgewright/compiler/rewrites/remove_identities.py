"""Operators that give back their input are removed.

Reshapes to the same shape, padding by nothing, clamps that never clamp, pooling of single pixels, ADD of nothing,
quantization to the same scale.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgewright.compiler.rewrites._draft import Draft
from edgewright.compiler.rewrites._edit import constant, same_type
from edgewright.compiler.rewrites._semantics import FUSED, add, lookup_table, only_call, output_range
from edgewright.kernels.quant import activation_range
from edgewright.tflite.graph import Graph, View


def apply(graph: Graph) -> tuple[Graph, dict[str, int]]:
    """Remove identities; facts: how many."""
    removed, draft = 0, Draft(graph)
    for place, node in enumerate(graph.nodes):
        current = draft.at(place)
        index = None if current is None or current.outputs != node.outputs else _given_back(View(draft, current))
        removed += index is not None and draft.bypass(place, index)
    return (draft.done(), {"removed_operators": removed}) if removed else (graph, {})


def _given_back(view: View) -> int | None:
    """The input that output 0 is, whatever that holds."""
    if len(view.node.outputs) != 1:
        return None
    if view.node.op == "ADD":
        return next((i for i in range(len(view.node.inputs)) if _same_kind(view, i) and _adds_nothing(view, i)), None)
    return 0 if _same_kind(view, 0) and _RULES.get(view.node.op, _table_is_identity)(view) else None


def _same_kind(view: View, index: int) -> bool:
    source = view.optional_input(index)
    return source is not None and source.shape == view.output().shape and same_type(source, view.output())


def _always(_: View) -> bool:
    return True


def _transpose(view: View) -> bool:
    order = constant(view, 1)
    return order is not None and order.tolist() == list(range(len(view.output().shape)))


def _strided_slice(view: View) -> bool:
    strides = constant(view, 3)
    return strides is not None and bool(np.all(strides == 1))


def _concatenation(view: View) -> bool:
    return len(view.node.inputs) == 1 and view.option(FUSED, 0) == 0


def _pool(view: View) -> bool:
    sizes = [view.option(name) for name in ("filter_height", "filter_width", "stride_h", "stride_w")]
    return sizes == [1] * 4 and _never_clamps(view)


def _never_clamps(view: View) -> bool:
    if view.output().dtype != "int8":
        return bool(view.option(FUSED, 0) == 0)
    low, high = output_range(view.graph, view.node.inputs[0])
    least, most = activation_range(view.option(FUSED, 0), view.output())
    return least <= low and high <= most


def _adds_nothing(view: View, index: int) -> bool:
    """ADD of one number everywhere, which for every value of the other input is that value."""
    other = constant(view, 1 - index) if len(view.node.inputs) == 2 else None
    call = only_call(view)
    if other is None or call is None or other.size == 0 or np.any(other != other.reshape(-1)[0]):
        return False
    number = int(other.reshape(-1)[0])
    low, high = output_range(view.graph, view.node.inputs[index])
    return all(add(call, *((x, number) if index == 0 else (number, x))) == x for x in range(low, high + 1))


def _table_is_identity(view: View) -> bool:
    table = lookup_table(view) if len(view.node.inputs) == 1 else None
    low, high = output_range(view.graph, view.node.inputs[0])
    return table is not None and bool(np.array_equal(table[low + 128 : high + 129], np.arange(low, high + 1)))


_RULES: dict[str, Callable[[View], bool]] = {
    **dict.fromkeys(("RESHAPE", "SQUEEZE", "EXPAND_DIMS", "PAD", "PADV2", "MIRROR_PAD", "SLICE"), _always),
    **dict.fromkeys(("AVERAGE_POOL_2D", "MAX_POOL_2D"), _pool),
    "QUANTIZE": _always,
    "TRANSPOSE": _transpose,
    "STRIDED_SLICE": _strided_slice,
    "CONCATENATION": _concatenation,
}
