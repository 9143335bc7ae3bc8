"""UNIDIRECTIONAL_SEQUENCE_LSTM, float32."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from tflite.ActivationFunctionType import ActivationFunctionType as Activation

from edgewright.kernels.call import Argument, Call, Const, Scalar, Variable
from edgewright.kernels.constant import constant_data
from edgewright.ops.base import Op
from edgewright.ops.families.float32 import IN, OUT, check_floats
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


class LstmFloat(UnidirectionalSequenceLstm):
    """Batch-major and time-major, with clipping of the cell; no coupled gates, peepholes, projection and layer norm."""

    dtypes = ("float32",)
    files = ("unidirectional_sequence_lstm_f32_ref",)

    def check(self, view: View) -> Iterator[str]:
        faults = faults_of_presence(view) or self._faults_of_tensors(view)
        yield from faults or faults_of_lstm_shapes(view)

    def _faults_of_tensors(self, view: View) -> list[str]:
        constants = (*INPUT_WEIGHTS, *RECURRENT_WEIGHTS, *BIASES)
        faults = [*check_floats(view, (0, HIDDEN, CELL), constants), *faults_of_states(view)]
        if not 0 <= view.option("cell_clip", 0.0) < math.inf:
            faults.append(f"cell_clip is {view.option('cell_clip')}")
        return faults

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        stem = "unidirectional_sequence_lstm_f32"
        arguments: tuple[Argument, ...] = (
            *(IN, OUT, Variable("hidden", HIDDEN, "float"), Variable("cell", CELL, "float")),
            _stacked(view, "input_weights", INPUT_WEIGHTS, "weights of the input, by gate"),
            _stacked(view, "recurrent_weights", RECURRENT_WEIGHTS, "weights of the hidden state, by gate"),
            _stacked(view, "bias", BIASES, "biases by gate"),
            Scalar("clip", float(view.option("cell_clip", 0.0)), "float"),
        )
        shape = (*sizes(view), ("cell_is_tanh", int(activation(view) == Activation.TANH)))
        return (Call(f"{stem}_ref", f"ew_{stem}_shape", shape, arguments),)


def _stacked(view: View, name: str, places: Sequence[int], note: str) -> Const:
    parts = [constant_data(view.input(i)).reshape(-1) for i in places]
    return Const(name, np.concatenate(parts), note, "float")


TYPED: tuple[Op, ...] = (LstmFloat(),)
