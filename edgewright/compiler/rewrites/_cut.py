"""Channels that nobody reads are cut out of tensors, weights and biases; constant ones leave their share behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edgewright.compiler.rewrites._edit import Fresh
from edgewright.compiler.rewrites._liveness import Mask
from edgewright.compiler.rewrites._ranges import Ranges, channels_of
from edgewright.kernels.quant import wrap32, zero_point
from edgewright.tflite.graph import NONE, Graph, Node, Quantization, Tensor, View


def cut(graph: Graph, live: Mapping[int, Mask], ranges: Ranges) -> Graph:
    """The graph with the channels that `live` marks, and no others."""
    fresh = Fresh(graph)
    nodes = tuple(_node(view, live, ranges, fresh) for view in graph.views())
    thinner = [_thinner(graph.tensors[number], mask) for number, mask in live.items() if not mask.all()]
    return graph.with_tensors([*thinner, *fresh.tensors], nodes=nodes)


def _thinner(tensor: Tensor, mask: Mask) -> Tensor:
    data = tensor.data
    if data is not None:
        data = np.ascontiguousarray(data[..., mask])
        data.setflags(write=False)
    return replace(tensor, shape=(*tensor.shape[:-1], int(mask.sum())), data=data)


def _node(view: View, live: Mapping[int, Mask], ranges: Ranges, fresh: Fresh) -> Node:
    numbers = [number for number in (*view.node.inputs[:1], *view.node.outputs) if number in live]
    if all(live[number].all() for number in numbers):
        return view.node
    if view.node.op in ("CONV_2D", "FULLY_CONNECTED", "DEPTHWISE_CONV_2D"):
        return _weighted(view, live, ranges, fresh)
    if view.node.op == "RESHAPE":
        return _reshape(view, live, fresh)
    return view.node


def _reshape(view: View, live: Mapping[int, Mask], fresh: Fresh) -> Node:
    shape = (*view.output().shape[:-1], int(live[view.node.outputs[0]].sum()))
    wanted = view.optional_input(1)
    inputs = view.node.inputs
    if wanted is not None:
        inputs = (inputs[0], fresh.add(wanted, np.array(shape), wanted.quantization), *inputs[2:])
    options = {**view.node.options, "new_shape": shape} if "new_shape" in view.node.options else view.node.options
    return replace(view.node, inputs=inputs, options=options)


def _weighted(view: View, live: Mapping[int, Mask], ranges: Ranges, fresh: Fresh) -> Node:
    source, rows = live[view.node.inputs[0]], live[view.node.outputs[0]]
    weights, axis = view.input(1), 3 if view.node.op == "DEPTHWISE_CONV_2D" else 0
    if weights.data is None:
        raise ValueError("weights were checked to be constant")
    data = np.compress(rows, weights.data, axis=axis)
    if axis == 0:
        places = np.tile(source, weights.shape[-1] // len(source))  # an image may be read as one flat row
        data = np.compress(places, data, axis=-1)
    scales = _thinner_scales(weights.quantization, rows)
    inputs = (view.node.inputs[0], fresh.add(weights, data, scales), *_bias(view, rows, source, ranges, fresh))
    return replace(view.node, inputs=inputs)


def _thinner_scales(of: Quantization | None, rows: Mask) -> Quantization | None:
    if of is None or not of.per_channel:
        return of
    return Quantization(of.scales[rows], of.zero_points[rows] if of.zero_points.size > 1 else of.zero_points, of.axis)


def _bias(view: View, rows: Mask, source: Mask, ranges: Ranges, fresh: Fresh) -> Iterator[int]:
    """The bias of the rows that stay, with the shares of the channels that go."""
    bias = view.optional_input(2)
    shares = _shares(view, source, ranges)
    if bias is None and not shares.any():
        yield from view.node.inputs[2:]
        return
    raw = np.zeros(len(rows), np.int64) if bias is None or bias.data is None else bias.data.reshape(-1).astype(np.int64)
    total = np.array([wrap32(int(value)) for value in (raw + shares)[rows]], np.int64)
    like = bias or Tensor(NONE, f"{view.output().name}/bias", (), "int32")
    yield fresh.add(like, total, None if bias is None else _thinner_scales(bias.quantization, rows))
    yield from view.node.inputs[3:]


def _shares(view: View, source: Mask, ranges: Ranges) -> NDArray[np.int64]:
    """int64 (output channels,): what the channels that go add to each accumulator, at every place.

    A channel that goes is constant, or has weights of zero only; where padding is read the constant is the zero point.
    """
    outputs = channels_of(view.output())
    weights = view.input(1).data
    if view.node.op == "DEPTHWISE_CONV_2D" or weights is None:
        return np.zeros(outputs, np.int64)
    given = ranges[view.node.inputs[0]]
    values = np.where(~source & (given.low == given.high), given.low - zero_point(view.input(0)), 0)
    sums = weights.astype(np.int64).reshape(outputs, -1, len(source)).sum(axis=1)
    return np.asarray(sums @ values, np.int64)
