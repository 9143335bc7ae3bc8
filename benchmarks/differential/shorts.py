"""Random operators on int16 that have no float32 kin of the same form: (network, input) -> output."""

from __future__ import annotations

import numpy as np

from benchmarks.differential.builder import Value
from benchmarks.differential.floats import resize
from benchmarks.differential.network import Generator, Network, broadcast, reduced


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


GENERATORS: dict[str, Generator] = {
    **{op: reduction(op) for op in ("MEAN", "SUM")},
    **{op: extremum(op) for op in ("MAXIMUM", "MINIMUM")},
    "RESIZE_NEAREST_NEIGHBOR": resize("RESIZE_NEAREST_NEIGHBOR"),
}
"""By operator, for TensorFlow Lite Micro."""

LITERT: dict[str, Generator] = {"REDUCE_MAX": reduction("REDUCE_MAX")}
"""By operator, for LiteRT's reference kernels."""
