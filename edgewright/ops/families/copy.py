"""Operators whose output is their input's bytes: aliases, and plain copies where an alias cannot be."""

from __future__ import annotations

from collections.abc import Mapping

from edgewright.kernels.call import Call, Input, Output
from edgewright.ops.base import Op
from edgewright.tflite.graph import View


def copy_call(rows: int, row_bytes: int, from_step: int, to_step: int, source: Input, to: Output) -> Call:
    """Copy `rows` pieces of `row_bytes` bytes; pieces lie `from_step` and `to_step` bytes apart."""
    shape = copy_shape(rows, row_bytes, from_step, to_step)
    return Call("copy_s8_ref", "ew_copy_s8_shape", shape, (source, to))


def copy_shape(rows: int, row_bytes: int, from_step: int = 0, to_step: int = 0) -> tuple[tuple[str, int], ...]:
    """Fields of `ew_copy_s8_shape`."""
    return (("rows", rows), ("row_bytes", row_bytes), ("from_step", from_step), ("to_step", to_step))


class CopyOp(Op):
    """Output 0 is input 0, byte for byte."""

    files = ("copy_s8_ref",)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        size = view.output().bytes
        return (copy_call(1, size, size, size, Input("input"), Output("output")),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {}
