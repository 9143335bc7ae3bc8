"""SVDF, int8: state and time weights of int8 or int16. As in TensorFlow Lite Micro its activation is not looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from edgewright.kernels.call import Argument, Call, Const, Input, Output, Scalar, Variable
from edgewright.kernels.constant import constant_data
from edgewright.kernels.overlap import NEVER, write_distance
from edgewright.kernels.quant import MAX_FACTOR, quantize_multiplier, scale, wrap32, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.element import NUMBERS, limits
from edgewright.tflite.graph import View


class Svdf(Op):
    """input [n, inputs], features [units * rank, inputs], times [units * rank, memory], bias [units], state."""

    name = "SVDF"
    versions = range(1, 5)
    inputs = range(5, 6)

    def check(self, view: View) -> Iterator[str]:
        yield from _faults_of_types(view) or faults_of_shapes(view) or _faults_of_scales(view)

    def macs(self, view: View) -> int:
        return view.input(0).shape[0] * (view.input(1).elements + view.input(2).elements)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        features, times = (constant_data(view.input(i)) for i in (1, 2))
        first, second = (quantize_multiplier(real) for real in reals(view))
        state = view.input(4)
        low, high = limits(state.dtype)
        batches, inputs = view.input(0).shape
        shape = {"batches": batches, "inputs": inputs, "units": view.output().shape[1], "rank": view.option("rank")}
        shape |= {"memory": times.shape[1], "type": NUMBERS[state.dtype], "low": low, "high": high}
        bias = -zero_point(view.input(0)) * features.astype(np.int64).sum(axis=1)
        arguments: tuple[Argument, ...] = (
            Input("input"),
            Output("output"),
            Variable("state", 4, "void"),
            Const("features", features.reshape(-1), "weights of the input"),
            Const("feature_bias", bias.astype(np.int32), "-input zero point * sum of weights", "int32_t"),
            Const("times", times.reshape(-1), "weights of what is remembered", "void"),
            Const("bias", _bias(view), "bias - state zero point * sum of weights", "int32_t"),
            *(Scalar("state_multiplier", first[0]), Scalar("state_shift", -first[1])),
            Scalar("state_zp", zero_point(state)),
            *(Scalar("multiplier", second[0]), Scalar("shift", -second[1])),
            Scalar("out_zp", zero_point(view.output())),
        )
        batches = view.input(0).shape[0]
        work = {"feature": batches * features.size, "time": batches * times.size, "output": view.output().elements}
        return (Call("svdf_s8_ref", "ew_svdf_s8_shape", tuple(shape.items()), arguments, work=work),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        """The input of a batch is read whole before its output is written."""
        batches = np.arange(1, view.input(0).shape[0] + 1)
        needed = np.append(batches[:-1] * view.input(0).shape[1], NEVER)
        return {0: write_distance(batches * view.output().shape[1], needed)}


def reals(view: View) -> tuple[float, float]:
    """Factors from the sum over the input to the state, and from the sum over the state to the output, in float32."""
    tensor, features, times, state = (np.float32(scale(view.input(i))) for i in (0, 1, 2, 4))
    with np.errstate(over="ignore"):  # the check refuses what overflows
        return float(tensor * features / state), float(state * times / np.float32(scale(view.output())))


def _bias(view: View) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    units, times = view.output().shape[1], constant_data(view.input(2))
    raw = constant_data(view.input(3)).astype(np.int64).reshape(-1)
    folded = raw - zero_point(view.input(4)) * times.astype(np.int64).reshape(units, -1).sum(axis=1)
    return np.array([wrap32(int(value)) for value in folded], np.int32)


def _faults_of_types(view: View) -> list[str]:
    tensor, features, times, bias, state = (view.input(i) for i in range(5))
    faults = [*checks.not_empty(view), *checks.int8(tensor, "input"), *checks.int8(view.output(), "output")]
    faults += [*checks.int8(features, "features"), *checks.one_scale(times, "time weights")]
    faults += [*checks.one_scale(state, "state"), *checks.dtype(state, "state", "int8", "int16")]
    faults += [*checks.dtype(times, "time weights", state.dtype), *checks.constant(features, "features")]
    faults += checks.constant(times, "time weights")
    faults += [fault for t in (tensor, features, times, view.output()) for fault in checks.rank(t, f"tensor {t.id}", 2)]
    faults += [*checks.dtype(bias, "bias", "int32"), *checks.constant(bias, "bias")]
    return faults if state.is_variable else [*faults, "the state is no variable"]


def faults_of_shapes(view: View) -> list[str]:
    """Matrices, bias, state and output fit."""
    batches, inputs = view.input(0).shape
    filters, memory = view.input(2).shape
    rank, bias = view.option("rank", 0), view.input(3)
    if rank < 1 or filters % rank:
        return [f"rank {rank} divides no {filters} filters"]
    faults = [*checks.shape(view.input(1), "features", (filters, inputs))]
    faults += checks.shape(view.output(), "the output", (batches, filters // rank))
    if view.input(4).elements != batches * filters * memory:
        faults.append(f"the state has {view.input(4).elements} elements, expected {batches * filters * memory}")
    if bias.elements != filters // rank:
        faults.append(f"bias has {bias.elements} elements for {filters // rank} units")
    return faults


def _faults_of_scales(view: View) -> list[str]:
    faults = [f"{what} have a zero point other than 0" for i, what in ((1, "features"), (2, "time weights"))
              if zero_point(view.input(i))]  # fmt: skip
    if view.input(4).dtype == "int16" and zero_point(view.input(4)):
        faults.append("the int16 state has a zero point other than 0")
    return [*faults, *(["a scale is too small for the others"] if max(reals(view)) >= MAX_FACTOR else [])]


OP = Svdf()
