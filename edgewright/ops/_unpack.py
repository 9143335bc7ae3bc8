"""Arrays that are stored coded, and unpacked once: at start-up into RAM, or at installation into flash.

A kernel then runs on the bytes that it would find in flash, in as many cycles. What is coded is its own array, in the
order that the kernel wants; firmware/kernels/ew_weights_unpack.h makes it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from edgewright.coding import MOST, WIDTHS, best_width, count_decisions, encode, estimate_bytes
from edgewright.ops._base import Argument, Call, Const, Packing, Piece, Unpacked

LEAST_BYTES = 64
"""Of an array that is worth it."""


def unpacked(calls: Sequence[Call]) -> tuple[Call, ...] | None:
    """The calls with all arrays of weights that codes make smaller unpacked; None where there is none."""
    made = tuple(replace(call, arguments=tuple(_argument(each) for each in call.arguments)) for call in calls)
    return made if any(pieces_of(made)) else None


def pieces_of(calls: Sequence[Call]) -> list[Piece]:
    """What the calls have unpacked."""
    return [each.piece for call in calls for each in call.arguments if isinstance(each, Unpacked)]


def _argument(argument: Argument) -> Argument:
    if not isinstance(argument, Const) or argument.data is None or argument.data.nbytes < LEAST_BYTES:
        return argument
    found = _found(argument.data, argument.packing)
    return argument if found is None else Unpacked(argument.name, found, argument.ctype)


def _found(data: NDArray[np.generic], packing: Packing | None) -> Piece | None:
    if packing is None and data.dtype != np.int8:
        return None  # no weights, or in a form of which nothing is known
    image = np.ascontiguousarray(data).astype(data.dtype.newbyteorder("<")).tobytes()
    return piece(image, packing or Packing(0, len(image), 0, pairs=False))


@lru_cache(maxsize=256)
def piece(image: bytes, packing: Packing) -> Piece | None:
    """An array as codes; None where they are no smaller, or a weight is -128, which has none.

    Args:
        image: its bytes, little endian.
        packing: which of them are weights.
    """
    size = packing.lead + packing.body + packing.tail
    rows = np.frombuffer(image, np.int8).reshape(-1, size)
    weights = _weights(rows[:, packing.lead : packing.lead + packing.body], packing.pairs)
    if np.any(weights < -MOST):
        return None
    plain = np.concatenate([rows[:, : packing.lead], rows[:, packing.lead + packing.body :]], axis=1).tobytes()
    width = best_width(weights, WIDTHS)
    runs = estimate_bytes(weights, runs=True) <= estimate_bytes(weights, width=width)
    width = 0 if runs else width
    code = encode(weights, width=width, runs=runs)
    made = Piece(image, code, plain, packing, count_decisions(weights, width=width, runs=runs))
    return made if made.bytes < len(image) else None


def _weights(body: NDArray[np.int8], pairs: bool) -> NDArray[np.int16]:
    """The weights that the bytes stand for: high ones of pairs lose what a negative low one took."""
    weights = body.astype(np.int16)
    if pairs:
        weights[:, 1::2] += weights[:, ::2] < 0
    return weights
