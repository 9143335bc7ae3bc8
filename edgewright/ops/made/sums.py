"""SUM_POOL and FULLY_CONNECTED_SUMS: a FULLY_CONNECTED whose weights are constant over blocks of pixels.

No file holds these operators: the compiler puts them in the place of a FULLY_CONNECTED (rewrites/pool_blocks.py). The
first adds up the pixels of each block, int8 to int16; the second multiplies the sums by the weights, of which one is
left for each block and channel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels import dsp_layout, weight_formats, weighted
from edgewright.kernels.call import Call, Input, Output
from edgewright.kernels.constant import constant_data
from edgewright.kernels.core import Core
from edgewright.kernels.overlap import needed_later, write_distance
from edgewright.ops.base import Op
from edgewright.ops.fully_connected import ROUNDS_ONCE, FullyConnected
from edgewright.ops.fully_connected import dsp as dense_dsp
from edgewright.ops.fully_connected import stored as dense_stored
from edgewright.tflite.graph import View

BLOCK_H, BLOCK_W = "block_h", "block_w"
"""Options of SUM_POOL: rows and columns of a block. Blocks at the lower and right border may be smaller."""

MOST_PIXELS = 255
"""Pixels of a block, so that their sum fits in 16 bits."""


class SumPool(Op):
    """input int8 [n, h, w, c], output int16 [n, ceil(h / block_h), ceil(w / block_w), c]."""

    name = "SUM_POOL"

    def check(self, view: View) -> Iterator[str]:
        if view.option(BLOCK_H, 0) * view.option(BLOCK_W, 0) not in range(1, MOST_PIXELS + 1):
            yield f"a block has 1 to {MOST_PIXELS} pixels"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        batches, in_h, in_w, in_c = view.input(0).shape
        shape = (
            ("batches", batches),
            ("in_h", in_h),
            ("in_w", in_w),
            ("in_c", in_c),
            (BLOCK_H, view.option(BLOCK_H)),
            (BLOCK_W, view.option(BLOCK_W)),
        )
        arguments = (Input("input"), Output("output", ctype="int16_t"))
        return (Call("sum_pool_s8_ref", "ew_sum_pool_s8_shape", shape, arguments),)

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        """A sum is written when its block is read; later channels still read the block."""
        first = _first_places(view)
        written = 2 * np.arange(1, len(first) + 1)
        return {0: write_distance(written, needed_later(first))}


def _first_places(view: View) -> NDArray[np.int64]:
    """For each sum in the order in which they are made, the first byte of the input that it is made of."""
    batches, in_h, in_w, in_c = view.input(0).shape
    _, out_h, out_w, _ = view.output().shape
    n, y, x, c = np.meshgrid(*(np.arange(size) for size in (batches, out_h, out_w, in_c)), indexing="ij")
    row, column = y * view.option(BLOCK_H), x * view.option(BLOCK_W)
    return np.asarray((((n * in_h + row) * in_w + column) * in_c + c).reshape(-1), np.int64)


class FullyConnectedSums(Op):
    """input int16 sums [1, ...] with zero point 0, weights [out_c, depth], bias with the input's offset folded in.

    Attributes of the node: as FULLY_CONNECTED, and `pixels`, the pixels of a whole block.
    """

    name = "FULLY_CONNECTED_SUMS"
    dtypes = ("int16",)
    inputs = range(3, 4)
    storages = ("coded",)

    def check(self, view: View) -> Iterator[str]:
        if view.input(0).elements != view.input(1).shape[1]:
            yield "the input is not one row of what the weights take"

    def macs(self, view: View) -> int:
        return view.input(1).elements

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        (call,) = _dense_call(view)
        arguments = tuple(replace(a, ctype="int16_t") if isinstance(a, Input) else a for a in call.arguments)
        return (replace(call, kernel="fully_connected_sums_s8_ref", arguments=arguments),)

    def lower_dsp(self, view: View) -> tuple[Call, ...]:
        call = dense_dsp.lower(_channels(view), view, 1)
        arguments = tuple(replace(a, ctype="int16_t") if isinstance(a, Input) else a for a in call.arguments)
        return (replace(call, kernel="fully_connected_sums_s8_dsp", arguments=arguments),)

    def lower_coded(self, view: View) -> tuple[Call, ...]:
        call = dense_stored.lower(view, "coded", *self.lower_ref(view))
        return (replace(call, kernel="fully_connected_sums_s8_coded"),)

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        """`dsp` reads all of the row before it writes; `ref` until the last four outputs, `coded` until the last."""
        out_c = view.input(1).shape[0]
        if variant == "coded":
            return {0: out_c}
        return {0: -view.input(0).bytes if variant == "dsp" or out_c <= 4 else (out_c - 1) // 4 * 4}

    def cycles(self, view: View, variant: str) -> float | None:
        if variant == "ref":
            return 4.7 * self.macs(view)
        if variant == "coded":
            return dense_stored.cycles(view, variant)
        return dense_dsp.cycles(self.lower_dsp(view)[0]) if variant == "dsp" else None

    def refuses(self, view: View, variant: str, core: Core) -> str | None:
        if variant == "coded":
            return weight_formats.refuses(lambda: self.lower(view, variant))
        if view.option(ROUNDS_ONCE) and variant != "ref":
            return "rounds twice"
        return dsp_layout.refuses(_channels(view), view) if variant == "dsp" else None


_DENSE = FullyConnected()


def _dense_call(view: View) -> tuple[Call, ...]:
    """The call of FULLY_CONNECTED's portable kernel, with the bounds that sums have."""
    call = _DENSE.lower_ref(view)[0]
    of = _channels(view)
    requant = 2 if view.option(ROUNDS_ONCE) else int(of.short_requant)
    shape = tuple((name, requant if name == "requant" else value) for name, value in call.shape)
    return (replace(call, shape=shape),)


def _channels(view: View) -> weighted.Channels:
    """As FULLY_CONNECTED's, for inputs of up to 128 * `pixels` in magnitude."""
    weights = constant_data(view.input(1)).astype(np.int8)
    of = weighted.channels(view, weights, weighted.channel_scales(view, len(weights)))
    sums = np.abs(weights.astype(np.int64)).sum(axis=1)
    return replace(of, bounds=np.abs(of.bias.astype(np.int64)) + 128 * view.option("pixels") * sums)


OPS: tuple[Op, ...] = (SumPool(), FullyConnectedSums())
