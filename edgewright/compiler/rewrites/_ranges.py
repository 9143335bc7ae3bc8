"""Interval analysis: between which int8 values each channel of each tensor stays, for any input of the model.

A channel is an index of the last dimension; its interval holds at every place. Operators without a rule may give any
value: a missing rule costs precision, never exactness. A channel with an interval of one value is constant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgewright.compiler.rewrites._edit import constant
from edgewright.compiler.rewrites._semantics import (
    FUSED,
    add,
    arrays,
    finish,
    lookup_table,
    mean,
    mul,
    numbers,
    only_call,
)
from edgewright.kernels.call import Call
from edgewright.kernels.quant import INT8_MAX, INT8_MIN, activation_range, zero_point
from edgewright.kernels.window import read_window
from edgewright.ops.fully_connected import ROUNDS_ONCE
from edgewright.tflite.graph import NONE, Graph, Tensor, View

Values = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Range:
    """int64 (channels,): least and greatest value of each channel."""

    low: Values
    high: Values

    def take(self, channels: Values) -> Range:
        """The intervals of some channels."""
        return Range(self.low[channels], self.high[channels])

    def join(self, other: Range) -> Range:
        """Intervals that hold both."""
        return Range(np.minimum(self.low, other.low), np.maximum(self.high, other.high))


Ranges = Mapping[int, Range]


def channels_of(tensor: Tensor) -> int:
    """Size of the last dimension, 1 for a scalar."""
    return tensor.shape[-1] if tensor.shape else 1


def ranges_of(graph: Graph) -> dict[int, Range]:
    """The intervals of all int8 tensors."""
    found = {t.id: _start(t) for t in graph.tensors.values() if t.dtype == "int8"}
    for view in graph.views():
        for number in view.node.outputs:
            if number in found:
                found[number] = _bounded(view, number, found)
    return found


def _start(tensor: Tensor) -> Range:
    if tensor.data is None or tensor.elements == 0:
        return _anything(channels_of(tensor))
    rows = tensor.data.reshape(-1, channels_of(tensor)).astype(np.int64)
    return Range(rows.min(axis=0), rows.max(axis=0))


def _anything(channels: int, low: int = INT8_MIN, high: int = INT8_MAX) -> Range:
    return Range(np.full(channels, low, np.int64), np.full(channels, high, np.int64))


def _bounded(view: View, output: int, ranges: Ranges) -> Range:
    rule = _RULES.get(view.node.op, _by_table)
    known = len(view.node.outputs) == 1 and view.node.inputs and view.node.inputs[0] in ranges
    found = rule(view, ranges) if known else None
    if found is None or len(found.low) != channels_of(view.graph.tensors[output]):
        return _anything(channels_of(view.graph.tensors[output]))
    return found


def _first(view: View, ranges: Ranges) -> Range:
    return ranges[view.node.inputs[0]]


def _convolution(view: View, ranges: Ranges) -> Range | None:
    weights = _weights(view)
    if view.input(0).shape[3] != weights.shape[3]:
        return None  # groups
    terms = _terms(weights.reshape(len(weights), -1, weights.shape[3]), _first(view, ranges), view)
    return _finished(view, terms.low.sum(axis=(1, 2)), terms.high.sum(axis=(1, 2)))


def _depthwise(view: View, ranges: Ranges) -> Range | None:
    weights = _weights(view).reshape(1, -1, view.output().shape[3])
    multiplier = view.output().shape[3] // view.input(0).shape[3]
    sources = np.arange(view.output().shape[3]) // multiplier
    terms = _terms(weights, _first(view, ranges).take(sources), view)
    return _finished(view, terms.low.sum(axis=(0, 1)), terms.high.sum(axis=(0, 1)))


def _fully_connected(view: View, ranges: Ranges) -> Range | None:
    if view.option(ROUNDS_ONCE):
        return None  # `_finished` rounds twice
    weights, given = _weights(view), _first(view, ranges)
    if weights.shape[1] % len(given.low):
        return None
    columns = given.take(np.arange(weights.shape[1]) % len(given.low))
    terms = _products(weights, columns)
    return _finished(view, terms.low.sum(axis=1), terms.high.sum(axis=1))


def _weights(view: View) -> Values:
    data = view.input(1).data
    if data is None:
        raise ValueError("weights were checked to be constant")
    return data.astype(np.int64)


def _products(weights: Values, given: Range) -> Range:
    a, b = weights * given.low, weights * given.high
    return Range(np.minimum(a, b), np.maximum(a, b))


def _terms(weights: Values, given: Range, view: View) -> Range:
    """Intervals of weight * input for weights (n, taps, channels); a tap may read padding, which is the zero point."""
    terms = _products(weights, given)
    outside = _may_be_outside(view)[None, :, None]
    padding = weights * zero_point(view.input(0))
    low = np.where(outside, np.minimum(terms.low, padding), terms.low)
    return Range(low, np.where(outside, np.maximum(terms.high, padding), terms.high))


def _may_be_outside(view: View) -> NDArray[np.bool_]:
    """Bool (taps,): which taps of the window lie outside the image for some output pixel."""
    w = read_window(view, *view.input(1).shape[1:3])
    rows = np.arange(w.out_h)[:, None] * w.stride_h - w.pad_top + np.arange(w.k_h) * w.dilation_h
    columns = np.arange(w.out_w)[:, None] * w.stride_w - w.pad_left + np.arange(w.k_w) * w.dilation_w
    above: NDArray[np.bool_] = np.any((rows < 0) | (rows >= w.in_h), axis=0)
    beside = np.any((columns < 0) | (columns >= w.in_w), axis=0)
    return np.asarray(above[:, None] | beside[None, :]).reshape(-1)


def has_padding(view: View) -> bool:
    """Whether a convolution reads any place outside its input."""
    return bool(_may_be_outside(view).any())


def _finished(view: View, low: Values, high: Values) -> Range | None:
    """From intervals of sums of weight * input to the output: the kernel's biases, factors and clamp."""
    call = only_call(view)
    if call is None:
        return None
    bias = arrays(call)["bias"].astype(np.int64)
    pairs = [_finish_channel(call, c, int(low[c] + bias[c]), int(high[c] + bias[c])) for c in range(len(bias))]
    return Range(np.array([p[0] for p in pairs], np.int64), np.array([p[1] for p in pairs], np.int64))


