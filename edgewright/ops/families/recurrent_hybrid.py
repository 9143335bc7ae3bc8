"""Hybrid UNIDIRECTIONAL_SEQUENCE_LSTM and SVDF: float32 data and states, int8 weights.

TensorFlow Lite Micro refuses them; the numbers are those of LiteRT's reference kernels. Their logistic and tanh are
Eigen's, ours those of the target's libm: last bits differ.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from tflite.ActivationFunctionType import ActivationFunctionType as Activation

from edgewright.kernels.call import Argument, Call, Const, Input, Output, Scalar, Scratch, Variable
from edgewright.kernels.constant import constant_data
from edgewright.kernels.overlap import NEVER
from edgewright.kernels.quant import scale, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.float32 import clamp_of
from edgewright.ops.families.hybrid import quantized
from edgewright.ops.families.recurrent_float32 import LstmFloat, SvdfFloat
from edgewright.ops.svdf import faults_of_shapes as faults_of_svdf_shapes
from edgewright.ops.unidirectional_sequence_lstm import (
    BIASES,
    CELL,
    HIDDEN,
    INPUT_WEIGHTS,
    RECURRENT_WEIGHTS,
    activation,
    faults_of_presence,
    faults_of_shapes,
    faults_of_states,
    sizes,
)
from edgewright.tflite.graph import View

_OUT = Output("output", ctype="float")


def _check_types(view: View, floats: Sequence[int], weights: Sequence[int], constants: Sequence[int]) -> Iterator[str]:
    """Data and `constants` are float32, weights constant int8 with one scale and a zero point of 0."""
    yield from checks.not_empty(view)
    for i in (*floats, *constants):
        yield from checks.dtype(view.input(i), f"input {i}", "float32")
    yield from checks.dtype(view.output(), "output", "float32")
    for i in (*weights, *constants):
        yield from checks.constant(view.input(i), f"input {i}")
    for i in weights:
        faults = [*checks.int8(view.input(i), f"input {i}")]
        yield from faults or ([f"input {i} has a zero point other than 0"] if zero_point(view.input(i)) else [])


class LstmHybrid(LstmFloat):
    """Batch-major and time-major, with clipping of the cell; no coupled gates, peepholes, projection and layer norm."""

    dtypes = ("hybrid",)
    oracle = "LiteRT"

    def check(self, view: View) -> Iterator[str]:
        yield from faults_of_presence(view) or self._faults_of_types(view) or faults_of_shapes(view)

    def _faults_of_types(self, view: View) -> list[str]:
        weights = (*INPUT_WEIGHTS, *RECURRENT_WEIGHTS)
        faults = [*_check_types(view, (0, HIDDEN, CELL), weights, BIASES), *faults_of_states(view)]
        if not 0 <= view.option("cell_clip", 0.0) < math.inf:
            faults.append(f"cell_clip is {view.option('cell_clip')}")
        if activation(view) != Activation.TANH:
            faults.append("the cell gate's activation is not tanh")
        return faults

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        stem, fields = self.kernel_stem(view), dict(sizes(view))
        scales = [scale(view.input(i)) for i in (*INPUT_WEIGHTS, *RECURRENT_WEIGHTS)]
        arguments: tuple[Argument, ...] = (
            *(Input("input", ctype="float"), _OUT),
            *(Variable("hidden", HIDDEN, "float"), Variable("cell", CELL, "float")),
            _stacked(view, "input_weights", INPUT_WEIGHTS, "weights of the input, by gate"),
            _stacked(view, "recurrent_weights", RECURRENT_WEIGHTS, "weights of the hidden state, by gate"),
            _stacked(view, "bias", BIASES, "biases by gate", "float"),
            Const("scales", np.array(scales, np.float32), "scales of both weights, by gate", "float"),
            Scalar("clip", float(view.option("cell_clip", 0.0)), "float"),
            Scratch("values", fields["inputs"] + fields["units"]),
        )
        shape = (*fields.items(), ("asymmetric", _asymmetric(view)))
        return (Call(f"{stem}_ref", f"ew_{stem}_shape", shape, arguments),)

    def kernel_stem(self, view: View) -> str:
        return "unidirectional_sequence_lstm_hybrid"


def _stacked(view: View, name: str, places: Sequence[int], note: str, ctype: str = "int8_t") -> Const:
    return Const(name, np.concatenate([constant_data(view.input(i)).reshape(-1) for i in places]), note, ctype)


def _asymmetric(view: View) -> int:
    return int(bool(view.option("asymmetric_quantize_inputs", False)))


class SvdfHybrid(SvdfFloat):
    """Any rank."""

    dtypes = ("hybrid",)
    oracle = "LiteRT"

    def check(self, view: View) -> Iterator[str]:
        faults = [*_check_types(view, (0, 4), (1, 2), (3,)), *checks.activation(view)]
        for tensor, what in ((view.input(i), f"input {i}") for i in (0, 1, 2)):
            faults += checks.rank(tensor, what, 2)
        faults += [] if view.input(4).is_variable else ["the state is no variable"]
        yield from [*faults, *checks.rank(view.output(), "output", 2)] or faults_of_svdf_shapes(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        batches, inputs = view.input(0).shape
        first, values, factors = quantized(batches, inputs, bool(_asymmetric(view)))
        fields = {"batches": batches, "inputs": inputs, "units": view.output().shape[1], "rank": view.option("rank")}
        fields |= {"memory": view.input(2).shape[1]}
        arguments: tuple[Argument, ...] = (
            *(values, factors, _OUT, Variable("state", 4, "float")),
            Const("features", constant_data(view.input(1)).reshape(-1), "weights of the input"),
            Const("times", constant_data(view.input(2)).reshape(-1), "weights of what is remembered"),
            Const("bias", constant_data(view.input(3)).reshape(-1), "biases", "float"),
            *(Scalar(f"{name}_scale", scale(view.input(i)), "float") for i, name in ((1, "feature"), (2, "time"))),
            *clamp_of(view),
        )
        return first, Call("svdf_hybrid_ref", "ew_svdf_hybrid_shape", tuple(fields.items()), arguments)

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        """The input is read whole before the output is written."""
        return {0: -NEVER}

    def kernel_stem(self, view: View) -> str:
        return "svdf_hybrid"


OPS: tuple[Op, ...] = (LstmHybrid(), SvdfHybrid())
