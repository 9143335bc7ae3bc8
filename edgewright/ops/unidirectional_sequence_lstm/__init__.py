"""UNIDIRECTIONAL_SEQUENCE_LSTM: int8 or int16 activations, int8 weights, an int16 cell.

Batch-major and time-major, with clipping of the cell; as in TensorFlow Lite Micro no coupled gates, peepholes,
projection and layer norm.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from tflite.ActivationFunctionType import ActivationFunctionType as Activation

from edgewright.kernels.call import Argument, Call, Const, Input, Output, Scalar, Variable
from edgewright.kernels.constant import constant_data
from edgewright.kernels.quant import MAX_FACTOR, quantize_multiplier, scale, wrap32, zero_point
from edgewright.kernels.wide import MAX_BIAS, MAX_FACTOR_WIDE, log2_of, sigmoid_table, wide_factor
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.element import NUMBERS, limits
from edgewright.tflite.graph import Tensor, View

GATES = range(4)
"""Input, forget, cell and output gate: the order of their tensors among the inputs."""

INPUT_WEIGHTS, RECURRENT_WEIGHTS, BIASES = range(1, 5), range(5, 9), range(12, 16)
HIDDEN, CELL = 18, 19
_LEFT_OUT = {9: "peepholes", 10: "peepholes", 11: "peepholes", 16: "a projection", 17: "a projection",
             20: "layer norm", 21: "layer norm", 22: "layer norm", 23: "layer norm"}  # fmt: skip
_GATE_SCALE = 2.0**-12
_Q15 = 2.0**-15


class UnidirectionalSequenceLstm(Op):
    """input [n, steps, inputs] or [steps, n, inputs], output the same with units in the place of inputs."""

    name = "UNIDIRECTIONAL_SEQUENCE_LSTM"
    versions = range(1, 5)
    inputs = range(1, 25)
    dtypes: ClassVar[tuple[str, ...]] = ("int8", "int16")
    files = ("unidirectional_sequence_lstm_ref",)

    def check(self, view: View) -> Iterator[str]:
        yield from _faults_of_tensors(view) or faults_of_shapes(view) or _faults_of_scales(view)

    def macs(self, view: View) -> int:
        rows = view.input(0).elements // view.input(0).shape[2]
        return rows * sum(view.input(i).elements for i in (*INPUT_WEIGHTS, *RECURRENT_WEIGHTS))

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        cell = scale(view.input(CELL))
        products = (_Q15 * cell / cell, _Q15 * _Q15 / cell, _Q15 * _Q15 / scale(view.input(HIDDEN)))
        names = ("forget", "update", "hidden")
        factors = [quantize_multiplier(real) for real in products]
        shift = (log2_of(cell) or 0) + 12
        arguments: tuple[Argument, ...] = (
            Input("input", ctype="void"),
            Output("output", ctype="void"),
            Variable("hidden", HIDDEN, "void"),
            Variable("cell", CELL, "int16_t"),
            *_weights(view),
            *_factors(view),
            sigmoid_table(),
            *(s for n, (m, e) in zip(names, factors, strict=True)
              for s in (Scalar(f"{n}_multiplier", m), Scalar(f"{n}_shift", -e))),
            Scalar("tanh_multiplier", 3 << max(shift, 0)),
            Scalar("tanh_shift", max(-shift, 0)),
            Scalar("hidden_zp", zero_point(view.input(HIDDEN))),
            Scalar("clip", _clip(view)),
        )  # fmt: skip
        kernel = "unidirectional_sequence_lstm"
        work = {"product": self.macs(view), "cell": view.output().elements}
        return (Call(f"{kernel}_ref", f"ew_{kernel}_shape", _fields(view), arguments, work=work),)


def sizes(view: View) -> tuple[tuple[str, int], ...]:
    """The first fields of a shape."""
    first, second, inputs = view.input(0).shape
    time_major = bool(view.option("time_major", False))
    return (
        ("batches", second if time_major else first),
        ("steps", first if time_major else second),
        ("inputs", inputs),
        ("units", view.output().shape[2]),
        ("time_major", int(time_major)),
    )


def _fields(view: View) -> tuple[tuple[str, int], ...]:
    low, high = limits(view.input(0).dtype)
    return (
        *sizes(view),
        ("type", NUMBERS[view.input(0).dtype]),
        *(("low", low), ("high", high)),
        ("cell_is_tanh", int(activation(view) == Activation.TANH)),
    )


def _weights(view: View) -> tuple[Const, ...]:
    """Weights and folded biases of the four gates."""
    inputs, recurrents = (stacked(view, places) for places in (INPUT_WEIGHTS, RECURRENT_WEIGHTS))
    biases = np.concatenate([constant_data(view.input(i)).reshape(-1) for i in BIASES])
    if view.input(0).dtype == "int8":
        biases = _folded(biases, inputs, view.input(0))
    none = np.zeros(len(recurrents), np.int64)
    return (
        Const("input_weights", inputs.reshape(-1), "weights of the input, by gate"),
        Const("recurrent_weights", recurrents.reshape(-1), "weights of the hidden state, by gate"),
        Const("bias", biases, "biases by gate", "void"),
        Const("recurrent_bias", _folded(none, recurrents, view.input(HIDDEN)), "-zero point * sum", "int32_t"),
    )


def stacked(view: View, places: Sequence[int]) -> NDArray[np.int8]:
    """Weights of gates (gates * units, columns)."""
    return np.concatenate([constant_data(view.input(i)).astype(np.int8) for i in places])


def _folded(bias: NDArray[np.generic], weights: NDArray[np.int8], source: Tensor) -> NDArray[np.int32]:
    total = bias.astype(np.int64) - zero_point(source) * weights.astype(np.int64).sum(axis=1)
    return np.array([wrap32(int(value)) for value in total], np.int32)


def _reals(view: View) -> list[float]:
    """Factors of the sums over the input, then over the hidden state; scales are multiplied in float32."""
    sources = ((view.input(0), INPUT_WEIGHTS), (view.input(HIDDEN), RECURRENT_WEIGHTS))
    return [
        float(np.float32(scale(source)) * np.float32(scale(view.input(i)))) / _GATE_SCALE
        for source, places in sources
        for i in places
    ]


def _factors(view: View) -> tuple[Const, ...]:
    if view.input(0).dtype == "int16":
        pairs = [wide_factor(real) for real in _reals(view)]
    else:
        pairs = [(m, -e) for m, e in map(quantize_multiplier, _reals(view))]
    return (
        Const("multiplier", np.array([m for m, _ in pairs], np.int32), "factors of the sums", "int32_t"),
        Const("shift", np.array([s for _, s in pairs], np.int8), "right shifts"),
    )


def _clip(view: View) -> int:
    clip = float(np.float32(view.option("cell_clip", 0.0)))
    return int(min(clip / scale(view.input(CELL)), 32767.0))


def activation(view: View) -> int:
    """Of the cell gate."""
    return int(view.option("fused_activation_function", 0))


def faults_of_presence(view: View) -> list[str]:
    """What is there that is not supported, and what is not there that is needed."""
    faults = [f"{what} are not supported" for what in dict.fromkeys(_LEFT_OUT[i] for i in _LEFT_OUT
              if view.optional_input(i) is not None)]  # fmt: skip
    needed = {i: view.optional_input(i) for i in (0, *INPUT_WEIGHTS, *RECURRENT_WEIGHTS, *BIASES, HIDDEN, CELL)}
    missing = [str(i) for i, tensor in needed.items() if tensor is None]
    if missing:
        faults.append(f"inputs {', '.join(missing)} are left out: all four gates with biases are needed")
    elif activation(view) not in (Activation.TANH, _SIGMOID):
        faults.append(f"the cell gate's activation {activation(view)} is not supported")
    return faults


def _faults_of_tensors(view: View) -> list[str]:
    faults = faults_of_presence(view)
    if faults:
        return faults
    kind = view.input(0).dtype
    faults += [*checks.not_empty(view), *checks.dtype(view.input(0), "input", "int8", "int16")]
    for tensor, what in ((view.output(), "output"), (view.input(HIDDEN), "hidden state")):
        faults += checks.dtype(tensor, what, kind)
    faults += checks.dtype(view.input(CELL), "cell", "int16")
    for i in (*INPUT_WEIGHTS, *RECURRENT_WEIGHTS, *BIASES):
        allowed = "int8" if i not in BIASES else "int32" if kind == "int8" else "int64"
        faults += [*checks.dtype(view.input(i), f"input {i}", allowed), *checks.constant(view.input(i), f"input {i}")]
    for i in (0, *INPUT_WEIGHTS, *RECURRENT_WEIGHTS, HIDDEN, CELL):
        faults += checks.one_scale(view.input(i), f"input {i}")
    faults += faults_of_states(view)
    return faults


def faults_of_states(view: View) -> Iterator[str]:
    """Hidden state and cell are kept from one call to the next."""
    yield from (f"input {i} is no variable" for i in (HIDDEN, CELL) if not view.input(i).is_variable)


_SIGMOID = 6
"""TensorFlow Lite's number of the activation; the schema has none for it."""


