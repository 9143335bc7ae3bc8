"""Random operators on int16 that have no float32 kin of the same form: (network, input) -> output."""

from __future__ import annotations

import numpy as np

from benchmarks.differential.builder import Value
from benchmarks.differential.floats import resize
from benchmarks.differential.network import Generator, Network, broadcast, reduced
from benchmarks.differential.typed import given


def reduction(op: str) -> Generator:
    """Over one or two dimensions."""

    def make(net: Network, x: Value) -> Value:
        axes, shape, keep = reduced(net, x)
        factor = 1.0 if op == "REDUCE_MAX" or net.chance(0.3) else 2.0 ** net.random.uniform(-3, 3)
        return net.builder.op(op, [x, axes], [_output(net, shape, x.scale * factor)], version=3, keep_dims=keep)

    return make


def extremum(op: str) -> Generator:
    """Of one scale; the second input may be broadcast."""

    def make(net: Network, x: Value) -> Value:
        other = _output(net, [size if net.chance(0.6) else 1 for size in x.shape], x.scale)
        net.inputs.append(other)
        y = _output(net, broadcast(x, other), x.scale)
        return net.builder.op(op, [x, other], [y], version=2)

    return make


def _output(net: Network, shape: object, scale: float) -> Value:
    return net.builder.tensor(tuple(shape), float(np.float32(scale)), 0, "int16")  # type: ignore[arg-type]


def batch_matmul(net: Network, x: Value) -> Value:
    """Either side transposed, the second one perhaps of one matrix alone."""
    adj_x, adj_y, columns = net.chance(0.5), net.chance(0.5), net.between(1, 5)
    rows, depth = (x.shape[3], x.shape[2]) if adj_x else x.shape[2:]
    outer = x.shape[:2] if net.chance(0.5) else (1, 1)
    other = given(net, x.dtype, *outer, *((columns, depth) if adj_y else (depth, columns)))
    scale = x.scale * other.scale * 2.0 ** net.random.uniform(8, 17)
    y = _output(net, (*x.shape[:2], rows, columns), scale)
    return net.builder.op("BATCH_MATMUL", [x, other], [y], version=4, adj_x=adj_x, adj_y=adj_y)


GENERATORS: dict[str, Generator] = {
    "BATCH_MATMUL": batch_matmul,
    **{op: reduction(op) for op in ("MEAN", "SUM")},
    **{op: extremum(op) for op in ("MAXIMUM", "MINIMUM")},
    "RESIZE_NEAREST_NEIGHBOR": resize("RESIZE_NEAREST_NEIGHBOR"),
}
"""By operator, for TensorFlow Lite Micro."""

LITERT: dict[str, Generator] = {"REDUCE_MAX": reduction("REDUCE_MAX")}
"""By operator, for LiteRT's reference kernels."""
