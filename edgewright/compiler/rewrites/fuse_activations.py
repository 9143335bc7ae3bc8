"""A clamp after an operator that can clamp by itself becomes the operator's fused activation.

Exact when the clamp's input and output have one quantization and one of TFLite's activations, computed on that
quantization, gives just the range of both clamps together.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgewright.compiler.rewrites._draft import Draft
from edgewright.compiler.rewrites._edit import same_type, sole_consumer
from edgewright.compiler.rewrites._semantics import FUSED, lookup_table, output_range
from edgewright.kernels.quant import ACTIVATIONS, activation_range
from edgewright.tflite.graph import Graph, View

CLAMPING = ("ADD", "AVERAGE_POOL_2D", "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "MAX_POOL_2D", "MUL", "SUB")
"""Operators with a fused activation that their kernels clamp to."""


def apply(graph: Graph) -> tuple[Graph, dict[str, int]]:
    """Fuse; facts: how many activations."""
    fused, draft = 0, Draft(graph)
    for place in draft.places():
        while _fuse(draft, place):  # a chain of clamps
            fused += 1
    return (draft.done(), {"fused_activations": fused}) if fused else (graph, {})


def _fuse(draft: Draft, place: int) -> bool:
    """Take the clamp that follows the node at a place into it; False when there is none."""
    producer = draft.at(place)
    clamp = sole_consumer(draft, producer.outputs[0]) if producer is not None and producer.op in CLAMPING else None
    if producer is None or clamp is None or len(clamp.outputs) != 1:
        return False
    view = View(draft, clamp)
    if not same_type(view.input(0), view.output()) or view.input(0).shape != view.output().shape:
        return False
    bounds = _clamped(view, output_range(draft, producer.outputs[0]))
    code = None if bounds is None else _code(view, bounds)
    if code is None or not draft.bypass(draft.place_of(clamp)):
        return False
    now = draft.at(place) or producer  # its output may have another number by now
    draft.put(place, replace(now, options={**now.options, FUSED: code}))
    return True


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
