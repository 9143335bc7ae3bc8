"""A clamp after an operator that can clamp by itself becomes the operator's fused activation.

Exact when the clamp's input and output have one quantization and one of TFLite's activations, computed on that
quantization, gives just the range of both clamps together.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgewright.compiler.rewrites._edit import bypass, replace_node, same_type, sole_consumer
from edgewright.compiler.rewrites._semantics import FUSED, lookup_table, output_range
from edgewright.ops._quant import ACTIVATIONS, activation_range
from edgewright.tflite.graph import Graph, Node, View

CLAMPING = ("ADD", "AVERAGE_POOL_2D", "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "MAX_POOL_2D", "MUL", "SUB")
"""Operators with a fused activation that their kernels clamp to."""


def apply(graph: Graph) -> tuple[Graph, dict[str, int]]:
    """Fuse; facts: how many activations."""
    fused = 0
    for index in [node.index for node in graph.nodes]:
        producer = next((node for node in graph.nodes if node.index == index), None)
        better = None if producer is None else _fused(graph, producer)
        while better is not None:  # a chain of clamps
            graph, fused = better, fused + 1
            producer = next(node for node in graph.nodes if node.index == index)
            better = _fused(graph, producer)
    return graph, {"fused_activations": fused} if fused else {}


def _fused(graph: Graph, producer: Node) -> Graph | None:
    """The graph with the clamp that follows the node taken into it."""
    clamp = sole_consumer(graph, producer.outputs[0]) if producer.op in CLAMPING else None
    if clamp is None or len(clamp.outputs) != 1:
        return None
    view = View(graph, clamp)
    if not same_type(view.input(0), view.output()) or view.input(0).shape != view.output().shape:
        return None
    bounds = _clamped(view, output_range(graph, producer.outputs[0]))
    code = None if bounds is None else _code(view, bounds)
    if code is None:
        return None
    clamping = replace(producer, options={**producer.options, FUSED: code})
    return bypass(replace_node(graph, producer, clamping), clamp)


def _clamped(view: View, bounds: tuple[int, int]) -> tuple[int, int] | None:
    """The range of the node's output for inputs in `bounds`, if all that the node does to them is to clamp them."""
    table = lookup_table(view)
    if table is None or len(view.node.inputs) != 1:
        return None
    values = np.arange(bounds[0], bounds[1] + 1)
    results = table[values + 128]
    low, high = int(results.min()), int(results.max())
    return (low, high) if np.array_equal(results, np.clip(values, low, high)) else None


def _code(view: View, bounds: tuple[int, int]) -> int | None:
    """The fused activation with just this range."""
    return next((code for code in sorted(ACTIVATIONS) if activation_range(code, view.output()) == bounds), None)