def _finish_channel(call: Call, channel: int, low: int, high: int) -> tuple[int, int]:
    """Requantisation never falls when the accumulator grows, so the ends of the interval are enough."""
    first, last = finish(call, channel, low), finish(call, channel, high)
    if first is None or last is None:
        given = numbers(call)
        return given["act_min"], given["act_max"]
    return first, last


def _binary(view: View, ranges: Ranges) -> Range | None:
    """A sum never falls when an input grows, and a product is greatest and least at the ends of its inputs."""
    call = only_call(view)
    a, b = (_broadcast(view, i, ranges) for i in (0, 1))
    if call is None or a is None or b is None:
        return None
    function = add if view.node.op == "ADD" else mul
    corners = [
        np.array([function(call, int(x), int(y)) for x, y in zip(first, second, strict=True)], np.int64)
        for first in (a.low, a.high)
        for second in (b.low, b.high)
    ]
    return Range(np.min(corners, axis=0), np.max(corners, axis=0))


def _mean(view: View, ranges: Ranges) -> Range | None:
    """A mean over all but channels never falls when an input grows."""
    call, given = only_call(view), _first(view, ranges)
    count = view.input(0).elements // max(1, view.output().elements)
    if call is None or channels_of(view.output()) != len(given.low) or last_is_reduced(view):
        return None
    pairs = [
        (mean(call, count * int(x)), mean(call, count * int(y))) for x, y in zip(given.low, given.high, strict=True)
    ]
    low = [INT8_MIN if None in pair else pair[0] for pair in pairs]
    high = [INT8_MAX if None in pair else pair[1] for pair in pairs]
    return Range(np.array(low, np.int64), np.array(high, np.int64))


def last_is_reduced(view: View) -> bool:
    """Whether a reduction goes over the last dimension of its input, or over dimensions that are not known."""
    axes, rank = constant(view, 1), len(view.input(0).shape)
    return axes is None or any(int(axis) % rank == rank - 1 for axis in axes.reshape(-1))


def _broadcast(view: View, index: int, ranges: Ranges) -> Range | None:
    given, count = ranges.get(view.node.inputs[index]), channels_of(view.output())
    if given is None:
        return None
    return given.take(np.zeros(count, np.int64)) if len(given.low) == 1 else given


def _pool(view: View, ranges: Ranges) -> Range:
    """Means and maxima stay between the least and the greatest value."""
    given = _first(view, ranges)
    low, high = activation_range(view.option(FUSED, 0), view.output())
    return Range(np.clip(given.low, low, high), np.clip(given.high, low, high))


def _reshape(view: View, ranges: Ranges) -> Range | None:
    given, count = _first(view, ranges), channels_of(view.output())
    old = len(given.low)
    if count % old == 0:
        return given.take(np.arange(count) % old)
    if old % count == 0:
        return Range(given.low.reshape(-1, count).min(axis=0), given.high.reshape(-1, count).max(axis=0))
    return _anything(count, int(given.low.min()), int(given.high.max()))


def _pad(view: View, ranges: Ranges) -> Range | None:
    given, zero = _first(view, ranges), zero_point(view.output())
    filler = zero if view.optional_input(2) is None else None
    if filler is None or channels_of(view.input(0)) != channels_of(view.output()):
        return None
    return given.join(_anything(len(given.low), filler, filler))


def _concatenation(view: View, ranges: Ranges) -> Range | None:
    if any(number == NONE or number not in ranges for number in view.node.inputs) or view.option(FUSED, 0):
        return None
    parts, rank = [ranges[number] for number in view.node.inputs], len(view.output().shape)
    if view.option("axis", 0) % rank == rank - 1:
        return Range(np.concatenate([p.low for p in parts]), np.concatenate([p.high for p in parts]))
    joined = parts[0]
    for part in parts[1:]:
        joined = joined.join(part)
    return joined


def _by_table(view: View, ranges: Ranges) -> Range | None:
    table = lookup_table(view) if len(view.node.inputs) == 1 else None
    if table is None:
        return None
    given = _first(view, ranges)
    taken = [table[low + 128 : high + 129] for low, high in zip(given.low, given.high, strict=True)]
    return Range(np.array([t.min() for t in taken], np.int64), np.array([t.max() for t in taken], np.int64))


_RULES: dict[str, Callable[[View, Ranges], Range | None]] = {
    "CONV_2D": _convolution,
    "DEPTHWISE_CONV_2D": _depthwise,
    "FULLY_CONNECTED": _fully_connected,
    **dict.fromkeys(("ADD", "MUL"), _binary),
    "MEAN": _mean,
    **dict.fromkeys(("AVERAGE_POOL_2D", "MAX_POOL_2D"), _pool),
    **dict.fromkeys(("RESHAPE", "SQUEEZE", "EXPAND_DIMS"), _reshape),
    "PAD": _pad,
    "CONCATENATION": _concatenation,
}
