"""A FULLY_CONNECTED whose weights are constant over blocks of pixels multiplies the sums of the blocks.

sum over a block of (x - zero point) * w = w * (sum of x) - w * zero point * pixels: integers, so nothing changes. The
sums are int16 (SUM_POOL); one weight is left of each block and channel, and the second term goes into the bias.
Networks have such weights when they were trained to (docs/compression.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.compiler.rewrites._edit import Fresh
from edgewright.compiler.rewrites._maps import DenseOfImage, dense_of_image
from edgewright.kernels.quant import wrap32, zero_point
from edgewright.ops.made.sum_pool import BLOCK_H, BLOCK_W, MOST_PIXELS
from edgewright.tflite.graph import NONE, Graph, Node, Quantization, Tensor

_LARGEST = 8
"""Rows and columns of the largest block that is looked for."""

Block = tuple[int, int]


def apply(graph: Graph) -> tuple[Graph, dict[str, Any]]:
    """Pool; facts: "layers", [{"operator", "block", "weights_before", "weights_after"}]."""
    layers = []
    for node in graph.nodes:
        found = dense_of_image(graph, node)
        block = None if found is None else _largest_block(found.weights)
        if found is None or block is None:
            continue
        graph = _pooled(graph, found, block)
        layers.append(_facts(found, block))
    return graph, {"layers": layers} if layers else {}


def _facts(found: DenseOfImage, block: Block) -> dict[str, Any]:
    before, (_, h, w, _) = found.weights.size, found.weights.shape
    after = before // (h * w) * (-(-h // block[0])) * (-(-w // block[1]))
    return {
        "operator": found.view.node.index,
        "block": list(block),
        "weights_before": before,
        "weights_after": after,
    }


def _largest_block(weights: NDArray[np.int8]) -> Block | None:
    """Rows and columns of the largest blocks over which all weights (units, h, w, c) are constant, None for pixels."""
    for block in sorted(_blocks(weights.shape), key=lambda block: (-block[0] * block[1], block)):
        if np.array_equal(_expanded(_reduced(weights, block), block, weights.shape), weights):
            return block
    return None


def _blocks(shape: tuple[int, ...]) -> Iterator[Block]:
    for rows in range(1, min(_LARGEST, shape[1]) + 1):
        for columns in range(1, min(_LARGEST, shape[2]) + 1):
            if 1 < rows * columns <= MOST_PIXELS:
                yield rows, columns


def _reduced(weights: NDArray[np.int8], block: Block) -> NDArray[np.int8]:
    return weights[:, :: block[0], :: block[1]]


def _expanded(reduced: NDArray[np.int8], block: Block, shape: tuple[int, ...]) -> NDArray[np.int8]:
    return reduced.repeat(block[0], axis=1).repeat(block[1], axis=2)[:, : shape[1], : shape[2]]


def _pooled(graph: Graph, found: DenseOfImage, block: Block) -> Graph:
    fresh, node, image = Fresh(graph), found.view.node, graph.tensors[found.image]
    reduced = _reduced(found.weights, block)
    units, rows, columns, channels = reduced.shape
    # with zero points of 0: the bias has them
    scale = None if image.quantization is None else Quantization(image.quantization.scales, np.zeros(1, np.int64))
    sums = fresh.tensor(Tensor(NONE, f"{image.name}/sums", (1, rows, columns, channels), "int16", scale))
    weights = fresh.add(found.view.input(1), reduced.reshape(units, -1), found.view.input(1).quantization)
    pool = Node(node.index, "SUM_POOL", 1, (found.image,), (sums,), {BLOCK_H: block[0], BLOCK_W: block[1]})
    dense = replace(
        node,
        op="FULLY_CONNECTED_SUMS",
        version=1,
        inputs=(sums, weights, _bias(found, fresh)),
        options={**node.options, "pixels": block[0] * block[1]},
    )
    gone = {id(each) for each in (*found.between, node)}
    nodes = [each for each in graph.nodes if id(each) not in gone or each is node]
    place = nodes.index(node)
    nodes[place : place + 1] = [pool, dense]
    return graph.with_tensors(fresh.tensors, nodes=tuple(nodes))


def _bias(found: DenseOfImage, fresh: Fresh) -> int:
    bias = found.view.optional_input(2)
    sums = found.weights.astype(np.int64).reshape(len(found.weights), -1).sum(axis=1)
    raw = np.zeros(len(sums), np.int64) if bias is None or bias.data is None else bias.data.reshape(-1).astype(np.int64)
    total = [wrap32(int(value)) for value in raw - zero_point(found.view.input(0)) * sums]
    like = bias or Tensor(NONE, f"{found.view.output().name}/bias", (), "int32")
    return fresh.add(like, np.array(total, np.int64), None if bias is None else bias.quantization)
