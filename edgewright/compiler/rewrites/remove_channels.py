"""Channels that are proven constant, and channels that nobody reads, are removed through the whole graph.

Pruned networks hold many: filters of zeros, and channels whose ReLU never opens. Interval analysis through the exact
requantisation and clamp finds constant channels (`_ranges`); what they add to the next layer goes into its bias;
backward liveness finds what is still read (`_liveness`); the rest is cut (`_cut`).
"""

from __future__ import annotations

from typing import Any

from edgewright import ops
from edgewright.compiler.rewrites._cut import cut
from edgewright.compiler.rewrites._liveness import live_channels
from edgewright.compiler.rewrites._ranges import channels_of, ranges_of
from edgewright.tflite.graph import Graph

_MOST_CHANNELS = 200_000
"""Of all tensors together; models with more are left as they are."""

_LAYERS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


def apply(graph: Graph) -> tuple[Graph, dict[str, Any]]:
    """Remove channels.

    Facts: "layers", one entry for each convolution and FULLY_CONNECTED that lost output channels
    ({"operator", "channels", "of"}), and "macs_before", "macs_after".
    """
    if sum(channels_of(tensor) for tensor in graph.tensors.values()) > _MOST_CHANNELS:
        return graph, {}
    ranges = ranges_of(graph)
    live = live_channels(graph, ranges)
    if all(mask.all() for mask in live.values()):
        return graph, {}
    smaller = cut(graph, live, ranges)
    layers = [
        {"operator": node.index, "channels": int((~live[node.outputs[0]]).sum()), "of": len(live[node.outputs[0]])}
        for node in graph.nodes
        if node.op in _LAYERS and node.outputs[0] in live and not live[node.outputs[0]].all()
    ]
    return smaller, {"layers": layers, "macs_before": _macs(graph), "macs_after": _macs(smaller)}


def _macs(graph: Graph) -> int:
    return sum(ops.get_for(view).macs(view) for view in graph.views())
