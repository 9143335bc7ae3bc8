"""Memory problems for tests, made from a few numbers instead of a model."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from edgewright.compiler.ir import Buffer, Schedule, Step
from edgewright.kernels.call import Call, Scratch
from edgewright.tflite.graph import Graph, Node, Tensor, View


def schedule(
    sizes: Sequence[int],
    steps: Sequence[tuple[Sequence[int], Sequence[int], Mapping[int, int], int]],
    inputs: Sequence[int] = (0,),
    outputs: Sequence[int] = (),
) -> Schedule:
    """Tensors 0, 1 ... of `sizes` bytes; steps as (inputs, outputs, overlap, scratch bytes)."""
    outputs = outputs or (len(sizes) - 1,)
    tensors = {n: Tensor(n, f"t{n}", (size,), "int8") for n, size in enumerate(sizes)}
    nodes = tuple(Node(n, "CONV_2D", 1, tuple(s[0]), tuple(s[1])) for n, s in enumerate(steps))
    graph = Graph("test", "", tensors, nodes, tuple(inputs), tuple(outputs))
    lowered = tuple(_step(View(graph, node), s[2], s[3]) for node, s in zip(nodes, steps, strict=True))
    return Schedule(lowered, tuple(_buffer(graph, n) for n in tensors))


def _step(view: View, overlap: Mapping[int, int], scratch: int) -> Step:
    arguments = (Scratch("scratch", scratch),) if scratch else ()
    return Step(view, "ref", (Call("conv_2d_s8_ref", "ew_conv_2d_s8_shape", (), arguments),), 0, overlap)


def _buffer(graph: Graph, tensor: int) -> Buffer:
    first = next((n for n, node in enumerate(graph.nodes) if tensor in node.outputs), -1)
    last = max([n for n, node in enumerate(graph.nodes) if tensor in node.inputs], default=first)
    is_output = tensor in graph.outputs
    return Buffer(
        tensor, (tensor,), graph.tensors[tensor].bytes, first, len(graph.nodes) if is_output else last,
        graph.inputs.index(tensor) if tensor in graph.inputs else None,
        graph.outputs.index(tensor) if is_output else None,
    )  # fmt: skip


def random_problem(seed: int, steps: int, grain: int = 16, largest: int = 6) -> Schedule:
    """A random network: most steps read the newest tensor, some an older one too; some overlap, some want scratch."""
    source = random.Random(seed)  # noqa: S311
    sizes = [grain * source.randint(1, largest) for _ in range(steps + 1)]
    made = []
    for number in range(steps):
        read = {number, source.randint(max(0, number - 6), number)} if source.random() < 0.4 else {number}
        overlap = {
            index: grain * source.randint(-1, sizes[number + 1] // grain)
            for index in range(len(read))
            if source.random() < 0.7
        }
        scratch = grain * source.randint(1, 3) if source.random() < 0.2 else 0
        made.append((sorted(read, reverse=True), [number + 1], overlap, scratch))
    return schedule(sizes, made)
