"""SVDF, float32 with int8 weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels.call import Argument, Call, Const, Scalar, Variable
from edgewright.kernels.constant import constant_data
from edgewright.kernels.overlap import NEVER
from edgewright.kernels.quant import scale
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.float32 import OUT, clamp_of
from edgewright.ops.families.hybrid import asymmetric, check_recurrent, quantized
from edgewright.ops.svdf import faults_of_shapes as faults_of_svdf_shapes
from edgewright.ops.svdf.float32 import SvdfFloat
from edgewright.tflite.graph import View


class SvdfHybrid(SvdfFloat):
    """Any rank."""

    dtypes = ("hybrid",)
    oracle = "LiteRT"
    files = ("hybrid_quantize_ref", "svdf_hybrid_ref")

    def check(self, view: View) -> Iterator[str]:
        faults = [*check_recurrent(view, (0, 4), (1, 2), (3,)), *checks.activation(view)]
        for tensor, what in ((view.input(i), f"input {i}") for i in (0, 1, 2)):
            faults += checks.rank(tensor, what, 2)
        faults += [] if view.input(4).is_variable else ["the state is no variable"]
        yield from [*faults, *checks.rank(view.output(), "output", 2)] or faults_of_svdf_shapes(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        batches, inputs = view.input(0).shape
        first, values, factors = quantized(batches, inputs, bool(asymmetric(view)))
        fields = {"batches": batches, "inputs": inputs, "units": view.output().shape[1], "rank": view.option("rank")}
        fields |= {"memory": view.input(2).shape[1]}
        arguments: tuple[Argument, ...] = (
            *(values, factors, OUT, Variable("state", 4, "float")),
            Const("features", constant_data(view.input(1)).reshape(-1), "weights of the input"),
            Const("times", constant_data(view.input(2)).reshape(-1), "weights of what is remembered"),
            Const("bias", constant_data(view.input(3)).reshape(-1), "biases", "float"),
            *(Scalar(f"{name}_scale", scale(view.input(i)), "float") for i, name in ((1, "feature"), (2, "time"))),
            *clamp_of(view),
        )
        return first, Call("svdf_hybrid_ref", "ew_svdf_hybrid_shape", tuple(fields.items()), arguments)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        """The input is read whole before the output is written."""
        return {0: -NEVER}


TYPED: tuple[Op, ...] = (SvdfHybrid(),)