def faults_of_shapes(view: View) -> list[str]:
    """Input, output, weights and states fit."""
    faults = [*checks.rank(view.input(0), "input", 3), *checks.rank(view.output(), "output", 3)]
    if faults:
        return faults
    first, second, inputs = view.input(0).shape
    units = view.output().shape[2]
    batches = second if view.option("time_major", False) else first
    faults += checks.shape(view.output(), "the output", (first, second, units))
    for i in (*INPUT_WEIGHTS, *RECURRENT_WEIGHTS):
        columns = inputs if i in INPUT_WEIGHTS else units
        faults += checks.shape(view.input(i), f"input {i}", (units, columns))
    for i, count in (*((i, units) for i in BIASES), (HIDDEN, batches * units), (CELL, batches * units)):
        if view.input(i).elements != count:
            faults.append(f"input {i} has {view.input(i).elements} elements, expected {count}")
    return faults


def _faults_of_scales(view: View) -> list[str]:
    places = (*INPUT_WEIGHTS, *RECURRENT_WEIGHTS, CELL)
    places = (0, HIDDEN, *places) if view.input(0).dtype == "int16" else places
    faults = [f"input {i} has a zero point other than 0" for i in places if zero_point(view.input(i))]
    limit = MAX_FACTOR_WIDE if view.input(0).dtype == "int16" else MAX_FACTOR
    if max(_reals(view)) >= limit:
        faults.append("a scale is too large for the gates")
    power = log2_of(scale(view.input(CELL)))
    if power is None or not -30 <= power <= 0:
        faults.append(f"the cell's scale {scale(view.input(CELL)):g} is no power of two from 2^-30 to 1")
    if _Q15 * _Q15 / scale(view.input(HIDDEN)) >= MAX_FACTOR:
        faults.append("the hidden state's scale is too small")
    biases = [constant_data(view.input(i)).astype(np.int64) for i in BIASES]
    if any(np.any((bias <= -MAX_BIAS) | (bias >= MAX_BIAS)) for bias in biases):
        faults.append("a bias is 2^46 or more")
    if not 0 <= view.option("cell_clip", 0.0) < np.inf:
        faults.append(f"cell_clip is {view.option('cell_clip')}")
    return faults


OP = UnidirectionalSequenceLstm()
