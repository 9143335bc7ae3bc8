"""A small streaming model: what it keeps from one call to the next lies in a variable."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from testbench.differential.builder import ModelBuilder, Value

FRAME, FRAMES, CHANNELS = 4, 3, 5


def ring(first: bytes | None = None, scale: float = 0.25, zero: int = 7) -> bytes:
    """A streaming convolution: the last frames lie in a variable, the oldest goes when a new one comes."""
    net = ModelBuilder()
    x = net.tensor((1, 1, FRAME), scale, zero)
    if first is not None:
        once = net.subgraph()
        data = np.frombuffer(first, np.int8).reshape(1, FRAMES, FRAME)
        once.op("ASSIGN_VARIABLE", [once.handle("ring"), once.constant(data, scale, zero)], [])
        net.op("CALL_ONCE", [], [], init_subgraph_index=1)
    handle = net.handle("ring")
    old = net.op("READ_VARIABLE", [handle], [net.tensor((1, FRAMES, FRAME), scale, zero)])
    longer = net.op("CONCATENATION", [old, x], [net.tensor((1, FRAMES + 1, FRAME), scale, zero)], version=2, axis=1)
    places = [net.constant(np.array(v, np.int32)) for v in ((0, 1, 0), (1, FRAMES, FRAME))]
    newest = net.op("SLICE", [longer, *places], [net.tensor((1, FRAMES, FRAME), scale, zero)], version=2)
    net.op("ASSIGN_VARIABLE", [handle, newest], [])
    return net.finish([x], [_dense(net, newest)])


def running_sum(dtype: str = "float32") -> bytes:
    """What LiteRT's C interface loads too: a variable with a first content, and all that came since."""
    net, scale = ModelBuilder(), 0.1 if dtype == "int8" else 0.0
    shape, once = (1, FRAME), net.subgraph()
    zeros = once.constant(np.zeros(shape, dtype), scale or ())
    once.op("ASSIGN_VARIABLE", [once.handle("sum"), zeros], [])
    net.op("CALL_ONCE", [], [], init_subgraph_index=1)
    x, handle = net.tensor(shape, scale, dtype=dtype), net.handle("sum")
    old = net.op("READ_VARIABLE", [handle], [net.tensor(shape, scale, dtype=dtype)])
    new = net.op("ADD", [old, x], [net.tensor(shape, scale, dtype=dtype)], version=2 if scale else 1)
    net.op("ASSIGN_VARIABLE", [handle, new], [])
    return net.finish([x], [new])


def _dense(net: ModelBuilder, x: Value) -> Value:
    depth = int(np.prod(x.shape))
    weights = np.random.default_rng(1).integers(-128, 128, (CHANNELS, depth)).astype(np.int8)
    flat = net.op("RESHAPE", [x], [net.tensor((1, depth), x.scale, x.zero_point)])
    return net.op("FULLY_CONNECTED", [flat, net.constant(weights, 0.01)], [net.tensor((1, CHANNELS), 0.3, -3)], 4)


def stream(seed: int, length: int = 9) -> list[NDArray[np.int8]]:
    """Frames, one each call, of any int8 values."""
    return list(np.random.default_rng(seed).integers(-128, 128, (length, 1, 1, FRAME)).astype(np.int8))


FIRST = bytes(range(FRAMES * FRAME))
