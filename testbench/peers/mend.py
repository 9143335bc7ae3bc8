"""The MLPerf Tiny files as stricter importers take them: the same numbers, said in more words.

What is computed stays, but for a SOFTMAX at the end, which is cut: a classifier's answer does not change by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from edgewright.tflite.graph import NONE, Graph, Node, Quantization, Tensor
from edgewright.tflite.reader import parse_model
from testbench.nets import to_tflite

_WITH_BIAS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


def mended(content: bytes, name: str) -> tuple[bytes, list[str]]:
    """(the file, what was changed in it, in words)."""
    graph = parse_model(content, name)
    said: list[str] = []
    if _has_open_batch(content):
        said.append("signature fixed (batch -1)")
    graph = _cut(graph, said)
    made = dict(_reshapes(graph, said))
    graph = graph.with_(nodes=tuple(made.get(node.index, node) for node in graph.nodes))
    return to_tflite(_with_biases(graph, said)), said


def _has_open_batch(content: bytes) -> bool:
    from tflite_micro import runtime

    schema = runtime.schema_fb
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    signatures = [tensor.shapeSignature for tensor in model.subgraphs[0].tensors]
    return any(signature is not None and -1 in signature for signature in signatures)


def _cut(graph: Graph, said: list[str]) -> Graph:
    last = graph.nodes[-1]
    if last.op != "SOFTMAX":
        return graph
    said.append("SOFTMAX cut")
    return graph.with_(nodes=graph.nodes[:-1], outputs=last.inputs[:1])


def _reshapes(graph: Graph, said: list[str]) -> Iterator[tuple[int, Node]]:
    for node in graph.nodes:
        if node.op == "RESHAPE" and not node.options.get("new_shape"):
            said.append("options of RESHAPE added")
            yield node.index, replace(node, options={"new_shape": graph.tensors[node.outputs[0]].shape})


def _with_biases(graph: Graph, said: list[str]) -> Graph:
    """Each layer with a bias, and each bias with its scale, which is that of input and weights."""
    tensors, nodes, new = dict(graph.tensors), [], graph.new_id()
    for node in graph.nodes:
        if node.op in _WITH_BIAS:
            number = node.inputs[2] if len(node.inputs) > 2 else NONE
            if number == NONE:
                number, new = new, new + 1
                channels = tensors[node.outputs[0]].shape[-1]
                tensors[number] = _no_bias(number, channels)
                _say(said, f"bias of {node.op} added")
            if tensors[number].quantization is None:
                tensors[number] = replace(tensors[number], quantization=_of_bias(graph, node))
                _say(said, "scales of biases added")
            nodes.append(replace(node, inputs=(*node.inputs[:2], number)))
        else:
            nodes.append(node)
    return graph.with_(tensors=tensors, nodes=tuple(nodes))


def _no_bias(number: int, channels: int) -> Tensor:
    return Tensor(number, f"bias_{number}", (channels,), "int32", None, np.zeros(channels, np.int32))


def _say(said: list[str], words: str) -> None:
    if words not in said:
        said.append(words)


def _of_bias(graph: Graph, node: Node) -> Quantization:
    x, weights = (graph.tensors[number].quantization for number in node.inputs[:2])
    if x is None or weights is None:
        raise ValueError(f"{node.op} {node.index} is not quantized")
    scales = np.float32(x.scale) * weights.scales
    return Quantization(scales, np.zeros(scales.shape, np.int64))
