"""Operators whose inputs are all constant are computed now, when they only move data or look values up.

SHAPE and ZEROS_LIKE are constants whatever their input is, for all shapes are known: those that a file leaves open are
found on the way, for they follow from constants. Operators that nothing reads any
more go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright import ops
from edgewright.compiler.rewrites._edit import constant, same_type
from edgewright.compiler.rewrites._open_shapes import mended
from edgewright.compiler.rewrites._semantics import FUSED, lookup_table
from edgewright.tflite.graph import NONE, Graph, Node, Tensor, View

Array = NDArray[Any]

_MOST_ELEMENTS = 1 << 24
"""Elements of all results together; what is more is left to the device."""


def apply(graph: Graph) -> tuple[Graph, dict[str, int]]:
    """Fold, then drop what is not read; facts: numbers of operators folded and dropped, of shapes that were open."""
    known, room, left = dict(graph.tensors), _MOST_ELEMENTS, []
    now = replace(graph, tensors=known)  # sees each constant, and each shape, as it is found
    opened: set[int] = set()
    for node in graph.nodes:
        shaped = mended(View(now, node), opened)
        if shaped is not None:
            opened.add(shaped.id)
            known[shaped.id] = shaped
        tensor = _folded(View(now, node), room)
        if tensor is None:
            left.append(node)
        else:
            room -= tensor.elements
            known[tensor.id] = tensor
    folded = len(graph.nodes) - len(left)
    graph = now.with_(nodes=tuple(left)) if folded or opened else graph
    kept = _used(graph)
    dropped = len(graph.nodes) - len(kept)
    facts = _facts(folded_operators=folded, dropped_operators=dropped, open_shapes=len(opened))
    return graph.with_(nodes=kept) if dropped else graph, facts


def _facts(**counts: int) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


def _folded(view: View, room: int) -> Tensor | None:
    """The node's output as a constant."""
    if len(view.node.outputs) != 1 or view.node.outputs[0] in view.graph.outputs or view.output().is_variable:
        return None
    if view.output().elements > room:
        return None
    known = view.node.op in _KNOWN or (
        bool(view.node.inputs) and all(t is None or t.is_constant for t in view.inputs) and view.node.inputs[0] != NONE
    )
    data = _evaluate(view) if known else None
    if data is None or data.shape != view.output().shape:
        return None
    data = np.array(data, dtype=view.output().dtype, order="C")
    data.setflags(write=False)
    return replace(view.output(), data=data)


def _evaluate(view: View) -> Array | None:
    evaluator = _EVALUATORS.get(view.node.op, _by_table)
    try:
        return evaluator(view)
    except (ValueError, IndexError, TypeError, KeyError, OverflowError):
        return None  # a malformed node: the check tells of it


def _data(view: View, index: int = 0) -> Array:
    data = view.input(index).data
    if data is None:
        raise ValueError("not constant")
    return data


def _shape(view: View) -> Array:
    return np.array(view.input(0).shape)


def _zeros(view: View) -> Array:
    return np.zeros(view.output().shape)


def _broadcast_args(view: View) -> Array:
    return np.array(np.broadcast_shapes(_data(view).tolist(), _data(view, 1).tolist()))


def _fill(view: View) -> Array | None:
    value = view.input(1)
    return np.full(view.output().shape, _data(view, 1).reshape(-1)[0]) if same_type(value, view.output()) else None


def _broadcast_to(view: View) -> Array | None:
    return np.broadcast_to(_data(view), view.output().shape) if same_type(view.input(0), view.output()) else None


def _reshape(view: View) -> Array | None:
    return _data(view).reshape(view.output().shape) if same_type(view.input(0), view.output()) else None


def _transpose(view: View) -> Array | None:
    return _data(view).transpose(_data(view, 1).tolist()) if same_type(view.input(0), view.output()) else None


def _pad(view: View) -> Array | None:
    if not same_type(view.input(0), view.output()):
        return None
    value = constant(view, 2)
    quantization = view.output().quantization
    zero = 0 if quantization is None else quantization.zero_point
    filler = zero if value is None else value.reshape(-1)[0]
    amounts = _data(view, 1)
    if tuple(view.input(0).shape + amounts.sum(axis=1)) != view.output().shape:
        return None
    return np.pad(_data(view), amounts.tolist(), constant_values=filler)


