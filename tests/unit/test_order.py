"""The order of operators: lower peaks where they exist, nothing moved where not."""

from __future__ import annotations

import random
from itertools import permutations

import pytest

from edgewright.compiler.memory import order as order_module
from edgewright.compiler.memory.order import Footprint, order
from edgewright.tflite.graph import Graph, Node, Tensor


def graph_of(sizes: list[int], edges: list[tuple[tuple[int, ...], tuple[int, ...]]], outputs: tuple[int, ...]) -> Graph:
    tensors = {n: Tensor(n, f"t{n}", (size,), "int8") for n, size in enumerate(sizes)}
    nodes = tuple(Node(n, "ADD", 1, inputs, outs) for n, (inputs, outs) in enumerate(edges))
    return Graph("test", "", tensors, nodes, (0,), outputs)


def peak(graph: Graph) -> int:
    """Most bytes alive in any step, without overlaps."""
    most = 0
    for now, node in enumerate(graph.nodes):
        later = {t for n in graph.nodes[now + 1 :] for t in n.inputs} | set(graph.outputs)
        before = set(graph.inputs) | {t for n in graph.nodes[:now] for t in n.outputs}
        alive = {t for t in before if t in later} | set(node.inputs) | set(node.outputs)
        most = max(most, sum(graph.tensors[t].bytes for t in alive))
    return most


def branches() -> Graph:
    """Two wide branches that each narrow down: one must be finished before the other begins."""
    edges = [((0,), (1,)), ((0,), (2,)), ((1,), (3,)), ((2,), (4,)), ((3, 4), (5,))]
    return graph_of([10, 1000, 1000, 10, 10, 10], edges, (5,))


def test_finishes_one_branch_first() -> None:
    better = order(branches(), lambda _: Footprint())
    assert (peak(branches()), peak(better)) == (2010, 1020)
    assert [node.index for node in better.nodes] in ([0, 2, 1, 3, 4], [1, 3, 0, 2, 4])


def test_keeps_the_files_order_when_no_other_is_lower() -> None:
    chain = graph_of([10, 20, 30], [((0,), (1,)), ((1,), (2,))], (2,))
    assert order(chain, lambda _: Footprint()) is chain


def random_graph(seed: int) -> Graph:
    source = random.Random(seed)
    edges = [(tuple({source.randint(0, n), source.randint(max(0, n - 2), n)}), (n + 1,)) for n in range(6)]
    read = {t for inputs, _ in edges for t in inputs}
    outputs = tuple(t for t in range(1, 7) if t not in read)
    return graph_of([source.randint(1, 50) for _ in range(7)], edges, outputs)


@pytest.mark.parametrize("seed", range(15))
def test_as_low_as_all_permutations(seed: int) -> None:
    graph = random_graph(seed)
    best = min(peak(graph.with_(nodes=p)) for p in permutations(graph.nodes) if runs(graph, p))
    assert peak(order(graph, lambda _: Footprint())) == best


def runs(graph: Graph, nodes: tuple[Node, ...]) -> bool:
    there = set(graph.inputs)
    for node in nodes:
        if not set(node.inputs) <= there:
            return False
        there |= set(node.outputs)
    return True


def test_beam_takes_over_when_sets_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_module, "_STATES", 2)
    assert peak(order(branches(), lambda _: Footprint())) == 1020


def test_in_place_steps_count_once() -> None:
    graph = graph_of([100, 100, 100], [((0,), (1,)), ((1,), (2,))], (2,))
    world = order_module._World(graph, [Footprint(overlap={0: 0}), Footprint(scratch=7)])
    assert world.peak([0, 1]) == 207


def test_an_alias_is_no_memory_of_its_own() -> None:
    graph = graph_of([100, 100, 10], [((0,), (1,)), ((1,), (2,))], (2,))
    world = order_module._World(graph, [Footprint(alias=0), Footprint()])
    assert world.peak([0, 1]) == 110


def test_nodes_with_state_keep_their_order() -> None:
    graph = branches()
    tensors = {n: (Tensor(n, t.name, t.shape, "resource") if n in (1, 2) else t) for n, t in graph.tensors.items()}
    ordered = order(graph.with_(tensors=tensors), lambda _: Footprint())
    assert [node.index for node in ordered.nodes] == [0, 1, 2, 3, 4]
