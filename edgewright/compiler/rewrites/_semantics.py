"""What lowered nodes compute, in exact integers: read from the arguments of their kernel calls.

The numbers are those that the kernels are given, so nothing here can differ from them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright import ops
from edgewright.kernels.call import Call, Const, Scalar
from edgewright.kernels.quant import INT8_MAX, INT8_MIN, INT32_MAX, INT32_MIN, activation_range, clamp, requantize
from edgewright.tflite.graph import Graph, View

FUSED = "fused_activation_function"


def only_call(view: View) -> Call | None:
    """The portable call of a node of int8 data that is lowered to just one."""
    if not view.outputs or {view.output().dtype, view.input(0).dtype} != {"int8"}:
        return None
    op = ops.find_for(view)
    if op is None or op.alias(view) is not None:
        return None
    calls = op.lower_ref(view)
    return calls[0] if len(calls) == 1 else None


def arrays(call: Call) -> dict[str, NDArray[Any]]:
    """Constant arrays among the arguments, by name."""
    return {a.name: a.data for a in call.arguments if isinstance(a, Const) and a.data is not None}


def numbers(call: Call) -> dict[str, int]:
    """Numbers among the arguments, by name."""
    return {a.name: int(a.value) for a in call.arguments if isinstance(a, Scalar)}


def lookup_table(view: View) -> NDArray[np.int64] | None:
    """int64 (256,): the output for inputs -128..127, when the node is a function of single int8 elements."""
    if view.output().dtype != "int8" or view.input(0).dtype != "int8":
        return None
    call = only_call(view)
    if call is None or not call.kernel.startswith("lookup_s8"):
        return None
    return arrays(call)["table"].astype(np.int64)


def output_range(graph: Graph, tensor: int) -> tuple[int, int]:
    """(low, high) that an int8 tensor keeps to because of its producer's fused activation."""
    producer = graph.producer(tensor)
    if producer is None or graph.tensors[tensor].dtype != "int8" or FUSED not in producer.options:
        return INT8_MIN, INT8_MAX
    return activation_range(producer.options[FUSED], graph.tensors[tensor])


def add(call: Call, x: int, y: int) -> int:
    """Output of ADD for int8 inputs x and y."""
    n = numbers(call)
    first = requantize((x - n["a_zp"]) << 20, n["a_multiplier"], -n["a_shift"])
    second = requantize((y - n["b_zp"]) << 20, n["b_multiplier"], -n["b_shift"])
    total = requantize(first + second, n["multiplier"], -n["shift"])
    return clamp(total + n["out_zp"], n["act_min"], n["act_max"])


def mul(call: Call, x: int, y: int) -> int:
    """Output of MUL for int8 inputs x and y."""
    n = numbers(call)
    product = requantize((x - n["a_zp"]) * (y - n["b_zp"]), n["multiplier"], -n["shift"])
    return clamp(product + n["out_zp"], n["act_min"], n["act_max"])


def mean(call: Call, total: int) -> int | None:
    """Output of MEAN for a sum of int8 inputs; None when a step would wrap around."""
    n = numbers(call)
    accumulator = total + n["offset"]
    if not INT32_MIN <= accumulator << max(-n["shift"], 0) <= INT32_MAX:
        return None
    return clamp(requantize(accumulator, n["multiplier"], -n["shift"]) + n["out_zp"])


def finish(call: Call, channel: int, accumulator: int) -> int | None:
    """Output of a channel of a convolution or FULLY_CONNECTED; None when a step would wrap around."""
    of, n = arrays(call), numbers(call)
    place = channel if of["multiplier"].size > 1 else 0
    exponent = -int(of["shift"][place])
    if not INT32_MIN <= accumulator << max(exponent, 0) <= INT32_MAX or not INT32_MIN <= accumulator <= INT32_MAX:
        return None
    scaled = requantize(accumulator, int(of["multiplier"][place]), exponent)
    return clamp(scaled + n["out_zp"], n["act_min"], n["act_max"])
