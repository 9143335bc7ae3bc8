"""Random operators that repeat data or carry shapes and masks about: (network, input) -> output."""

from __future__ import annotations

from typing import Any

import numpy as np

from testbench.differential.builder import Value
from testbench.differential.network import Generator, Network


def reverse_v2(net: Network, x: Value) -> Value:
    """Along some neighbouring axes, as LiteRT asks."""
    first = net.between(0, len(x.shape) - 1)
    axes = list(range(first, net.between(first, min(first + 1, len(x.shape) - 1)) + 1))
    axes = [axis - len(x.shape) for axis in axes] if net.chance(0.3) else axes
    return net.builder.op("REVERSE_V2", [x, _ints(net, axes)], [_like(net, x)])


def broadcast_to(net: Network, x: Value) -> Value:
    """Dimensions of 1 repeated, one more in front at times."""
    ones = [1 if net.chance(0.5) else size for size in x.shape]
    taken = [slice(0, size) for size in ones]
    part = _slice(net, x, taken, ones)
    shape = [net.between(1, 3) if size == 1 else size for size in ones]
    return net.builder.op("BROADCAST_TO", [part, _ints(net, shape)], [_like(net, x, shape)])


def tile(net: Network, x: Value) -> Value:
    """Along any dimensions."""
    multiples = [net.pick(1, 1, 2, 3) for _ in x.shape]
    shape = [size * times for size, times in zip(x.shape, multiples, strict=True)]
    return net.builder.op("TILE", [x, _ints(net, multiples)], [_like(net, x, shape)])


def fill(net: Network, x: Value) -> Value:
    """With one element of the input."""
    value = _slice(net, x, [slice(0, 1)] * len(x.shape), [1] * len(x.shape))
    scalar = net.builder.op("RESHAPE", [value, net.builder.constant(np.zeros(0, np.int32))], [_like(net, x, ())])
    shape = [net.between(1, 4) for _ in range(net.between(1, 4))]
    return net.builder.op("FILL", [_ints(net, shape), scalar], [_like(net, x, shape)])


def gather_nd(net: Network, x: Value) -> Value:
    """Places along the first dimensions, at times computed ones."""
    depth, count = net.between(1, min(len(x.shape), 4)), net.between(1, 4)
    at = np.stack([net.random.integers(0, size, count) for size in x.shape[:depth]], axis=1).astype(np.int32)
    indices = net.builder.constant(at)
    y = _like(net, x, (count, *x.shape[depth:]))
    return net.builder.op("GATHER_ND", [x, indices], [y])


def embedding_lookup(net: Network, x: Value) -> Value:
    """Rows of the input, or of constant int8 that become float32."""
    count = net.between(1, 5)
    if x.dtype == "int8" and net.chance(0.3):
        table = net.builder.constant(net.int8((7, net.between(1, 5))), net.scale())
        y = net.builder.tensor((count, *table.shape[1:]), dtype="float32")
    else:
        table, y = x, _like(net, x, (count, *x.shape[1:]))
    indices = net.random.integers(0, table.shape[0], count).astype(np.int32)
    return net.builder.op("EMBEDDING_LOOKUP", [net.builder.constant(indices), table], [y])


def select_v2(net: Network, x: Value) -> Value:
    """Any of the three inputs broadcast."""
    parts = [_broadcastable(net, x.shape) for _ in range(2)]
    condition = net.input(parts[0], "bool")
    other = net.builder.tensor(parts[1], x.scale, x.zero_point, x.dtype)
    net.inputs.append(other)
    values = [x, other] if net.chance(0.5) else [other, x]
    return net.builder.op("SELECT_V2", [condition, *values], [_like(net, x)])


def select(net: Network, x: Value) -> Value:
    """A bool for each element or for each row."""
    condition = net.input(x.shape if net.chance(0.5) else x.shape[:1], "bool")
    other = net.builder.tensor(x.shape, x.scale, x.zero_point, x.dtype)
    net.inputs.append(other)
    return net.builder.op("SELECT", [condition, x, other], [_like(net, x)])


def shape(net: Network, x: Value) -> Value:
    """To int32."""
    y = net.builder.tensor((len(x.shape),), dtype="int32")
    return net.builder.op("SHAPE", [x], [y], out_type=2)


def zeros_like(net: Network, x: Value) -> Value:
    """Of the same type."""
    return net.builder.op("ZEROS_LIKE", [x], [_like(net, x)])


def broadcast_args(net: Network, _: Value) -> Value:
    """Of two constant shapes."""
    whole = [net.between(1, 5) for _ in range(net.between(1, 4))]
    cuts = ((0, 0), (0, 1), (1, 0))[net.between(0, 2)]  # one of them is whole: an output of no length is refused
    first, second = ([1 if net.chance(0.4) else n for n in whole][cut:] for cut in cuts)
    rank = max(len(first), len(second))
    return net.builder.op(
        "BROADCAST_ARGS", [_ints(net, first), _ints(net, second)], [net.builder.tensor((rank,), dtype="int32")]
    )


