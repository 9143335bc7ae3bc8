"""FULLY_CONNECTED, int8: weights quantized per tensor or per channel; constant weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from edgewright.ops import _check, _conv, _dsp, _dsp_fc, _mve_fully_connected, _shapes, _weights, _weights_fc
from edgewright.ops._base import Argument, Call, Const, Core, Input, Op, Output, write_distance
from edgewright.ops._quant import quantization
from edgewright.ops._window import NEVER
from edgewright.tflite.graph import View

ROUNDS_ONCE = "rounds_once"
"""Option that the compiler may add to a node: round as LiteRT does, and not as TensorFlow Lite Micro."""

_GENERIC, _SHORT, _ONCE = range(3)  # the shape's `requant`


class FullyConnected(Op):
    """input [..., depth] taken as rows of depth, weights [out_c, depth], bias [out_c] or none."""

    name = "FULLY_CONNECTED"
    versions = range(1, 14)
    inputs = range(2, 4)
    storages = _weights.STORAGES

    def check(self, view: View) -> Iterator[str]:
        faults = [*_check.not_empty(view), *_check.int8(view.input(0), "input"), *_check.int8(view.output(), "output")]
        faults += _check.rank(view.input(1), "weights", 2)
        if faults:
            yield from faults
            return
        yield from _conv.check_weights(view, view.input(1).shape[0], axis=0)
        yield from _shapes.fully_connected(view)

    def macs(self, view: View) -> int:
        return view.output().elements * view.input(1).shape[1]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        out_c, depth = view.input(1).shape
        channels = _channels(view)
        per_channel = quantization(view.input(1)).per_channel
        shape = (
            ("rows", view.output().elements // out_c),
            ("depth", depth),
            ("out_c", out_c),
            ("per_channel", int(per_channel)),
            ("requant", _ONCE if view.option(ROUNDS_ONCE) else _SHORT if channels.short_requant else _GENERIC),
        )
        constants = _conv.constants(channels, channels.weights)
        if not per_channel:
            constants = (*constants[:2], *(_first(c) for c in constants[2:]))
        arguments: tuple[Argument, ...] = (Input("input"), Output("output"), *constants, *_conv.output_scalars(view))
        return (Call("fully_connected_s8_ref", "ew_fully_connected_s8_shape", shape, arguments),)

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        """A row of the input is read until the row's last four outputs are written; `dsp` reads whole rows first."""
        if variant in self.storages:
            return _weights_fc.overlap(view)
        out_c, depth = view.input(1).shape
        if variant == "dsp":
            return {0: _dsp_fc.distance(out_c, depth, view.output().elements // out_c)}
        rows = np.arange(view.output().elements // out_c)
        inside = rows * out_c + (out_c - 1) // 4 * 4 - rows * depth if out_c > 4 else np.array([-NEVER])
        between = (rows[1:] * out_c) - rows[1:] * depth
        return {
            0: int(max(np.max(inside), write_distance(between, np.zeros_like(between)) if between.size else -NEVER))
        }

    def lower_dsp(self, view: View) -> tuple[Call, ...]:
        return (_dsp_fc.lower(_channels(view), view, view.output().elements // view.input(1).shape[0]),)

    def lower_mve(self, view: View) -> tuple[Call, ...]:
        return (_mve_fully_connected.lower(view, _channels(view)),)

    def lower_sparse(self, view: View) -> tuple[Call, ...]:
        return (_weights_fc.lower(view, "sparse", *self.lower_ref(view)),)

    def lower_lut(self, view: View) -> tuple[Call, ...]:
        return (_weights_fc.lower(view, "lut", *self.lower_ref(view)),)

    def lower_coded(self, view: View) -> tuple[Call, ...]:
        return (_weights_fc.lower(view, "coded", *self.lower_ref(view)),)

    def cycles(self, view: View, variant: str) -> float | None:
        """Of `dsp`, what its stream holds at 1.4 a product; of `ref` 4.7 (both counted on an emulated Cortex-M4)."""
        if variant == "ref":
            return 4.7 * self.macs(view)
        if variant in self.storages:
            return _weights_fc.cycles(view, variant)
        return _dsp_fc.cycles(self.lower_dsp(view)[0]) if variant == "dsp" else None

    def refuses(self, view: View, variant: str, core: Core) -> str | None:
        if variant in self.storages:
            return _weights.refuses(lambda: self.lower(view, variant))
        if view.option(ROUNDS_ONCE) and variant != "ref":
            return "rounds twice"
        return _dsp.refuses(_channels(view), view) if variant == "dsp" else None


def _channels(view: View) -> _conv.Channels:
    """Weights as (channels, depth) with folded biases and factors."""
    weights = _conv.constant_data(view.input(1)).astype(np.int8)
    return _conv.channels(view, weights, _conv.channel_scales(view, len(weights)))


def _first(of: Const) -> Const:
    """The same argument with the first element alone."""
    return Const(of.name, None if of.data is None else of.data[:1], of.note, of.ctype)


OP = FullyConnected()
