"""The choice between the roundings of TensorFlow Lite Micro and of LiteRT, where the two differ.

They differ in FULLY_CONNECTED alone: TensorFlow Lite Micro rounds the product of sum and multiplier and then the shift,
as gemmlowp does; LiteRT's reference kernel rounds once.
"""

from __future__ import annotations

from dataclasses import replace

from edgewright.ops.fully_connected import ROUNDS_ONCE
from edgewright.tflite.graph import Graph

ROUNDINGS = ("tflm", "litert")


def apply(graph: Graph, rounding: str) -> Graph:
    """The graph with its nodes marked for the rounding."""
    if rounding == "tflm":
        return graph
    nodes = (
        replace(node, options={**node.options, ROUNDS_ONCE: True}) if node.op == "FULLY_CONNECTED" else node
        for node in graph.nodes
    )
    return graph.with_(nodes=tuple(nodes))
