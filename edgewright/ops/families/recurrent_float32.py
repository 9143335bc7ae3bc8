"""float32 UNIDIRECTIONAL_SEQUENCE_LSTM and SVDF: sums in the order of TensorFlow Lite Micro's kernels."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from tflite.ActivationFunctionType import ActivationFunctionType as Activation

from edgewright.kernels.call import Argument, Call, Const, Input, Output, Scalar, Variable
from edgewright.kernels.constant import constant_data
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.float32 import clamp_of
from edgewright.ops.svdf import Svdf, faults_of_shapes
from edgewright.ops.unidirectional_sequence_lstm import (
    BIASES,
    CELL,
    HIDDEN,
    INPUT_WEIGHTS,
    RECURRENT_WEIGHTS,
    UnidirectionalSequenceLstm,
    activation,
    faults_of_presence,
    faults_of_states,
    sizes,
)
from edgewright.ops.unidirectional_sequence_lstm import faults_of_shapes as faults_of_lstm_shapes
from edgewright.tflite.graph import View

_IN, _OUT = Input("input", ctype="float"), Output("output", ctype="float")


def _all_float(view: View, places: Sequence[int], constants: Sequence[int]) -> Iterator[str]:
    yield from checks.not_empty(view)
    for i in (*places, *constants):
        yield from checks.dtype(view.input(i), f"input {i}", "float32")
    for i in constants:
        yield from checks.constant(view.input(i), f"input {i}")
    yield from checks.dtype(view.output(), "output", "float32")


class LstmFloat(UnidirectionalSequenceLstm):
    """Batch-major and time-major, with clipping of the cell; no coupled gates, peepholes, projection and layer norm."""

    dtypes = ("float32",)

    def check(self, view: View) -> Iterator[str]:
        faults = faults_of_presence(view) or self._faults_of_tensors(view)
        yield from faults or faults_of_lstm_shapes(view)

    def _faults_of_tensors(self, view: View) -> list[str]:
        constants = (*INPUT_WEIGHTS, *RECURRENT_WEIGHTS, *BIASES)
        faults = [*_all_float(view, (0, HIDDEN, CELL), constants), *faults_of_states(view)]
        if not 0 <= view.option("cell_clip", 0.0) < math.inf:
            faults.append(f"cell_clip is {view.option('cell_clip')}")
        return faults

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        stem = "unidirectional_sequence_lstm_f32"
        arguments: tuple[Argument, ...] = (
            *(_IN, _OUT, Variable("hidden", HIDDEN, "float"), Variable("cell", CELL, "float")),
            _stacked(view, "input_weights", INPUT_WEIGHTS, "weights of the input, by gate"),
            _stacked(view, "recurrent_weights", RECURRENT_WEIGHTS, "weights of the hidden state, by gate"),
            _stacked(view, "bias", BIASES, "biases by gate"),
            Scalar("clip", float(view.option("cell_clip", 0.0)), "float"),
        )
        shape = (*sizes(view), ("cell_is_tanh", int(activation(view) == Activation.TANH)))
        return (Call(f"{stem}_ref", f"ew_{stem}_shape", shape, arguments),)

    def kernel_stem(self, view: View) -> str:
        return "unidirectional_sequence_lstm_f32"


def _stacked(view: View, name: str, places: Sequence[int], note: str) -> Const:
    parts = [constant_data(view.input(i)).reshape(-1) for i in places]
    return Const(name, np.concatenate(parts), note, "float")


class SvdfFloat(Svdf):
    """Any rank."""

    dtypes = ("float32",)

    def check(self, view: View) -> Iterator[str]:
        faults = [*_all_float(view, (0, 4), (1, 2, 3)), *checks.activation(view)]
        for tensor, what in ((view.input(i), f"input {i}") for i in (0, 1, 2)):
            faults += checks.rank(tensor, what, 2)
        faults += [] if view.input(4).is_variable else ["the state is no variable"]
        yield from [*faults, *checks.rank(view.output(), "output", 2)] or faults_of_shapes(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        batches, inputs = view.input(0).shape
        fields = {"batches": batches, "inputs": inputs, "units": view.output().shape[1], "rank": view.option("rank")}
        fields |= {"memory": view.input(2).shape[1]}
        arguments: tuple[Argument, ...] = (
            *(_IN, _OUT, Variable("state", 4, "float")),
            Const("features", constant_data(view.input(1)).reshape(-1), "weights of the input", "float"),
            Const("times", constant_data(view.input(2)).reshape(-1), "weights of what is remembered", "float"),
            Const("bias", constant_data(view.input(3)).reshape(-1), "biases", "float"),
            *clamp_of(view),
        )
        return (Call("svdf_f32_ref", "ew_svdf_f32_shape", tuple(fields.items()), arguments),)

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        return {index: 4 * distance for index, distance in super().overlap(view, variant).items()}

    def kernel_stem(self, view: View) -> str:
        return "svdf_f32"


OPS: tuple[Op, ...] = (LstmFloat(), SvdfFloat())
