"""The choice between the answers of TensorFlow Lite Micro and of LiteRT, where the two differ (docs/runtimes.md).

LiteRT's reference kernel of FULLY_CONNECTED rounds once, where TensorFlow Lite Micro rounds the product of sum and
multiplier and then the shift, as gemmlowp does. RELU6 rescales in LiteRT.
"""

from __future__ import annotations

from dataclasses import replace

from edgewright.tflite.differences import differences
from edgewright.tflite.graph import Graph, Node, View

ROUNDINGS = ("tflm", "litert")


def apply(graph: Graph, rounding: str) -> Graph:
    """The graph with options on those of its nodes to which the runtimes answer differently."""
    if rounding == "tflm":
        return graph
    return graph.with_(nodes=tuple(_marked(view) for view in graph.views()))


def _marked(view: View) -> Node:
    options = {row.option: True for row in differences() if row.option and row.concerns(view)}
    return replace(view.node, options={**view.node.options, **options}) if options else view.node
