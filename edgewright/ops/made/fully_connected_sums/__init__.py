"""FULLY_CONNECTED_SUMS: a FULLY_CONNECTED whose weights are constant over blocks of pixels.

No file holds this operator: the compiler puts it, behind a SUM_POOL, in the place of a FULLY_CONNECTED
(rewrites/pool_blocks.py). It multiplies the sums by the weights, of which one is left for each block and channel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from edgewright.kernels import weighted
from edgewright.kernels.call import Call, Input
from edgewright.kernels.constant import constant_data
from edgewright.ops.base import Op
from edgewright.ops.fully_connected import ROUNDS_ONCE, FullyConnected
from edgewright.tflite.graph import View


class FullyConnectedSums(Op):
    """input int16 sums [1, ...] with zero point 0, weights [out_c, depth], bias with the input's offset folded in.

    Attributes of the node: as FULLY_CONNECTED, and `pixels`, the pixels of a whole block.
    """

    name = "FULLY_CONNECTED_SUMS"
    dtypes = ("int16",)
    inputs = range(3, 4)

    def check(self, view: View) -> Iterator[str]:
        if view.input(0).elements != view.input(1).shape[1]:
            yield "the input is not one row of what the weights take"

    def macs(self, view: View) -> int:
        return view.input(1).elements

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        """All of the row is read until the last four outputs are written."""
        out_c = view.input(1).shape[0]
        return {0: -view.input(0).bytes if out_c <= 4 else (out_c - 1) // 4 * 4}

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        (call,) = _dense_call(view)
        arguments = tuple(replace(a, ctype="int16_t") if isinstance(a, Input) else a for a in call.arguments)
        return (replace(call, kernel="fully_connected_sums_s8_ref", arguments=arguments),)


_DENSE = FullyConnected()


def _dense_call(view: View) -> tuple[Call, ...]:
    """The call of FULLY_CONNECTED's portable kernel, with the bounds that sums have."""
    call = _DENSE.lower_ref(view)[0]
    of = channels(view)
    requant = 2 if view.option(ROUNDS_ONCE) else int(of.short_requant)
    shape = tuple((name, requant if name == "requant" else value) for name, value in call.shape)
    return (replace(call, shape=shape),)


def channels(view: View) -> weighted.Channels:
    """As FULLY_CONNECTED's, for inputs of up to 128 * `pixels` in magnitude."""
    weights = constant_data(view.input(1)).astype(np.int8)
    of = weighted.channels(view, weights, weighted.channel_scales(view, len(weights)))
    sums = np.abs(weights.astype(np.int64)).sum(axis=1)
    return replace(of, bounds=np.abs(of.bias.astype(np.int64)) + 128 * view.option("pixels") * sums)


OP = FullyConnectedSums()
TYPED: tuple[Op, ...] = (OP,)
