"""int8 UNIDIRECTIONAL_SEQUENCE_LSTM for DSP cores: the gates of a unit side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgewright.kernels import dsp_quads
from edgewright.kernels.call import Argument, Call, Const, Input, Output, Scalar, Scratch, Variable
from edgewright.kernels.record import Kernel
from edgewright.ops.unidirectional_sequence_lstm import INPUT_WEIGHTS, OP, RECURRENT_WEIGHTS, sizes, stacked
from edgewright.tflite.graph import View

_MOST = 30
"""The largest shift."""
_PRODUCTS = ("forget_shift", "update_shift", "hidden_shift")


def lower(view: View) -> tuple[Call, ...]:
    """The call of `ew_unidirectional_sequence_lstm_s8_dsp`: the portable kernel's with weights in another order."""
    (ref,), of = OP.lower_ref(view), dict(sizes(view))
    by_name = {argument.name: argument for argument in ref.arguments}
    for name, places in (("input_weights", INPUT_WEIGHTS), ("recurrent_weights", RECURRENT_WEIGHTS)):
        gates = stacked(view, places).reshape(dsp_quads.ROWS, of["units"], -1)
        by_unit = gates.transpose(1, 0, 2).reshape(-1, gates.shape[2])
        by_name[name] = dsp_quads.blocks(name, by_unit, "weights by unit and gate")
    scratch = Scratch("scratch", dsp_quads.widened_bytes(of["inputs"]) + dsp_quads.widened_bytes(of["units"]))
    shape = (*((f"of.{name}", value) for name, value in ref.shape), ("short_requant", int(_is_short(view, ref))))
    kernel = "unidirectional_sequence_lstm_s8_dsp"
    return (Call(kernel, f"ew_{kernel}_shape", shape, (*map(_of_int8, by_name.values()), scratch), work=ref.work),)


def _of_int8(argument: Argument) -> Argument:
    """With the types that the portable kernel leaves open."""
    if isinstance(argument, Input | Output | Variable) and argument.ctype == "void":
        return replace(argument, ctype="int8_t")
    return replace(argument, ctype="int32_t") if isinstance(argument, Const) and argument.name == "bias" else argument


def _is_short(view: View, ref: Call) -> bool:
    """Whether short requantisations are exact for all sums, and for the products of gates and cells."""
    data = {a.name: np.asarray(a.data).astype(np.int64) for a in ref.arguments if isinstance(a, Const)}
    pairs = ((INPUT_WEIGHTS, "bias"), (RECURRENT_WEIGHTS, "recurrent_bias"))
    bounds = [np.abs(data[name]) + 128 * np.abs(stacked(view, at).astype(np.int64)).sum(axis=1) for at, name in pairs]
    largest = np.concatenate(bounds).reshape(len(data["shift"]), -1).max(axis=1)
    products = [a.value for a in ref.arguments if isinstance(a, Scalar) and a.name in _PRODUCTS]
    fit = np.all(largest << np.clip(-data["shift"], 0, 30) < 1 << 30) and np.all(data["shift"] <= _MOST)
    return bool(fit and np.all((np.array(products) >= 1) & (np.array(products) <= _MOST)))


def _unsupported(view: View) -> str | None:
    return None if view.input(0).dtype == "int8" else "data of int16"


KERNELS = (
    Kernel(
        "UNIDIRECTIONAL_SEQUENCE_LSTM",
        ("unidirectional_sequence_lstm_s8_dsp",),
        lower,
        "dsp",
        unsupported=_unsupported,
    ),
)
