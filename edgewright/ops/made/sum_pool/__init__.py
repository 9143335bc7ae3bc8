"""SUM_POOL: the sums of blocks of pixels, int8 to int16.

No file holds this operator: the compiler puts it before a FULLY_CONNECTED_SUMS (rewrites/pool_blocks.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Call, Input, Output
from edgewright.kernels.overlap import needed_later, write_distance
from edgewright.ops.base import Op
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

    def overlap_ref(self, view: View) -> Mapping[int, int]:
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


TYPED: tuple[Op, ...] = (SumPool(),)
