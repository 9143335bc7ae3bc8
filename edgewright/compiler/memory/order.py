"""The order of operators that needs the least memory at its worst moment.

A state is the set of nodes that have run: what is alive then does not depend on how it was reached. Best-first search
over these sets finds the order whose greatest step is smallest; networks are mostly chains, so the sets are few. When
they are not, a beam of the best sets goes on. See Liberis and Lane, "Neural networks on microcontrollers: saving
memory at inference via operator reordering", 2019 (arXiv 1910.05110).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from edgewright.tflite.graph import Graph, Node, View

_STATES = 20_000
"""Sets of nodes that the exact search looks at before it gives up."""

_BEAM = 64

_LOOKS = 6_000_000
"""Looks at values that both searches may take together; with none left the order is the file's."""

_MOST_NODES = 1500
"""Of longer models the order is the file's."""


@dataclass(frozen=True)
class Footprint:
    """What a node is to the memory plan; see `Op.alias` and `Op.overlap`.

    Attributes:
        alias: the input whose bytes output 0 is.
        overlap: input index -> smallest safe address(input) - address(output 0).
        scratch: bytes.
    """

    alias: int | None = None
    overlap: Mapping[int, int] = field(default_factory=dict)
    scratch: int = 0


def order(graph: Graph, footprint: Callable[[View], Footprint]) -> Graph:
    """The graph with its nodes in the order of the lowest peak; as it is when no order is lower than its own."""
    if len(graph.nodes) > _MOST_NODES or _is_chain(graph):
        return graph
    world = _World(graph, [footprint(view) for view in graph.views()])
    mine = list(range(len(graph.nodes)))
    peak = world.peak(mine)
    better = _search(world, peak)
    if better is None or world.peak(better) >= peak:
        return graph
    return graph.with_(nodes=tuple(graph.nodes[number] for number in better))


def _is_chain(graph: Graph) -> bool:
    """Whether each node reads what the one before it made: there is no other order."""
    pairs = zip(graph.nodes, graph.nodes[1:], strict=False)
    return all(not set(before.outputs).isdisjoint(node.inputs) for before, node in pairs)


class _World:
    """Which node needs which, and bytes alive, with tensors that are aliases taken as one value."""

    def __init__(self, graph: Graph, footprints: list[Footprint]) -> None:
        self.nodes = graph.nodes
        self.looks = 0
        self._footprints = footprints
        self._value = _values(graph, footprints)
        self._bytes = {v: max(graph.tensors[t].bytes for t in ts) for v, ts in _grouped(self._value).items()}
        self._kept = {self._value[t] for t in graph.outputs if t in self._value}
        self._given = {self._value[t] for t in graph.inputs if t in self._value}
        self._readers = _masks(self.nodes, self._value, lambda node: node.inputs)
        self._writers = _masks(self.nodes, self._value, lambda node: node.outputs)
        self.needs = _needs(graph)

    def peak(self, sequence: list[int]) -> int:
        """Bytes of the greatest step of an order."""
        done, peak = 0, 0
        for number in sequence:
            peak = max(peak, self.cost(done, number))
            done |= 1 << number
        return peak

    def ready(self, done: int) -> Iterator[int]:
        """The nodes that can run next."""
        return (n for n, need in enumerate(self.needs) if not done >> n & 1 and need & ~done == 0)

    def cost(self, done: int, number: int) -> int:
        """Bytes alive while a node runs: what is alive already, its output and scratch, less what may overlap."""
        node, footprint, after = self.nodes[number], self._footprints[number], done | 1 << number
        self.looks += len(self._bytes)
        alive = self._alive(done) | {self._value[t] for t in node.inputs if t in self._value}
        if footprint.alias is not None:
            return sum(self._bytes[v] for v in alive)
        out = {self._value[t] for t in node.outputs if t in self._value} - alive
        total = sum(self._bytes[v] for v in alive | out) + footprint.scratch
        return total - max((self._shared(number, i, after) for i in footprint.overlap), default=0)

    def left(self, done: int) -> int:
        """Bytes alive after some nodes have run."""
        return sum(self._bytes[value] for value in self._alive(done))

    def _shared(self, number: int, index: int, after: int) -> int:
        """Bytes that an input and output 0 have in common, none when the input is still needed."""
        node = self.nodes[number]
        value, out = self._value.get(node.inputs[index]), self._bytes[self._value[node.outputs[0]]]
        if value is None or value in self._kept or self._readers.get(value, 0) & ~after:
            return 0
        size = self._bytes[value]
        return size + out - max(size + max(self._footprints[number].overlap[index], 0), out)

    def _alive(self, done: int) -> set[int]:
        """Values that exist after some nodes have run and that someone still reads."""
        return {
            value
            for value in self._bytes
            if (value in self._given or self._writers.get(value, 0) & done)
            and (value in self._kept or self._readers.get(value, 0) & ~done)
        }


