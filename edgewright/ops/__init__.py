"""Operators of TensorFlow Lite: one module each, found by name. `_base` has the contract.

A module's operator takes int8, data of any type, or what no other operator of its name takes. Those that `others` names
take the same operators where the data is of other types, and some that no file holds: the compiler makes them.
"""

from __future__ import annotations

from functools import cache

from edgewright import registry
from edgewright.ops.base import Op
from edgewright.ops.folder import modules
from edgewright.tflite.graph import NONE, View

_DATA = {"TRANSPOSE_CONV": 2, "FILL": 1, "EMBEDDING_LOOKUP": 1, "SELECT": 1, "SELECT_V2": 1}
"""The input whose type decides, where it is not the first."""

_WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "SVDF", "UNIDIRECTIONAL_SEQUENCE_LSTM")
"""Operators whose second input is weights."""


def find(op_name: str) -> Op | None:
    """The operator of a TFLite name ("CONV_2D"), None when there is no module for it."""
    name = op_name.lower().replace("_", "-")
    if name not in registry.ops.names():
        return None
    op: Op = registry.ops.load(name).OP
    return op


def get(op_name: str) -> Op:
    """As `find`, for a graph that was checked."""
    op = find(op_name)
    if op is None:
        raise ValueError(f"{op_name} is no operator that the check lets through")
    return op


def find_for(view: View) -> Op | None:
    """The operator that takes a node's data, or the one that says why there is none; None for an unknown operator."""
    return others(view.node.op).get(_dtype(view)) or find(view.node.op)


def get_for(view: View) -> Op:
    """As `find_for`, for a graph that was checked."""
    return others(view.node.op).get(_dtype(view)) or get(view.node.op)


@cache
def others(op_name: str) -> dict[str, Op]:
    """The operators of a name for other types than that of its module, by type."""
    typed = (op for module in modules(op_name) for op in getattr(module, "TYPED", ()))
    return {dtype: op for op in typed for dtype in op.dtypes}


def _dtype(view: View) -> str:
    """The type of the node's data; "hybrid" for float32 with weights of int8."""
    index = _DATA.get(view.node.op, 0)
    dtypes = [view.graph.tensors[number].dtype if number != NONE else "" for number in view.node.inputs[:3]]
    if view.node.op in _WEIGHTED and dtypes[:2] == ["float32", "int8"]:
        return "hybrid"
    if view.node.op == "TRANSPOSE_CONV" and dtypes[1:] == ["int8", "float32"]:
        return "hybrid"
    return dtypes[index] if index < len(dtypes) else ""
