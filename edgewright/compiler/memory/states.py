"""Where the states of a model lie in the memory that the caller keeps for them."""

from __future__ import annotations

from dataclasses import dataclass

from edgewright.tflite.graph import ITEM_BYTES, NONE, Graph

WORD = 4
"""Bytes that every state is aligned to at least: kernels read words."""


@dataclass(frozen=True)
class States:
    """Addresses of the states.

    Attributes:
        offsets: byte offset by the state's place in `Graph.states`; those that nothing uses are left out.
        bytes: of all of them; 0 for a model without state.
    """

    offsets: dict[int, int]
    bytes: int


def lay_out(graph: Graph) -> States:
    """One state after another, in their order."""
    used = {tensor.state for tensor in graph.tensors.values()} - {NONE}
    offsets, end = {}, 0
    for number, state in enumerate(graph.states):
        if number in used:
            alignment = max(WORD, ITEM_BYTES[state.dtype])
            offsets[number] = -(-end // alignment) * alignment
            end = offsets[number] + state.bytes
    return States(offsets, -(-end // WORD) * WORD)
