"""Which channels somebody reads: backward from the outputs of the model, through weights that are not zero.

Channels that have to stay or go together (a channel before and after a pool, the same channel of both inputs of an
ADD) are one group. CONV_2D and FULLY_CONNECTED stand between groups: they read a group only through weights that are
not zero, and not when it is constant and its share can be put into the bias.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgewright.compiler.rewrites._ranges import Ranges, channels_of, has_padding, last_is_reduced
from edgewright.kernels.quant import zero_point
from edgewright.tflite.graph import Graph, View

Mask = NDArray[np.bool_]
Link = tuple[int, NDArray[np.int64], int, NDArray[np.int64]]
"""Tensor and channels that are tied, one by one, to channels of another tensor."""


@dataclass(frozen=True, eq=False)
class Reading:
    """How a weighted node reads.

    Attributes:
        source, output: tensors.
        wants: bool (output channels, source channels): through weights that have to stay.
    """

    source: int
    output: int
    wants: Mask


def live_channels(graph: Graph, ranges: Ranges) -> dict[int, Mask]:
    """For each int8 tensor, which channels have to stay. At least one stays of every tensor."""
    groups = _Groups(graph, list(ranges))
    readings = [
        _reading(view, ranges) for view in graph.views() if view.node.op in WEIGHTED and links_of(view) is not None
    ]
    needed = _Needed(groups, readings)
    for number, least in _least(graph, groups.tensors).items():
        own = groups.of(number)
        while (marks := needed.marks[own]).sum() < min(least, marks.size):
            needed.mark(int(own[np.flatnonzero(~marks)[0]]))
    return {tensor: needed.marks[groups.of(tensor)] for tensor in ranges}


class _Needed:
    """The groups that have to stay: those that are pinned or marked, and all that they read."""

    def __init__(self, groups: _Groups, readings: list[Reading]) -> None:
        self.marks = groups.pinned()
        self._groups = groups
        self._readings: dict[int, list[Reading]] = {}
        for reading in readings:
            for group in set(groups.of(reading.output).tolist()):
                self._readings.setdefault(group, []).append(reading)
        self._spread(list(readings))

    def mark(self, group: int) -> None:
        """The group has to stay."""
        self.marks[group] = True
        self._spread(self._readings.get(group, []).copy())

    def _spread(self, waiting: list[Reading]) -> None:
        """Mark what these read, and what is read to make that."""
        while waiting:
            reading = waiting.pop()
            wanted = reading.wants[self.marks[self._groups.of(reading.output)]].any(axis=0)
            sources = self._groups.of(reading.source)[wanted]
            for group in set(sources[~self.marks[sources]].tolist()):
                self.marks[group] = True
                waiting += self._readings.get(group, [])


def _least(graph: Graph, tensors: list[int]) -> dict[int, int]:
    """How many channels have to stay of each tensor."""
    least = dict.fromkeys(tensors, 1)
    for view in graph.views():
        weights = view.optional_input(1) if view.node.op == "FULLY_CONNECTED" else None
        is_tied = weights is not None and view.node.outputs[0] in least
        if weights is not None and is_tied and weights.quantization is not None and weights.quantization.per_channel:
            least[view.node.outputs[0]] = 2  # with one scale the kernel would compute its factor per tensor
    return least


class _Groups:
    """Channels of all tensors, joined into groups (union-find)."""

    def __init__(self, graph: Graph, tensors: list[int]) -> None:
        self.tensors = tensors
        counts = [channels_of(graph.tensors[number]) for number in tensors]
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self._cells = {t: np.arange(starts[i], starts[i + 1]) for i, t in enumerate(tensors)}
        self._parent = list(range(int(starts[-1])))
        self._pins: set[int] = set()
        self._join(graph)
        self._found: dict[int, NDArray[np.int64]] = {}

    def of(self, tensor: int) -> NDArray[np.int64]:
        """The group of each channel of a tensor."""
        if tensor not in self._found:
            self._found[tensor] = np.array([self._root(int(cell)) for cell in self._cells[tensor]], np.int64)
        return self._found[tensor]

    def pinned(self) -> Mask:
        """bool, by group: those that have to stay whatever is read."""
        marks = np.zeros(len(self._parent), np.bool_)
        for tensor in self._pins:
            marks[self.of(tensor)] = True
        return marks

    def _root(self, cell: int) -> int:
        while self._parent[cell] != cell:
            self._parent[cell] = cell = self._parent[self._parent[cell]]
        return cell

    def _join(self, graph: Graph) -> None:
        self._pins.update(t for t in (*graph.inputs, *graph.outputs) if t in self._cells)
        for view in graph.views():
            links = links_of(view)
            if links is None:
                self._pins.update(t for t in (*view.node.inputs, *view.node.outputs) if t in self._cells)
                continue
            for a, a_channels, b, b_channels in links:
                self._tie(self._cells[a][a_channels], self._cells[b][b_channels])
            self._pins.update(_untouched(view, links) & self._cells.keys())

    def _tie(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> None:
        for one, other in zip(a.tolist(), b.tolist(), strict=True):
            first, second = sorted((self._root(one), self._root(other)))
            self._parent[second] = first


def links_of(view: View) -> list[Link] | None:
    """Which channels of the node's tensors stay or go together; None when none may go."""
    rule = _LINKS.get(view.node.op)
    if rule is None or len(view.node.outputs) != 1 or view.output().dtype != "int8" or view.input(0).dtype != "int8":
        return None
    return rule(view)