def _values(graph: Graph, footprints: list[Footprint]) -> dict[int, int]:
    """Tensor -> number of the value that it is; constants and states, which lie elsewhere, have none."""
    computed = (n for n, tensor in graph.tensors.items() if not (tensor.is_constant or tensor.is_variable))
    value = {number: number for number in computed}
    for node, footprint in zip(graph.nodes, footprints, strict=True):
        if footprint.alias is not None and node.inputs[footprint.alias] in value:
            value[node.outputs[0]] = value[node.inputs[footprint.alias]]
    return value


def _grouped(value: Mapping[int, int]) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for tensor, group in value.items():
        groups.setdefault(group, []).append(tensor)
    return groups


def _masks(
    nodes: tuple[Node, ...], value: Mapping[int, int], tensors: Callable[[Node], tuple[int, ...]]
) -> dict[int, int]:
    masks: dict[int, int] = {}
    for number, node in enumerate(nodes):
        for tensor in tensors(node):
            if tensor in value:
                masks[value[tensor]] = masks.get(value[tensor], 0) | 1 << number
    return masks


def _needs(graph: Graph) -> list[int]:
    """For each node, the set of nodes that have to run before it; nodes with state keep their order."""
    producers = {tensor: number for number, node in enumerate(graph.nodes) for tensor in node.outputs}
    needs, with_state = [], 0
    for number, node in enumerate(graph.nodes):
        need = 0
        for tensor in node.inputs:
            need |= 1 << producers[tensor] if tensor in producers else 0
        if _has_state(graph, node):
            need |= with_state
            with_state |= 1 << number
        needs.append(need)
    return needs


def _has_state(graph: Graph, node: Node) -> bool:
    tensors = [graph.tensors[t] for t in (*node.inputs, *node.outputs) if t in graph.tensors]
    return any(tensor.is_variable or tensor.dtype == "resource" for tensor in tensors)


def _search(world: _World, limit: int) -> list[int] | None:
    """The order of the lowest peak, if that is below `limit`."""
    full = (1 << len(world.nodes)) - 1
    came: dict[int, int] = {}
    best = {0: 0}
    heap = [(0, 0, 0)]
    while heap:
        peak, _, done = heapq.heappop(heap)
        if done == full:
            return _path(came, done)
        if peak > best[done]:
            continue
        if len(best) > _STATES or world.looks > _LOOKS // 2:
            return _beam(world, limit)
        for number in world.ready(done):
            after, worst = done | 1 << number, max(peak, world.cost(done, number))
            if worst < min(limit, best.get(after, limit)):
                best[after], came[after] = worst, number
                heapq.heappush(heap, (worst, -after.bit_count(), after))
    return None


def _path(came: Mapping[int, int], done: int) -> list[int]:
    path = []
    while done:
        path.append(came[done])
        done &= ~(1 << came[done])
    return path[::-1]


def _beam(world: _World, limit: int) -> list[int] | None:
    """A good order when the sets are too many: the best _BEAM sets of each size go on."""
    states: dict[int, tuple[int, tuple[int, ...]]] = {0: (0, ())}
    for _ in world.nodes:
        following: dict[int, tuple[int, tuple[int, ...]]] = {}
        if world.looks > _LOOKS:
            return None
        for done, (peak, path) in states.items():
            for number in world.ready(done):
                after, worst = done | 1 << number, max(peak, world.cost(done, number))
                if worst < min(limit, following.get(after, (limit, ()))[0]):
                    following[after] = (worst, (*path, number))
        states = dict(sorted(following.items(), key=lambda s: (s[1][0], world.left(s[0]), s[1][1]))[:_BEAM])
    return list(min(states.values())[1]) if states else None
