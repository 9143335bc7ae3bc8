"""UNIDIRECTIONAL_SEQUENCE_LSTM, float32 with int8 weights."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from tflite.ActivationFunctionType import ActivationFunctionType as Activation

from edgewright.kernels.call import Argument, Call, Const, Scalar, Scratch, Variable
from edgewright.kernels.constant import constant_data
from edgewright.kernels.quant import scale
from edgewright.ops.base import Op
from edgewright.ops.families.float32 import IN, OUT
from edgewright.ops.families.hybrid import asymmetric, check_recurrent
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
from edgewright.ops.unidirectional_sequence_lstm.float32 import LstmFloat
from edgewright.tflite.graph import View


class LstmHybrid(LstmFloat):
    """Batch-major and time-major, with clipping of the cell; no coupled gates, peepholes, projection and layer norm."""

    dtypes = ("hybrid",)
    oracle = "LiteRT"
    files = ("unidirectional_sequence_lstm_hybrid_ref",)

    def check(self, view: View) -> Iterator[str]:
        yield from faults_of_presence(view) or self._faults_of_types(view) or faults_of_shapes(view)

    def _faults_of_types(self, view: View) -> list[str]:
        weights = (*INPUT_WEIGHTS, *RECURRENT_WEIGHTS)
        faults = [*check_recurrent(view, (0, HIDDEN, CELL), weights, BIASES), *faults_of_states(view)]
        if not 0 <= view.option("cell_clip", 0.0) < math.inf:
            faults.append(f"cell_clip is {view.option('cell_clip')}")
        if activation(view) != Activation.TANH:
            faults.append("the cell gate's activation is not tanh")
        return faults

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        stem, fields = self.files[0].removesuffix("_ref"), dict(sizes(view))
        scales = [scale(view.input(i)) for i in (*INPUT_WEIGHTS, *RECURRENT_WEIGHTS)]
        arguments: tuple[Argument, ...] = (
            *(IN, OUT),
            *(Variable("hidden", HIDDEN, "float"), Variable("cell", CELL, "float")),
            _stacked(view, "input_weights", INPUT_WEIGHTS, "weights of the input, by gate"),
            _stacked(view, "recurrent_weights", RECURRENT_WEIGHTS, "weights of the hidden state, by gate"),
            _stacked(view, "bias", BIASES, "biases by gate", "float"),
            Const("scales", np.array(scales, np.float32), "scales of both weights, by gate", "float"),
            Scalar("clip", float(view.option("cell_clip", 0.0)), "float"),
            Scratch("values", fields["inputs"] + fields["units"]),
        )
        shape = (*fields.items(), ("asymmetric", asymmetric(view)))
        return (Call(f"{stem}_ref", f"ew_{stem}_shape", shape, arguments),)


def _stacked(view: View, name: str, places: Sequence[int], note: str, ctype: str = "int8_t") -> Const:
    return Const(name, np.concatenate([constant_data(view.input(i)).reshape(-1) for i in places]), note, ctype)


TYPED: tuple[Op, ...] = (LstmHybrid(),)