def cumsum(net: Network, x: Value) -> Value:
    """Either end, exclusive or not."""
    axes = [i for i, size in enumerate(x.shape) if size <= 15]
    axis = net.pick(*axes)
    y = _like(net, x)
    if x.dtype == "int8":
        y = net.output(x.shape, float(np.float32(x.scale * 2.0 ** net.random.uniform(-2, 4))))
    options: dict[str, Any] = {"exclusive": net.chance(0.5), "reverse": net.chance(0.5)}
    signed = axis - len(x.shape) if net.chance(0.3) else axis
    return net.builder.op("CUMSUM", [x, net.builder.constant(np.array(signed, np.int32))], [y], **options)


def dynamic_update_slice(net: Network, x: Value) -> Value:
    """At a place that is given, at times out of reach."""
    update = _like(net, x, [net.between(1, size) for size in x.shape])
    net.inputs.append(update)
    starts = _ints(net, [net.between(-2, size + 1) for size in x.shape])
    if net.chance(0.5):
        starts = net.builder.tensor((len(x.shape),), dtype="int32")
        net.inputs.append(starts)
    return net.builder.op("DYNAMIC_UPDATE_SLICE", [x, update, starts], [_like(net, x)])


def space_to_batch_nd(net: Network, x: Value) -> Value:
    """Blocks of 1 to 3 pixels with the padding that they need, of images and of sequences."""
    x = _sequence(net, x)
    spatial = len(x.shape) - 2
    blocks = [net.between(1, 3) for _ in range(spatial)]
    before = [net.between(0, 2) for _ in range(spatial)]
    after = [-(size + b) % block for size, b, block in zip(x.shape[1:-1], before, blocks, strict=True)]
    sizes = [(n + b + a) // k for n, b, a, k in zip(x.shape[1:-1], before, after, blocks, strict=True)]
    amounts = net.builder.constant(np.array([before, after], np.int32).T.copy())
    y = _like(net, x, (x.shape[0] * int(np.prod(blocks)), *sizes, x.shape[-1]))
    return net.builder.op("SPACE_TO_BATCH_ND", [x, _ints(net, blocks), amounts], [y])


def batch_to_space_nd(net: Network, x: Value) -> Value:
    """Blocks of 1 to 3 pixels, cropped; the input is repeated to have images enough."""
    x = _sequence(net, x)
    spatial = len(x.shape) - 2
    blocks = [net.between(1, 3) for _ in range(spatial)]
    count = int(np.prod(blocks))
    wide = _like(net, x, (x.shape[0] * count, *x.shape[1:]))
    many = net.builder.op("CONCATENATION", [x] * count, [wide], version=2, axis=0)
    sizes = [size * block for size, block in zip(x.shape[1:-1], blocks, strict=True)]
    before = [net.between(0, (size - 1) // 2) for size in sizes]
    after = [net.between(0, (size - 1) // 2) for size in sizes]
    left = [size - b - a for size, b, a in zip(sizes, before, after, strict=True)]
    amounts = net.builder.constant(np.array([before, after], np.int32).T.copy())
    y = _like(net, x, (x.shape[0], *left, x.shape[-1]))
    return net.builder.op("BATCH_TO_SPACE_ND", [many, _ints(net, blocks), amounts], [y])


def _sequence(net: Network, x: Value) -> Value:
    """At times without its second dimension."""
    if net.chance(0.6):
        return x
    flat = (x.shape[0], x.shape[1] * x.shape[2], x.shape[3])
    return net.builder.op("RESHAPE", [x, _ints(net, flat)], [_like(net, x, flat)])


def _slice(net: Network, x: Value, taken: list[slice], shape: list[int]) -> Value:
    begin = [part.start for part in taken]
    return net.builder.op("SLICE", [x, _ints(net, begin), _ints(net, shape)], [_like(net, x, shape)], version=2)


def _broadcastable(net: Network, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(1 if net.chance(0.3) else size for size in shape)


def _like(net: Network, x: Value, shape: Any = None) -> Value:
    return net.builder.tensor(x.shape if shape is None else tuple(shape), x.scale, x.zero_point, x.dtype)


def _ints(net: Network, values: Any) -> Value:
    return net.builder.constant(np.array(list(values), np.int32))


GENERATORS: dict[str, Generator] = {
    "REVERSE_V2": reverse_v2,
    "BROADCAST_TO": broadcast_to,
    "DYNAMIC_UPDATE_SLICE": dynamic_update_slice,
    "FILL": fill,
    "GATHER_ND": gather_nd,
    "EMBEDDING_LOOKUP": embedding_lookup,
    "SELECT_V2": select_v2,
    "SHAPE": shape,
    "ZEROS_LIKE": zeros_like,
    "BROADCAST_ARGS": broadcast_args,
    "CUMSUM": cumsum,
    "BATCH_TO_SPACE_ND": batch_to_space_nd,
}

LITERT: dict[str, Generator] = {"TILE": tile, "SELECT": select, "SPACE_TO_BATCH_ND": space_to_batch_nd}
"""SPACE_TO_BATCH_ND, for TensorFlow Lite Micro pads int8 with a number that it leaves unset."""
