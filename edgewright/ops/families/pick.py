"""Data moved by tables of places, one a dimension (the kernel `pick`)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Call, Const, Input, Output
from edgewright.kernels.overlap import needed_later, write_distance
from edgewright.tflite.graph import ITEM_BYTES, View

LOOPS = 4

Picks = Sequence[Sequence[int]]
"""For each dimension of the output, the place along that of the input from which each element comes."""


def loops(view: View, picks: Picks) -> tuple[list[NDArray[np.int64]], int]:
    """(distances in bytes along the dimensions that are left, outermost first; bytes of a piece).

    Inner dimensions that are taken whole are one piece, other neighbours that are taken whole are one dimension.
    """
    shape, item = view.input(0).shape, ITEM_BYTES[view.input(0).dtype]
    found: list[NDArray[np.int64]] = []
    for axis, pick in enumerate(picks):
        step = math.prod(shape[axis + 1 :]) * item
        places = np.asarray(pick, np.int64) * step
        whole = list(pick) == list(range(shape[axis]))
        if whole and found and _is_whole(found[-1], step * shape[axis]):
            found[-1] = (found[-1][:, None] + places[None, :]).reshape(-1)
        elif len(pick) > 1 or places[0]:
            found.append(places)
    if found and _is_whole(found[-1], item):
        return found[:-1], len(found[-1]) * item
    return found, item


def _is_whole(places: NDArray[np.int64], step: int) -> bool:
    return bool(np.array_equal(places, np.arange(len(places)) * step))


def pick_call(view: View, picks: Picks, index: int = 0) -> Call:
    """The call for an input of any type."""
    return places_call(*loops(view, picks), index)


def pick_distance(view: View, picks: Picks) -> int:
    """`write_distance`: a piece is read whole before it is written."""
    return places_distance(*loops(view, picks))


Places = Sequence[NDArray[np.int64]]
"""For each dimension of the output, outermost first, the distances in bytes of its pieces; they add up."""


def places_call(places: Places, size: int, index: int = 0) -> Call:
    """The call for pieces of `size` bytes at the sums of `places`."""
    places = [np.zeros(1, np.int64)] * (LOOPS - len(places)) + list(places)
    shape = (*((f"n{i}", len(each)) for i, each in enumerate(places)), ("bytes", size))
    table = Const("places", np.concatenate(places).astype(np.int32), "distances in bytes, by dimension", "int32_t")
    return Call("pick_ref", "ew_pick_shape", shape, (Input("input", index), Output("output"), table))


def places_distance(places: Places, size: int) -> int:
    """`write_distance` of the same."""
    first = np.zeros(1, np.int64)
    for each in places:
        first = (first[:, None] + each[None, :]).reshape(-1)
    return write_distance(np.arange(1, len(first) + 1) * size, needed_later(first))