def _concatenation(view: View) -> Array | None:
    parts = [tensor for tensor in view.inputs if tensor is not None]
    if view.option(FUSED, 0) or not all(same_type(part, view.output()) for part in parts):
        return None
    return np.concatenate([_data(view, i) for i in range(len(parts))], axis=view.option("axis", 0))


def _pack(view: View) -> Array | None:
    parts = range(len(view.node.inputs))
    if not all(same_type(view.input(i), view.output()) for i in parts):
        return None
    return np.stack([_data(view, i) for i in parts], axis=view.option("axis", 0))


def _slice(view: View) -> Array | None:
    begins, sizes = _data(view, 1).tolist(), _data(view, 2).tolist()
    taken = tuple(slice(b, None if s == -1 else b + s) for b, s in zip(begins, sizes, strict=True))
    return _data(view)[taken] if same_type(view.input(0), view.output()) else None


def _strided_slice(view: View) -> Array | None:
    masks = ("ellipsis_mask", "new_axis_mask", "offset")
    if any(view.option(mask, 0) for mask in masks) or not same_type(view.input(0), view.output()):
        return None
    taken: list[slice | int] = []
    for axis, (begin, end, step) in enumerate(zip(*(_data(view, i).tolist() for i in (1, 2, 3)), strict=True)):
        first = None if view.option("begin_mask", 0) >> axis & 1 else begin
        last = None if view.option("end_mask", 0) >> axis & 1 else end
        taken.append(begin if view.option("shrink_axis_mask", 0) >> axis & 1 else slice(first, last, step))
    return _data(view)[tuple(taken)]


def _gather(view: View) -> Array | None:
    if view.option("batch_dims", 0) or not same_type(view.input(0), view.output()):
        return None
    return np.take(_data(view), _data(view, 1), axis=view.option("axis", 0))


def _reduce_prod(view: View) -> Array | None:
    """Of whole numbers: lengths that converters multiply."""
    if not _is_whole(view):
        return None
    axes = tuple(_data(view, 1).reshape(-1).tolist())
    return np.asarray(np.prod(_data(view), axis=axes, keepdims=bool(view.option("keep_dims", False))))


def _is_whole(view: View) -> bool:
    return view.input(0).dtype in ("int32", "int64") and same_type(view.input(0), view.output())


def _dequantize(view: View) -> Array | None:
    """Weights stored as float16; for int8 the kernel keeps its own arithmetic."""
    return _data(view).astype(np.float32) if view.input(0).dtype == "float16" else None


def _by_table(view: View) -> Array | None:
    op = ops.find_for(view)
    if op is None or len(view.node.inputs) not in op.inputs or any(True for _ in op.check(view)):
        return None  # the graph may not be checked yet
    table = lookup_table(view)
    return None if table is None else table[_data(view).astype(np.int64) + 128]


_KNOWN = ("SHAPE", "ZEROS_LIKE")
"""Operators whose output is known whatever their input holds."""

_EVALUATORS: dict[str, Callable[[View], Array | None]] = {
    "SHAPE": _shape,
    "ZEROS_LIKE": _zeros,
    "BROADCAST_ARGS": _broadcast_args,
    "FILL": _fill,
    "BROADCAST_TO": _broadcast_to,
    "RESHAPE": _reshape,
    "SQUEEZE": _reshape,
    "EXPAND_DIMS": _reshape,
    "TRANSPOSE": _transpose,
    "PAD": _pad,
    "PADV2": _pad,
    "CONCATENATION": _concatenation,
    "PACK": _pack,
    "SLICE": _slice,
    "STRIDED_SLICE": _strided_slice,
    "GATHER": _gather,
    "REDUCE_PROD": _reduce_prod,
    "DEQUANTIZE": _dequantize,
}


def _used(graph: Graph) -> tuple[Node, ...]:
    """The nodes that an output or a state depends on."""
    wanted = set(graph.outputs)
    kept: list[Node] = []
    for node in reversed(graph.nodes):
        states = [t for t in (*node.inputs, *node.outputs) if t in graph.tensors and _is_state(graph.tensors[t])]
        if states or not node.outputs or wanted & set(node.outputs):
            kept.append(node)
            wanted.update(node.inputs)
    return tuple(kept[::-1])


def _is_state(tensor: Tensor) -> bool:
    return tensor.is_variable or tensor.dtype == "resource"
