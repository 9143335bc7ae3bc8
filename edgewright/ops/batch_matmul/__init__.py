"""BATCH_MATMUL, int8: up to five dimensions, adj_x, adj_y, with broadcasting of both sides."""

from __future__ import annotations

import math
from collections.abc import Iterator

from edgewright.kernels.broadcast import broadcast_shape
from edgewright.kernels.call import Argument, Call, Input, Output, Scalar
from edgewright.kernels.quant import MAX_FACTOR, quantize_multiplier, scale, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.tflite.graph import View

_BATCHES = 3
"""Dimensions before those of the matrices."""


class MatMul(Op):
    """a [..., rows, depth] times b [..., depth, columns]; adj_x and adj_y say that matrices lie transposed."""

    name = "BATCH_MATMUL"
    versions = range(1, 5)
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        a, b, output = view.input(0), view.input(1), view.output()
        faults = [*checks.not_empty(view), *self.check_types(view)]
        faults += [*checks.rank(a, "first input", 2, 3, 4, 5), *checks.rank(b, "second input", 2, 3, 4, 5)]
        if faults:
            yield from faults
            return
        rows, depth, columns = _sizes(view)
        batches = broadcast_shape(a.shape[:-2], b.shape[:-2])
        if b.shape[-1 if view.option("adj_y", False) else -2] != depth or batches is None:
            yield f"matrices of shapes {list(a.shape)} and {list(b.shape)} cannot be multiplied"
            return
        yield from checks.shape(output, "the output", (*batches, rows, columns))
        yield from self.check_scales(view)

    def check_types(self, view: View) -> Iterator[str]:
        """Both inputs and the output are of the operator's type."""
        raise NotImplementedError

    def check_scales(self, view: View) -> Iterator[str]:
        """The scales fit."""
        return iter(())

    def macs(self, view: View) -> int:
        return view.output().elements * _sizes(view)[1]


class BatchMatmul(MatMul):
    """With the output's scale and zero point."""

    def check_types(self, view: View) -> Iterator[str]:
        for tensor, what in ((view.input(0), "first input"), (view.output(), "output")):
            yield from checks.int8(tensor, what)
        second = view.input(1)
        if second.quantization is not None and second.quantization.varies:
            yield (
                "scales of the second input differ by channel, where runtimes take the first for all: nonsense; "
                "quantize it with one scale (onnx2tf: --quant_type per-tensor)"
            )
        else:
            yield from checks.int8(second, "second input")

    def check_scales(self, view: View) -> Iterator[str]:
        if matmul_real(view) >= MAX_FACTOR:
            yield "the output's scale is too small for the inputs' scales"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        multiplier, exponent = quantize_multiplier(matmul_real(view))
        arguments: tuple[Argument, ...] = (
            Input("a", 0),
            Input("b", 1),
            Output("output"),
            Scalar("a_zp", zero_point(view.input(0))),
            Scalar("b_zp", zero_point(view.input(1))),
            Scalar("multiplier", multiplier),
            Scalar("shift", -exponent),
            Scalar("out_zp", zero_point(view.output())),
        )
        return (Call("batch_matmul_s8_ref", "ew_batch_matmul_s8_shape", matrix_fields(view), arguments),)


def _sizes(view: View) -> tuple[int, int, int]:
    """Rows, depth, columns."""
    rows, depth = view.input(0).shape[-2:]
    if view.option("adj_x", False):
        rows, depth = depth, rows
    return rows, depth, view.input(1).shape[-2 if view.option("adj_y", False) else -1]


def matrix_fields(view: View) -> tuple[tuple[str, int], ...]:
    """Fields of `ew_batch_matmul_s8_shape`."""
    rows, depth, columns = _sizes(view)
    a, b = (_batch_steps(view.input(i).shape) for i in range(2))
    sizes = (1,) * (_BATCHES + 2 - len(view.output().shape)) + view.output().shape[:-2]
    steps = {"a_row": depth, "a_depth": 1, "b_depth": columns, "b_column": 1}
    if view.option("adj_x", False):
        steps |= {"a_row": 1, "a_depth": rows}
    if view.option("adj_y", False):
        steps |= {"b_depth": 1, "b_column": depth}
    named = {f"{name}{i}": values[i] for name, values in (("n", sizes), ("a", a), ("b", b)) for i in range(_BATCHES)}
    return tuple({**named, "rows": rows, "depth": depth, "columns": columns, **steps}.items())


def _batch_steps(shape: tuple[int, ...]) -> list[int]:
    """Elements from one matrix to the next along each of the outer dimensions, 0 where there is one only."""
    full = (1,) * (_BATCHES + 2 - len(shape)) + shape
    return [math.prod(full[i + 1 :]) if full[i] > 1 else 0 for i in range(_BATCHES)]


def matmul_real(view: View) -> float:
    """From sums to the output's scale."""
    return scale(view.input(0)) * scale(view.input(1)) / scale(view.output())


OP = BatchMatmul()
