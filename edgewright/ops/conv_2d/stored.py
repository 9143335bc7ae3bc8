"""CONV_2D with weights that are not raw: sparse, as indices, coded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from edgewright.kernels import weight_formats
from edgewright.kernels.call import Argument, Call, Scalar, Scratch
from edgewright.kernels.record import Kernel
from edgewright.ops.conv_2d import OP, blockwise, grouped
from edgewright.ops.fully_connected.stored import weight_rows
from edgewright.tflite.graph import View

BLOCK_BYTES = 400
"""Unpacked weights, unless those of two channels are more: with a decoder at most 1 KiB more scratch than raw weights
need, whose kernels widen windows where the kernels here do not."""

PIXELS = 4
"""That the sparse kernel computes at a time."""


def lower(view: View, storage: str, ref: Call) -> Call:
    """The call of a storage's kernel, made of that of `ref`.

    Raises:
        UnfitError: the weights cannot be stored so.
    """
    rows = weight_rows(view)
    depth = rows.shape[1]
    if storage == "sparse":
        found = weight_formats.sparse(rows)
        arguments = _with(ref, found.arguments, PIXELS * depth)
        blocks = view.output().elements / len(rows) / PIXELS
        work = {"channel": blocks * len(rows), "word": blocks * len(found.words), "window": blocks * depth}
        return replace(ref, kernel="conv_2d_s8_sparse", arguments=arguments, work=work)
    block = _block(len(rows), depth)
    work = _work(view, rows.shape, block)
    inner = tuple((f"conv.{name}", value) for name, value in ref.shape)
    if storage == "lut":
        lut = weight_formats.lut(rows)
        shape = (*inner, *lut.fields, ("block", block))
        arguments = _with(ref, lut.arguments, (block + 2) * depth)
        work["weight"] = rows.size
        return Call("conv_2d_s8_lut", "ew_conv_2d_s8_lut_shape", shape, arguments, work=work)
    code = weight_formats.coded(rows, window=view.input(1).shape[1:])
    shape = (*inner, ("bytes", code.bytes), ("block", block))
    *others, scratch = _with(ref, code.arguments, weight_formats.DECODER_BYTES + (block + 2) * depth)
    arguments = (*others, Scalar(weight_formats.FOLD, 0), scratch)
    work |= {"decision": code.decisions, "nonzero": int(np.count_nonzero(rows))}
    return Call("conv_2d_s8_coded", "ew_conv_2d_s8_coded_shape", shape, arguments, may_fail=True, work=work)


def _work(view: View, sizes: tuple[int, ...], block: int) -> dict[str, float]:
    """Products, outputs, and values of the windows, which are gathered anew for each block of channels."""
    (out_c, depth), outputs = sizes, view.output().elements
    fills = -(-out_c // block)
    return {"product": outputs * depth, "output": outputs, "window": outputs // out_c * fills * depth}


def _block(out_c: int, depth: int) -> int:
    """Channels that are unpacked at a time."""
    return min(out_c, max(2, BLOCK_BYTES // depth // 2 * 2))


def _with(ref: Call, weights: tuple[Argument, ...], scratch_bytes: int) -> tuple[Argument, ...]:
    """The arguments of `ref` with other weights and scratch."""
    kept = (old for old in ref.arguments if not isinstance(old, Scratch))
    return (
        *(new for old in kept for new in (weights if old.name == "weights" else (old,))),
        Scratch("scratch", scratch_bytes),
    )


def _kernel(storage: str, overlap: Callable[[View], Mapping[int, int]]) -> Kernel:
    def found(view: View) -> tuple[Call, ...]:
        return (lower(view, storage, *OP.lower_ref(view)),)

    return Kernel(
        "CONV_2D",
        (f"conv_2d_s8_{storage}",),
        found,
        storage=storage,
        unsupported=lambda view: grouped(view) or weight_formats.unsupported(lambda: found(view)),
        overlap=overlap,
    )


def _by_channels(_: View) -> Mapping[int, int]:
    return {}


KERNELS = (_kernel("lut", _by_channels), _kernel("sparse", blockwise(PIXELS)), _kernel("coded", _by_channels))
