"""CONV_2D_FULLY_CONNECTED: a convolution and the FULLY_CONNECTED that reads it, as far as it does.

No file holds this operator: the compiler puts it in the place of CONV_2D, perhaps MAX_POOL_2D or SUM_POOL, and
FULLY_CONNECTED (rewrites/skip_unread.py). Values of the convolution that meet only weights of zero are not computed,
the others are not stored, and only weights that are not zero are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import LISTS, Argument, Call, Const, Input, Output, Packing, Scalar, Scratch
from edgewright.kernels.constant import constant_data
from edgewright.kernels.quant import activation_range
from edgewright.ops.base import Op
from edgewright.ops.conv_2d import Conv2D
from edgewright.ops.fully_connected import FullyConnected
from edgewright.ops.made.fully_connected_sums import FullyConnectedSums
from edgewright.ops.made.sum_pool import BLOCK_H, BLOCK_W
from edgewright.tflite.graph import Graph, View

INSIDE = "inside"
"""Option: the graph of the operators that the node stands for."""

MOST = 255
"""Channels, and units, at most: a byte holds their number."""

_CONV, _SUMS, _DENSE = Conv2D(), FullyConnectedSums(), FullyConnected()


@dataclass(frozen=True)
class Blocks:
    """Blocks of pixels of the convolution's output: how many, how large, and what becomes of their pixels."""

    rows: int
    columns: int
    block_h: int = 1
    block_w: int = 1
    is_max: bool = False
    pool_min: int = -128
    pool_max: int = 127

    @property
    def pixels(self) -> int:
        """Pixels of a whole block."""
        return self.block_h * self.block_w

    @property
    def fields(self) -> tuple[tuple[str, int], ...]:
        """Fields for `Call.shape`."""
        return (
            ("blocks_h", self.rows),
            ("blocks_w", self.columns),
            ("block_h", self.block_h),
            ("block_w", self.block_w),
            ("is_max", int(self.is_max)),
            ("pool_min", self.pool_min),
            ("pool_max", self.pool_max),
        )


class ConvDense(Op):
    """input [1, h, w, c], output [1, units]."""

    name = "CONV_2D_FULLY_CONNECTED"
    files = ("conv_dense_s8_ref",)

    def check(self, view: View) -> Iterator[str]:
        if not isinstance(view.option(INSIDE), Graph):
            yield "the operators that it stands for are missing"

    def macs(self, view: View) -> int:
        return reading(view.option(INSIDE)).macs

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        """All of the input is read before the output is written."""
        return {0: -view.input(0).bytes}

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        inside: Graph = view.option(INSIDE)
        conv, dense, blocks = *calls_of(inside), blocks_of(inside)
        own = {a.name: a for a in conv.arguments}
        depth = View(inside, inside.nodes[0]).input(1).elements // dict(conv.shape)["out_c"]
        arguments: tuple[Argument, ...] = (
            Input("input"),
            Output("output"),
            *(own[name] for name in ("weights", "bias", "multiplier", "shift", "in_zp")),
            *(_renamed(own[name], new) for name, new in zip(ENDS, ("mid_zp", "mid_min", "mid_max"), strict=True)),
            *dense_arguments(inside, dense),
            Scratch("scratch", 4 * dict(dense.shape)["out_c"] + blocks.pixels * depth),
        )
        shape, work = shape_of(conv, dense, blocks), reading(inside).work
        return (Call("conv_dense_s8_ref", "ew_conv_dense_s8_shape", shape, arguments, work=work),)


ENDS = ("out_zp", "act_min", "act_max")
"""Arguments for zero point and clamp of both layers."""


def calls_of(inside: Graph) -> tuple[Call, Call]:
    """The portable calls of the convolution and the FULLY_CONNECTED."""
    first, last = View(inside, inside.nodes[0]), View(inside, inside.nodes[-1])
    dense = _SUMS if last.node.op == "FULLY_CONNECTED_SUMS" else _DENSE
    return _CONV.lower_ref(first)[0], dense.lower_ref(last)[0]


def shape_of(conv: Call, dense: Call, blocks: Blocks) -> tuple[tuple[str, int], ...]:
    """Fields of the C struct `ew_conv_dense_s8_shape`."""
    return (*_within("conv", conv), *_within("dense", dense), *blocks.fields)


