"""Weights back on the grid that they were learned on: small integers in an int8 .tflite file.

The converter quantizes each channel with the scale max|w| / 127. Weights that are integers l, of up to m steps, then
become round(l * 127 / m): just as few values, but spread over all of int8, in each channel others, and not exact. Here
l is found again. It becomes the weight, scale * 127 / m the scale of the channel, and the bias, whose scale is that of
the weights times that of the input, is divided by 127 / m.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgewright.tflite.graph import Graph, Tensor, View
from edgewright.tflite.reader import parse_model

FINEST = 63  # steps from 0 to the largest weight; on finer grids neighbours fall together
_FULL = 127
_VALUES = np.arange(-128, 128)
_SURE = 5  # standard deviations away from chance
_CHANNEL_AXIS = {"CONV_2D": 0, "FULLY_CONNECTED": 0, "DEPTHWISE_CONV_2D": 3}
_TYPES = ("int8", "int32", "int64")


class Constant(NamedTuple):
    """Values, a row for each scale, and scales, float32: views of the file that can be written to."""

    values: NDArray[Any]
    scales: NDArray[np.float32]


def regrid(model: bytes) -> bytes:
    """The model with the weights of each layer on the coarsest grid that they fit; a layer that fits none stays.

    It computes what it did, but for the rounding of the weights, which is undone, and that of the bias, now coarser.

    Args:
        model: a .tflite file as the converter writes it.
    """
    file = bytearray(model)
    for _, weights, bias in layers(file):
        steps = _steps(weights)
        if steps is not None:
            _coarsen(weights, steps)
            if bias is not None:
                _rescale(bias, steps)
    return bytes(file)


def _steps(weights: Constant) -> NDArray[np.int64] | None:
    """Steps from 0 to the largest weight for each scale, 127 where values stay; None when chance explains the grids.

    A channel of a few weights fits some grid by chance, and would be coarsened for nothing. So the channels of a layer
    are judged together, by R. A. Fisher's sum of the logarithms of their probabilities: by chance alone it has the mean
    of their number, and the standard deviation of its root.
    """
    there = _there(weights.values)
    channels = _are_some(there)
    found = _coarsest(there)
    evidence = -_log_chances(there, np.count_nonzero(weights.values, axis=1), found)[channels].sum()
    count = np.count_nonzero(channels)
    return found if evidence > count + _SURE * np.sqrt(count) else None


def _there(rows: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Which of all int8 values each row has: [rows, 256]."""
    found = np.zeros((len(rows), len(_VALUES)), np.bool_)
    found[np.arange(len(rows))[:, None], rows.astype(np.intp) - _VALUES[0]] = True
    return found


def _log_chances(there: NDArray[np.bool_], nonzero: NDArray[Any], steps: NDArray[Any]) -> NDArray[np.float64]:
    """Of each row the logarithm of the probability, at most 0, that values on no grid fit as many steps or fewer.

    Each magnitude below the largest hits one of `steps` among 127. Equal values count once, as those of a cluster are
    equal on no grid, too; only where all are as large as the largest are they what a grid of one step is.

    Args:
        there: which values each row has.
        nonzero: how many of a row are not zero.
        steps: of each row.
    """
    sizes = np.zeros((len(there), 1 + abs(int(_VALUES[0]))), np.bool_)
    for value in _VALUES[_VALUES != 0]:
        sizes[:, abs(value)] |= there[:, value - _VALUES[0]]
    hits = np.where(steps == 1, nonzero, np.count_nonzero(sizes, axis=1)) - 1
    chances: NDArray[np.float64] = np.minimum(0.0, np.log(steps) + hits * np.log(steps / _FULL))
    return chances


def _coarsest(there: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Of each row the fewest steps from 0 to the largest value with all of them on the grid; 127 for none."""
    steps = np.arange(1, FINEST + 1)[:, None]
    off = 2 * np.abs(_FULL * _nearest(_VALUES, steps) - steps * _VALUES) > steps
    on_grid = there.astype(np.float32) @ off.T.astype(np.float32) == 0
    return np.where(on_grid.any(axis=1) & _are_some(there), on_grid.argmax(axis=1) + 1, _FULL)


def _are_some(there: NDArray[np.bool_]) -> Any:
    """Whether each row has a value other than zero."""
    return there[:, _VALUES != 0].any(axis=1)


def _nearest(values: Any, steps: Any) -> Any:
    """Integers l for which l * 127 / steps is nearest to the values."""
    return (2 * values * steps + _FULL) // (2 * _FULL)


def _coarsen(weights: Constant, steps: NDArray[np.int64]) -> None:
    weights.values[:] = _nearest(weights.values.astype(np.int64), steps[:, None])
    weights.scales[:] = (weights.scales * (_FULL / steps)).astype(np.float32)


def _rescale(bias: Constant, steps: NDArray[np.int64]) -> None:
    bias.values[:] = np.rint(bias.values * (steps[:, None] / _FULL)).astype(np.int64)
    bias.scales[:] = (bias.scales * (_FULL / steps)).astype(np.float32)


def layers(file: bytearray) -> Iterator[tuple[View, Constant, Constant | None]]:
    """Each convolution and dense layer that shares neither weights nor bias with another, and these."""
    graph = parse_model(file)
    shared = _shared(graph)
    for view in graph.views():
        tensors = [tensor for tensor in view.inputs[1:] if tensor is not None]
        if view.node.op not in _CHANNEL_AXIS or not tensors or shared & {_place(tensor) for tensor in tensors}:
            continue
        axes = (_CHANNEL_AXIS[view.node.op], 0)
        constants = [_constant(tensor, axis) for tensor, axis in zip(tensors, axes, strict=False)]
        if constants[0] is not None and constants[0].values.dtype == np.int8 and _alike(constants):
            yield view, constants[0], constants[1] if len(constants) > 1 else None


def _alike(constants: list[Constant | None]) -> bool:
    """Whether all are there, with as many scales."""
    counts = {None if constant is None else len(constant.scales) for constant in constants}
    return len(counts) == 1 and None not in counts


def _shared(graph: Graph) -> set[int]:
    """Places where more than one tensor, or a tensor that more than one operator reads, has its values."""
    readers = Counter(number for node in graph.nodes for number in node.inputs)
    holders: Counter[int] = Counter()
    for tensor in graph.tensors.values():
        holders[_place(tensor)] += max(1, readers[tensor.id])
    return {place for place, count in holders.items() if count > 1}


def _place(tensor: Tensor) -> int:
    """Where in memory its values lie, 0 for none."""
    return 0 if tensor.data is None else int(tensor.data.ctypes.data)


def _constant(tensor: Tensor, axis: int) -> Constant | None:
    """A quantized constant; None when it is none, or of a type that is not treated here."""
    data, quantization = tensor.data, tensor.quantization
    if tensor.dtype not in _TYPES or quantization is None or data is None or not data.flags.writeable:
        return None  # what is not written to the file, the reader made
    scales = quantization.scales
    if len(scales) > 1 and axis:  # channels last
        return Constant(data.reshape(-1, len(scales)).T, scales)
    return Constant(data.reshape(len(scales), -1), scales)
