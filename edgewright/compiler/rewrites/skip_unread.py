"""What no weight reads is not computed: CONV_2D and the FULLY_CONNECTED behind it as one operator.

Pruned networks have FULLY_CONNECTED layers of which most weights are zero; many values of the convolution before it
meet no other weights. The fused operator (ops/_conv_dense.py) goes through what is read: it computes a value of the
convolution only there, adds it to the sums with the weights that are not zero, and stores no image between the two.
MAX_POOL_2D or SUM_POOL between them goes into it.

It is taken where it costs less: estimated cycles, plus bytes of constants and of the image between at the rate that
`[compile] optimize` sets (compiler/select/price.py). The kernels of the separate layers share what they load between
channels, so by cycles alone it pays where less than about half is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tflite.Padding import Padding

from edgewright import ops
from edgewright.compiler.rewrites._edit import sole_consumer
from edgewright.compiler.rewrites._prices import Prices
from edgewright.ops.conv_2d import groups
from edgewright.ops.made.conv_2d_fully_connected import INSIDE, MOST, Reading, reading
from edgewright.tflite.graph import Graph, Node, View

_SAME_BYTES = ("RESHAPE", "SQUEEZE", "EXPAND_DIMS")


def applier(prices: Prices) -> Callable[[Graph], tuple[Graph, dict[str, Any]]]:
    """The rewrite for a core with these prices."""
    return lambda graph: _apply(graph, prices)


def _apply(graph: Graph, prices: Prices) -> tuple[Graph, dict[str, Any]]:
    """Fuse; facts: "layers", [{"operator", "values", "of", "weights", "of_weights"}], "macs_before", "macs_after"."""
    layers, before = [], graph
    for node in graph.nodes:
        chain = _chain(graph, node)
        inside = None if chain is None else _inside(graph, chain)
        if chain is None or inside is None:
            continue
        fused = _fused(chain, inside)
        if prices.node(View(graph, fused)) < _apart(inside, prices):
            graph = _replaced(graph, chain, fused)
            layers.append(_facts(node, reading(inside)))
    if not layers:
        return graph, {}
    return graph, {"layers": layers, "macs_before": _macs(before), "macs_after": _macs(graph)}


def _facts(node: Node, found: Reading) -> dict[str, Any]:
    of = int(found.pixels.sum()) * found.weights.shape[3]
    return {
        "operator": node.index,
        "values": found.values,
        "of": of,
        "weights": found.nonzero,
        "of_weights": found.weights.size,
    }


def _macs(graph: Graph) -> int:
    return sum(ops.get_for(view).macs(view) for view in graph.views())


def _chain(graph: Graph, conv: Node) -> tuple[Node, ...] | None:
    """CONV_2D, what stands between, and the FULLY_CONNECTED; nobody else reads a tensor between them."""
    if conv.op != "CONV_2D" or conv not in graph.nodes:
        return None
    chain, pools = [conv], 0
    while chain[-1].op not in ("FULLY_CONNECTED", "FULLY_CONNECTED_SUMS"):
        reader = sole_consumer(graph, chain[-1].outputs[0])
        if reader is None or len(reader.outputs) != 1 or reader.inputs[0] != chain[-1].outputs[0]:
            return None
        pools += reader.op in ("MAX_POOL_2D", "SUM_POOL")
        if reader.op not in (*_SAME_BYTES, "MAX_POOL_2D", "SUM_POOL", "FULLY_CONNECTED", "FULLY_CONNECTED_SUMS"):
            return None
        chain.append(reader)
    return tuple(chain) if pools <= 1 else None


def _inside(graph: Graph, chain: tuple[Node, ...]) -> Graph | None:
    """The chain as a graph of its own, where the fused operator can do it."""
    conv, dense = View(graph, chain[0]), View(graph, chain[-1])
    last_image = next(n for n in reversed(chain) if n.op not in _SAME_BYTES and n is not chain[-1])
    image = graph.tensors[last_image.outputs[0]]
    weights = dense.input(1)
    if conv.input(0).dtype != "int8" or conv.output().dtype != "int8" or dense.output().dtype != "int8":
        return None
    if conv.output().shape[0] != 1 or groups(conv) != 1 or weights.data is None:
        return None
    if len(image.shape) != 4 or weights.shape[1] != image.elements or conv.output().elements == image.shape[3]:
        return None
    if max(conv.output().shape[3], weights.shape[0]) > MOST or not all(map(_is_tiled, _pools(graph, chain))):
        return None
    numbers = {number for node in chain for number in (*node.inputs, *node.outputs)}
    tensors = {number: tensor for number, tensor in graph.tensors.items() if number in numbers}
    nodes = tuple(node for node in chain if node.op not in _SAME_BYTES)
    return Graph(graph.name, graph.sha256, tensors, nodes, chain[0].inputs[:1], chain[-1].outputs)


def _pools(graph: Graph, chain: tuple[Node, ...]) -> list[View]:
    return [View(graph, node) for node in chain if node.op == "MAX_POOL_2D"]


def _is_tiled(pool: View) -> bool:
    """Windows of a MAX_POOL_2D that lie side by side, all inside the image."""
    sizes = [(pool.option(f"filter_{n}"), pool.option(f"stride_{n[0]}")) for n in ("height", "width")]
    padded = pool.option("explicit_padding") or pool.option("padding") != Padding.VALID
    return not padded and all(size == stride for size, stride in sizes) and pool.output().dtype == "int8"


def _apart(inside: Graph, prices: Prices) -> float:
    """The price of the layers that the fused operator stands for, and of the image between them."""
    views = [View(inside, node) for node in inside.nodes]
    return sum(map(prices.node, views)) + prices.byte * views[0].output().elements


def _fused(chain: tuple[Node, ...], inside: Graph) -> Node:
    conv, dense = chain[0], chain[-1]
    return replace(dense, op="CONV_2D_FULLY_CONNECTED", version=1, inputs=conv.inputs[:1], options={INSIDE: inside})


def _replaced(graph: Graph, chain: tuple[Node, ...], fused: Node) -> Graph:
    gone, dense = {id(each) for each in chain[:-1]}, chain[-1]
    return graph.with_(nodes=tuple(fused if each is dense else each for each in graph.nodes if id(each) not in gone))
