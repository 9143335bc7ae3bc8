"""Outputs of a model that are no results of an operator of their own."""

from __future__ import annotations

from dataclasses import replace

from edgewright.tflite.graph import NONE, Graph, Node, Tensor


def separate_outputs(graph: Graph) -> Graph:
    """The graph with a copy (RESHAPE) in the place of every output that is an input, a constant, a state, or one twice.

    The caller may put each output anywhere, so each needs an operator that writes it. A state is copied as it is when
    all operators have run.
    """
    index = max((node.index for node in graph.nodes), default=-1) + 1
    nodes, outputs = list(graph.nodes), list(graph.outputs)
    fresh: list[Tensor] = []
    for place, number in enumerate(graph.outputs):
        tensor = graph.tensors[number]
        if number in graph.inputs or tensor.is_constant or tensor.is_variable or number in outputs[:place]:
            copy = replace(tensor, id=graph.new_id() + len(fresh), data=None, state=NONE)
            nodes.append(Node(index + len(fresh), "RESHAPE", 1, (number,), (copy.id,)))
            outputs[place] = copy.id
            fresh.append(copy)
    return graph.with_tensors(fresh, nodes=tuple(nodes), outputs=tuple(outputs)) if fresh else graph
