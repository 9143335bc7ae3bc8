"""FULLY_CONNECTED, int8: weights quantized per tensor or per channel; constant weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from edgewright.kernels import weighted
from edgewright.kernels.call import Argument, Call, Input, Output
from edgewright.kernels.constant import constant_data
from edgewright.kernels.overlap import NEVER, write_distance
from edgewright.kernels.quant import quantization
from edgewright.ops.base import Op
from edgewright.ops.families import checks, shape_checks, weight_checks
from edgewright.tflite.graph import View

ROUNDS_ONCE = "rounds_once"
"""Option that the compiler may add to a node: round as LiteRT does, and not as TensorFlow Lite Micro."""

_GENERIC, _SHORT, _ONCE = range(3)  # the shape's `requant`


class FullyConnected(Op):
    """input [..., depth] taken as rows of depth, weights [out_c, depth], bias [out_c] or none."""

    name = "FULLY_CONNECTED"
    versions = range(1, 14)
    inputs = range(2, 4)

    def check(self, view: View) -> Iterator[str]:
        faults = [*checks.not_empty(view), *checks.int8(view.input(0), "input"), *checks.int8(view.output(), "output")]
        faults += checks.rank(view.input(1), "weights", 2)
        if faults:
            yield from faults
            return
        yield from weight_checks.check_weights(view, view.input(1).shape[0], axis=0)
        yield from shape_checks.fully_connected(view)

    def macs(self, view: View) -> int:
        return view.output().elements * view.input(1).shape[1]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        out_c, depth = view.input(1).shape
        of = channels(view)
        per_channel = quantization(view.input(1)).per_channel
        shape = (
            ("rows", view.output().elements // out_c),
            ("depth", depth),
            ("out_c", out_c),
            ("per_channel", int(per_channel)),
            ("requant", _ONCE if view.option(ROUNDS_ONCE) else _SHORT if of.short_requant else _GENERIC),
        )
        constants = weighted.constants(of, of.weights)
        if not per_channel:
            constants = (*constants[:2], *map(weighted.first, constants[2:]))
        arguments: tuple[Argument, ...] = (Input("input"), Output("output"), *constants, *weighted.output_scalars(view))
        work = {"mac": self.macs(view), "output": view.output().elements}
        return (Call("fully_connected_s8_ref", "ew_fully_connected_s8_shape", shape, arguments, work=work),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {0: rows_distance(view, 4)}


def rows_distance(view: View, block: int) -> int:
    """`write_distance` of a kernel that reads a row of the input until the row's last `block` outputs are written."""
    out_c, depth = view.input(1).shape
    rows = np.arange(view.output().elements // out_c)
    inside = rows * out_c + (out_c - 1) // block * block - rows * depth if out_c > block else np.array([-NEVER])
    between = (rows[1:] * out_c) - rows[1:] * depth
    return int(max(np.max(inside), write_distance(between, np.zeros_like(between)) if between.size else -NEVER))


def rounds_once(view: View) -> str | None:
    """Why kernels that round twice cannot do a node, None where they can."""
    return "rounds twice" if view.option(ROUNDS_ONCE) else None


def channels(view: View) -> weighted.Channels:
    """Weights as (channels, depth) with folded biases and factors."""
    weights = constant_data(view.input(1)).astype(np.int8)
    return weighted.channels(view, weights, weighted.channel_scales(view, len(weights)))


OP = FullyConnected()
