"""What the signal operators of TensorFlow Lite Micro keep from one call to the next, as states of the graph.

A file does not name it: TensorFlow Lite Micro's kernels hold it themselves. Here it is a further input of the node. All
of it begins as zeros. A node whose options or shapes make no sense stays as it is, for the compiler to tell of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from edgewright.tflite.graph import NONE, Graph, Node, State, Tensor

_MOST = 1 << 15
"""Samples that are counted in int16."""

Kept = tuple[int, str]
"""Elements and type of a state."""


def with_signal_states(graph: Graph) -> Graph:
    """The graph with a state for every signal operator that has one."""
    tensors, states, nodes = dict(graph.tensors), list(graph.states), []
    for node in graph.nodes:
        found = _kept(node, tensors)
        if found is not None:
            number = max(tensors, default=NONE) + 1
            state = State(f"{node.op.lower()} {node.index}", (found[0],), found[1])
            tensors[number] = Tensor(number, state.name, state.shape, state.dtype, state=len(states))
            states.append(state)
            node = replace(node, inputs=(*node.inputs, number))  # noqa: PLW2901
        nodes.append(node)
    return graph.with_(nodes=tuple(nodes), tensors=tensors, states=tuple(states))


def _kept(node: Node, tensors: Mapping[int, Tensor]) -> Kept | None:
    find = _STATES.get(node.op)
    if find is None or len(node.inputs) != 1 or node.inputs[0] == NONE:
        return None
    source = tensors[node.inputs[0]]
    return find(node, source) if source.shape and source.elements else None


def _framer(node: Node, source: Tensor) -> Kept | None:
    """Of each stream what a frame keeps for the next; before them, without prefill, how many of these there are."""
    size, step, prefill = (node.options.get(name, 0) for name in ("frame_size", "frame_step", "prefill"))
    if not (0 < size < _MOST and 0 < step < _MOST) or (prefill and step > size):
        return None
    streams = source.elements // source.shape[-1]
    kept = size - step if prefill else -(-size // step) * step - step
    return max(streams * kept + (not prefill), 1), "int16"


def _stacker(node: Node, source: Tensor) -> Kept | None:
    """How many frames are kept, whether there was a first one, and all frames of a stack but one."""
    names = ("num_channels", "stacker_left_context", "stacker_right_context")
    channels, left, right = (node.options.get(name, -1) for name in names)
    if not 0 < channels == source.elements or left < 0 or right < 0 or left + right >= _MOST:
        return None
    return 2 + channels * (left + right), "int16"


def _delay(node: Node, source: Tensor) -> Kept | None:
    delay = node.options.get("delay_length", -1)
    streams = source.elements // source.shape[-1]
    return (max(streams * delay, 1), "int16") if 0 <= delay < _MOST else None


def _overlap_add(node: Node, source: Tensor) -> Kept | None:
    """Of each stream the rest of a frame behind its first step."""
    step, size = node.options.get("frame_step", 0), source.shape[-1]
    if len(source.shape) < 2 or not 0 < step <= size:
        return None
    return max(math.prod(source.shape[:-2]) * (size - step), 1), source.dtype


def _spectral_subtraction(_: Node, source: Tensor) -> Kept | None:
    """The noise of each channel."""
    return source.elements, "uint32"


_STATES: Mapping[str, Callable[[Node, Tensor], Kept | None]] = {
    "SIGNAL_FRAMER": _framer,
    "SIGNAL_STACKER": _stacker,
    "SIGNAL_DELAY": _delay,
    "SIGNAL_OVERLAP_ADD": _overlap_add,
    "SIGNAL_FILTER_BANK_SPECTRAL_SUBTRACTION": _spectral_subtraction,
}
