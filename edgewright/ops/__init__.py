"""Operators of TensorFlow Lite: one module each, found by name. `_base` has the contract."""

from __future__ import annotations

from edgewright import registry
from edgewright.ops._base import Op


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