def dense_arguments(inside: Graph, dense: Call) -> tuple[Argument, ...]:
    """Arguments of the FULLY_CONNECTED."""
    after = {a.name: a for a in dense.arguments}
    of = reading(inside)
    units, rows, columns, channels = of.weights.shape
    lists = Packing(channels, units, rows * columns, LISTS)
    return (
        Const("reads", stream(of), "channels and weights by block", "uint8_t", lists),
        *(_renamed(after[name], f"dense_{name}") for name in ("bias", "multiplier", "shift")),
        *(after[name] for name in ENDS),
    )


def _within(name: str, call: Call) -> tuple[tuple[str, int], ...]:
    return tuple((f"{name}.{field}", value) for field, value in call.shape)


def _renamed(argument: Argument, name: str) -> Argument:
    if not isinstance(argument, Const | Scalar):
        raise TypeError(f"{argument.name} is no constant")
    return replace(argument, name=name)


@dataclass(frozen=True, eq=False)
class Reading:
    """What the FULLY_CONNECTED reads.

    Attributes:
        weights: int8 (units, block rows, block columns, channels).
        pixels: int64 (block rows, block columns): pixels of the convolution's output in each block.
        depth: multiply-accumulates of one value of the convolution.
    """

    weights: NDArray[np.int8]
    pixels: NDArray[np.int64]
    depth: int

    @property
    def wanted(self) -> NDArray[np.bool_]:
        """Bool (block rows, block columns, channels): read by some weight."""
        return np.asarray((self.weights != 0).any(axis=0))

    @property
    def values(self) -> int:
        """Values of the convolution that have to be computed."""
        return int((self.wanted * self.pixels[:, :, None]).sum())

    @property
    def nonzero(self) -> int:
        """Weights that are not zero."""
        return int(np.count_nonzero(self.weights))

    @property
    def work(self) -> dict[str, float]:
        """`Call.work`: products and values of the convolution, and weights that are not zero."""
        return {"product": self.values * self.depth, "value": self.values, "weight": self.nonzero}

    @property
    def macs(self) -> int:
        """Multiply-accumulates of both layers."""
        return self.values * self.depth + self.nonzero


def reading(inside: Graph) -> Reading:
    """The reading of a node's inner graph."""
    first, last = View(inside, inside.nodes[0]), View(inside, inside.nodes[-1])
    blocks, (_, out_h, out_w, channels) = blocks_of(inside), first.output().shape
    data = constant_data(last.input(1)).astype(np.int8)
    down, across = _sizes(blocks.rows, blocks.block_h, out_h), _sizes(blocks.columns, blocks.block_w, out_w)
    weights = data.reshape(len(data), blocks.rows, blocks.columns, channels)
    return Reading(weights, down[:, None] * across[None, :], first.input(1).elements // channels)


def _sizes(count: int, block: int, size: int) -> NDArray[np.int64]:
    """Rows (or columns) of each block."""
    return np.minimum(block, size - np.arange(count) * block)


def blocks_of(inside: Graph) -> Blocks:
    """The blocks of a node's inner graph."""
    pool = next((View(inside, node) for node in inside.nodes if node.op in ("SUM_POOL", "MAX_POOL_2D")), None)
    if pool is None:
        _, height, width, _ = View(inside, inside.nodes[0]).output().shape
        return Blocks(height, width)
    rows, columns = pool.output().shape[1:3]
    if pool.node.op == "SUM_POOL":
        return Blocks(rows, columns, pool.option(BLOCK_H), pool.option(BLOCK_W))
    low, high = activation_range(pool.option("fused_activation_function", 0), pool.output())
    return Blocks(rows, columns, pool.option("filter_height"), pool.option("filter_width"), True, low, high)


def stream(of: Reading) -> NDArray[np.uint8]:
    """The list `reads` of conv_dense_s8_ref.h."""
    wanted, units, found = of.wanted, of.weights.transpose(1, 2, 3, 0), bytearray()
    for place in np.ndindex(wanted.shape[:2]):
        channels = np.flatnonzero(wanted[place])
        found.append(len(channels))
        for channel in channels:
            row = units[place][channel]
            used = np.flatnonzero(row)
            found += bytes((channel, len(used)))
            found += np.stack([used.astype(np.uint8), row[used].view(np.uint8)], axis=1).tobytes()
    return np.frombuffer(bytes(found), np.uint8)


OP = ConvDense()
TYPED: tuple[Op, ...] = (OP,)