def _same(view: View) -> list[Link] | None:
    """Channel k of the output is made of channel k of the input."""
    if channels_of(view.input(0)) != channels_of(view.output()):
        return None
    every = np.arange(channels_of(view.output()))
    return [(view.node.inputs[0], every, view.node.outputs[0], every)]


def _binary(view: View) -> list[Link] | None:
    every = np.arange(channels_of(view.output()))
    wide = [t for t in view.inputs if t is not None and channels_of(t) == len(every)]
    return [(tensor.id, every, view.node.outputs[0], every) for tensor in wide]


def _untouched(view: View, links: list[Link]) -> set[int]:
    """Inputs that lose no channels by themselves: weights, and operands that are broadcast along channels."""
    own = {view.node.inputs[0]} if view.node.op in WEIGHTED else set()
    return set(view.node.inputs) - own - {tensor for link in links for tensor in (link[0], link[2])}


def _mean(view: View) -> list[Link] | None:
    return None if last_is_reduced(view) else _same(view)


def _reshape(view: View) -> list[Link] | None:
    source, output = channels_of(view.input(0)), channels_of(view.output())
    if source == 0 or output == 0 or (source % output and output % source):
        return None
    longer = np.arange(max(source, output))
    return [(view.node.inputs[0], longer % source, view.node.outputs[0], longer % output)]


def _depthwise(view: View) -> list[Link]:
    every = np.arange(channels_of(view.output()))
    multiplier = len(every) // channels_of(view.input(0))
    return [(view.node.inputs[0], every // multiplier, view.node.outputs[0], every)]


def _concatenation(view: View) -> list[Link] | None:
    rank, output, place = len(view.output().shape), view.node.outputs[0], 0
    parts = [tensor for tensor in view.inputs if tensor is not None]
    if view.option("axis", 0) % rank != rank - 1:
        every = np.arange(channels_of(view.output()))
        return [(tensor.id, every, output, every) for tensor in parts]
    links: list[Link] = []
    for tensor in parts:
        every = np.arange(channels_of(tensor))
        links.append((tensor.id, every, output, every + place))
        place += len(every)
    return links


def _weighted(view: View) -> list[Link] | None:
    return None if _grouped(view) else []


def _grouped(view: View) -> bool:
    """Whether a weighted node's channels are out of reach: groups, or rows that are no multiple of channels."""
    if view.node.op == "CONV_2D":
        return view.input(0).shape[3] != view.input(1).shape[3]
    rows, columns = view.input(1).shape
    return columns % channels_of(view.input(0)) != 0 or rows != channels_of(view.output())


WEIGHTED = ("CONV_2D", "FULLY_CONNECTED")

_LINKS: dict[str, Callable[[View], list[Link] | None]] = {
    **dict.fromkeys(WEIGHTED, _weighted),
    "DEPTHWISE_CONV_2D": _depthwise,
    **dict.fromkeys(("ADD", "MUL", "SUB", "MAXIMUM", "MINIMUM"), _binary),
    **dict.fromkeys(("AVERAGE_POOL_2D", "MAX_POOL_2D", "PAD", "PADV2"), _same),
    **dict.fromkeys(("RELU", "RELU6", "RELU_N1_TO_1", "LEAKY_RELU", "HARD_SWISH"), _same),
    **dict.fromkeys(("LOGISTIC", "TANH", "QUANTIZE"), _same),
    **dict.fromkeys(("RESHAPE", "SQUEEZE", "EXPAND_DIMS"), _reshape),
    "MEAN": _mean,
    "CONCATENATION": _concatenation,
}


def _reading(view: View, ranges: Ranges) -> Reading:
    wants = (_by_channel(view) != 0) & ~_foldable(view, ranges)[None, :]
    return Reading(view.node.inputs[0], view.node.outputs[0], wants)


def _by_channel(view: View) -> NDArray[np.int64]:
    """int64 (output channels, source channels): sum of magnitudes of the weights between them."""
    data = view.input(1).data
    if data is None:
        raise ValueError("weights were checked to be constant")
    outputs = view.input(1).shape[0]
    rows = np.abs(data.astype(np.int64)).reshape(outputs, -1, channels_of(view.input(0)))
    return np.asarray(rows.sum(axis=1))


def _foldable(view: View, ranges: Ranges) -> Mask:
    """Bool (source channels,): constant ones whose share is the same at every place, so that it is a bias."""
    given = ranges[view.node.inputs[0]]
    is_constant: Mask = given.low == given.high
    if view.node.op == "CONV_2D" and is_constant.any() and has_padding(view):
        is_constant = is_constant & (given.low == zero_point(view.input(0)))
    return is_constant
