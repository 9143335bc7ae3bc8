"""SOFTMAX, int8, by a table of which flash holds a byte an entry: the steps of softmax_s8_steps.h."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Call, Const, Input, Output, Scalar, Scratch
from edgewright.kernels.quant import doubling_high_mul
from edgewright.kernels.record import REF, Kernel
from edgewright.ops.softmax import OP, exp_table, input_real, shape, work
from edgewright.tflite.graph import View

_STEP_ZERO = 128


def unsupported(view: View) -> str | None:
    """Why the kernel cannot do the node, or None."""
    if view.output().dtype != "int8":
        return "to int16"
    table = exp_table(input_real(view))
    _, heads, steps = steps_of(table)
    return "steps are no less than the table" if 4 * heads + steps.nbytes >= table.nbytes else None


def lower(view: View) -> tuple[Call, ...]:
    """The call of `ew_softmax_s8_steps`."""
    table = exp_table(input_real(view))
    ratio, heads, steps = steps_of(table)
    fields = (*((f"of.{name}", value) for name, value in shape(view, table)), ("heads", heads))
    arguments = (
        Input("input"),
        Output("output"),
        Const("heads", table[:heads], "exp(-d * scale * beta), Q0.31, for the smallest d", "int32_t"),
        Const("steps", steps, "what the others are more than the one before times the ratio, and 128", "uint8_t"),
        Scalar("ratio", ratio),
        Scratch("scratch", table.nbytes),
    )
    done = {**work(view), "step": steps.size}
    return (Call("softmax_s8_steps", "ew_softmax_s8_steps_shape", fields, arguments, work=done),)


def steps_of(table: NDArray[np.int32]) -> tuple[int, int, NDArray[np.uint8]]:
    """(ratio in Q0.31, entries that stand as they are, steps of the others): see softmax_s8_steps.h."""
    ratio = int(table[1]) if table.size > 1 else 0
    made = [doubling_high_mul(int(before), ratio) for before in table[:-1]]
    steps = table[1:].astype(np.int64) - np.array(made, np.int64)
    far = np.flatnonzero(np.abs(steps) >= _STEP_ZERO)
    heads = 1 + (int(far[-1]) + 1 if far.size else 0)
    return ratio, heads, (steps[heads - 1 :] + _STEP_ZERO).astype(np.uint8)


KERNELS = (
    Kernel(
        "SOFTMAX",
        ("softmax_s8_steps",),
        lower,
        REF,
        "steps",
        unsupported=unsupported,
        overlap=OP.overlap_ref,
    ),
)
