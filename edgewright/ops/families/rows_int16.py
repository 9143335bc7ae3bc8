"""int16 reductions, products of matrices, images, and the larger, the smaller and the squared difference of two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels.broadcast import loop_fields, same_place
from edgewright.kernels.call import Call, Input, Output, Scalar
from edgewright.kernels.quant import MAX_FACTOR, quantize_multiplier, scale
from edgewright.kernels.wide import wide_factor
from edgewright.ops.base import Op
from edgewright.ops.batch_matmul import MatMul, matmul_real, matrix_fields
from edgewright.ops.families import checks
from edgewright.ops.families.binary import check_shapes
from edgewright.ops.families.elements_int16 import BinaryInt16, factor_scalars
from edgewright.ops.families.int16 import int16, int16_end
from edgewright.ops.families.reduce import Reduce, group_fields
from edgewright.ops.mean import mean_multiplier
from edgewright.ops.resize_bilinear import ResizeBilinear
from edgewright.ops.squared_difference import squared_reals
from edgewright.tflite.graph import View

_IN, _OUT = Input("input", ctype="int16_t"), Output("output", ctype="int16_t")
_PAIR = (Input("a", 0, "int16_t"), Input("b", 1, "int16_t"), _OUT)
_MAX_FACTOR = 1 << 7
"""What `ew_requantize_wide` takes."""
_MAX_COUNT = (1 << 16) - 1
"""Elements whose sum fits in 32 bits."""


class ReduceInt16(Reduce):
    """Over any dimensions."""

    dtypes = ("int16",)

    def kernel_stem(self, view: View) -> str:
        return f"{self.name.lower()}_s16"

    def check(self, view: View) -> Iterator[str]:
        faults = [*checks.not_empty(view), *int16_end(view)] or [*self.check_axes(view)]
        yield from faults or self.check_scales(view)

    def check_scales(self, view: View) -> Iterator[str]:
        """The scales fit."""
        raise NotImplementedError


class MeanInt16(ReduceInt16):
    """The sum times a factor that holds the division."""

    name = "MEAN"

    def kernel_stem(self, view: View) -> str:
        return "mean_s16"

    def check_scales(self, view: View) -> Iterator[str]:
        count = view.input(0).elements // view.output().elements
        if count > _MAX_COUNT:
            yield f"{count} elements become one, at most {_MAX_COUNT} are supported"
        if scale(view.input(0)) / scale(view.output()) >= MAX_FACTOR:
            yield "the output's scale is too small for the input's"

    def factor(self, view: View) -> tuple[int, int]:
        """Of the sum: multiplier and exponent."""
        count = view.input(0).elements // view.output().elements
        return mean_multiplier(scale(view.input(0)) / scale(view.output()), count)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        multiplier, exponent = self.factor(view)
        arguments = (_IN, _OUT, Scalar("multiplier", multiplier), Scalar("shift", -exponent))
        return (Call("mean_s16_ref", "ew_reduce_s8_shape", group_fields(view), arguments),)


class SumInt16(MeanInt16):
    """Over any dimensions, with a change of scale."""

    name = "SUM"

    def factor(self, view: View) -> tuple[int, int]:
        return quantize_multiplier(scale(view.input(0)) / scale(view.output()))


class ReduceMaxInt16(ReduceInt16):
    """The greatest of the reduced elements, on the scale of the input. No TensorFlow Lite Micro runs it."""

    name = "REDUCE_MAX"
    oracle = "LiteRT"

    def check_scales(self, view: View) -> Iterator[str]:
        return checks.same_quantization(view.input(0), view.output(), "input and output")

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        return (Call("reduce_max_s16_ref", "ew_reduce_s8_shape", group_fields(view), (_IN, _OUT)),)


class ExtremumInt16(Op):
    """With broadcasting of both sides. As in TensorFlow Lite Micro scales are taken to be equal."""

    dtypes = ("int16",)
    versions = range(1, 5)
    inputs = range(2, 3)

    def __init__(self, name: str) -> None:
        self.name = name  # type: ignore[misc]

    def kernel_stem(self, view: View) -> str:
        return f"{self.name.lower()}_s16"

    def check(self, view: View) -> Iterator[str]:
        yield from [*int16_end(view), *int16(view.input(1), "second input")] or check_shapes(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        fields = loop_fields(view.input(0).shape, view.input(1).shape)
        return (Call(f"{self.kernel_stem(view)}_ref", "ew_binary_s8_shape", fields, _PAIR),)

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        return same_place(view)


class BatchMatmulInt16(MatMul):
    """Up to five dimensions, adj_x, adj_y, with broadcasting of both sides."""

    dtypes = ("int16",)

    def kernel_stem(self, view: View) -> str:
        return "batch_matmul_s16"

    def check_types(self, view: View) -> Iterator[str]:
        yield from [*int16_end(view), *int16(view.input(1), "second input")]

    def check_scales(self, view: View) -> Iterator[str]:
        if matmul_real(view) >= _MAX_FACTOR:
            yield "the output's scale is too small for the inputs' scales"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        multiplier, shift = wide_factor(matmul_real(view))
        arguments = (*_PAIR, Scalar("multiplier", multiplier), Scalar("shift", shift))
        return (Call("batch_matmul_s16_ref", "ew_batch_matmul_s8_shape", matrix_fields(view), arguments),)


class SquaredDifferenceInt16(BinaryInt16):
    """Both inputs are brought to twice the larger scale; the square of their difference to the output's scale."""

    name = "SQUARED_DIFFERENCE"
    versions = range(1, 3)

    def check_scales(self, view: View) -> Iterator[str]:
        if squared_reals(view, 0)[2] >= MAX_FACTOR:
            yield "the output's scale is too small for the inputs' scales"

    def factors(self, view: View) -> tuple[Scalar, ...]:
        return factor_scalars(squared_reals(view, 0))

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        fields = loop_fields(view.input(0).shape, view.input(1).shape)
        return (Call("squared_difference_s16_ref", "ew_binary_s8_shape", fields, (*_PAIR, *self.factors(view))),)


class ResizeBilinearInt16(ResizeBilinear):
    """align_corners, half_pixel_centers. No TensorFlow Lite Micro runs it."""

    dtypes = ("int16",)
    oracle = "LiteRT"

    def kernel_stem(self, view: View) -> str:
        return "resize_bilinear_s16"


OPS: tuple[Op, ...] = (
    BatchMatmulInt16(),
    MeanInt16(),
    SumInt16(),
    ReduceMaxInt16(),
    ExtremumInt16("MAXIMUM"),
    ExtremumInt16("MINIMUM"),
    SquaredDifferenceInt16(),
    ResizeBilinearInt16(),
)
