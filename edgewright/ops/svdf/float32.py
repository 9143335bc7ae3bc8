"""SVDF, float32."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels.call import Argument, Call, Const, Variable
from edgewright.kernels.constant import constant_data
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.float32 import IN, OUT, check_floats, clamp_of
from edgewright.ops.svdf import Svdf, faults_of_shapes
from edgewright.tflite.graph import View


class SvdfFloat(Svdf):
    """Any rank."""

    dtypes = ("float32",)
    files: tuple[str, ...] = ("svdf_f32_ref",)

    def check(self, view: View) -> Iterator[str]:
        faults = [*check_floats(view, (0, 4), (1, 2, 3)), *checks.activation(view)]
        for tensor, what in ((view.input(i), f"input {i}") for i in (0, 1, 2)):
            faults += checks.rank(tensor, what, 2)
        faults += [] if view.input(4).is_variable else ["the state is no variable"]
        yield from [*faults, *checks.rank(view.output(), "output", 2)] or faults_of_shapes(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        batches, inputs = view.input(0).shape
        fields = {"batches": batches, "inputs": inputs, "units": view.output().shape[1], "rank": view.option("rank")}
        fields |= {"memory": view.input(2).shape[1]}
        arguments: tuple[Argument, ...] = (
            *(IN, OUT, Variable("state", 4, "float")),
            Const("features", constant_data(view.input(1)).reshape(-1), "weights of the input", "float"),
            Const("times", constant_data(view.input(2)).reshape(-1), "weights of what is remembered", "float"),
            Const("bias", constant_data(view.input(3)).reshape(-1), "biases", "float"),
            *clamp_of(view),
        )
        return (Call("svdf_f32_ref", "ew_svdf_f32_shape", tuple(fields.items()), arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {index: 4 * distance for index, distance in super().overlap_ref(view).items()}


TYPED: tuple[Op, ...] = (SvdfFloat(),)
