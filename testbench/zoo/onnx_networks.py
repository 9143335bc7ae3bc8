"""Networks as PyTorch exports them to ONNX, channels first: `NETWORKS[name](Net())`. Runs where the package onnx is.

`python onnx_networks.py FOLDER NAME.onnx ...` writes them.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPSET = 17
SEED = 5
VOCABULARY = 8
"""Integer inputs are below this."""


class Net:
    """An ONNX graph that grows by one node after another; values go by their names."""

    def __init__(self) -> None:
        self._onnx = importlib.import_module("onnx")
        self._random = np.random.default_rng(SEED)
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._inputs: list[Any] = []
        self.inputs: dict[str, tuple[str, tuple[int, ...]]] = {}
        """Type and shape by name."""

    def input(self, *shape: int, dtype: str = "FLOAT") -> str:
        """A new input."""
        name = f"input_{len(self._inputs)}"
        kind = self._onnx.TensorProto.DataType.Value(dtype)
        self._inputs.append(self._onnx.helper.make_tensor_value_info(name, kind, shape))
        self.inputs[name] = (dtype, shape)
        return name

    def constant(self, values: NDArray[Any]) -> str:
        """A new constant."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(self._onnx.numpy_helper.from_array(values, name))
        return name

    def ints(self, *values: int) -> str:
        """A shape, axes or the like."""
        return self.constant(np.array(values, np.int64))

    def weights(self, *shape: int, low: float | None = None, high: float = 1.0) -> str:
        """Random numbers, spread as wide as keeps values near 1, or evenly from `low` to `high`."""
        if low is not None:
            return self.constant(self._random.uniform(low, high, shape).astype(np.float32))
        wide = (2 / max(1, int(np.prod(shape[1:])))) ** 0.5
        return self.constant((wide * self._random.standard_normal(shape)).astype(np.float32))

    def op(self, kind: str, *inputs: str, outputs: int = 1, **options: Any) -> str:
        """A new node; its first output."""
        names = [f"{kind.lower()}_{len(self._nodes)}_{place}" for place in range(outputs)]
        self._nodes.append(self._onnx.helper.make_node(kind, inputs, names, **options))
        return names[0]

    def conv(self, x: str, channels: Sequence[int], kernel: Sequence[int], **options: Any) -> str:
        """Conv from channels[0] to channels[1], padded so that the size stays, or as options say."""
        groups = options.get("group", 1)
        options.setdefault("pads", [size // 2 for size in kernel] * 2)
        weights = self.weights(channels[1], channels[0] // groups, *kernel)
        return self.op("Conv", x, weights, self.weights(channels[1], low=-0.3, high=0.3), **options)

    def norm(self, x: str, channels: int) -> str:
        """BatchNormalization and a clip to 0..6."""
        ranges = ((0.5, 1.5), (-0.3, 0.3), (-0.3, 0.3), (0.5, 1.5))
        facts = [self.weights(channels, low=low, high=high) for low, high in ranges]
        low, high = (self.constant(np.array(value, np.float32)) for value in (0.0, 6.0))
        return self.op("Clip", self.op("BatchNormalization", x, *facts), low, high)

    def dense(self, x: str, before: int, after: int) -> str:
        """Gemm with transposed weights, as nn.Linear is exported."""
        return self.op("Gemm", x, self.weights(after, before), self.weights(after, low=-0.3, high=0.3), transB=1)

    def flat(self, x: str) -> str:
        """Everything but the batch in one dimension."""
        return self.op("Flatten", x, axis=1)

    def scores(self, x: str, before: int, classes: int = 4) -> str:
        """Dense and softmax."""
        return self.op("Softmax", self.dense(x, before, classes), axis=1)

    def finish(self, *outputs: str) -> bytes:
        """The .onnx file."""
        helper = self._onnx.helper
        ends = [helper.make_tensor_value_info(name, self._onnx.TensorProto.FLOAT, None) for name in outputs]
        graph = helper.make_graph(self._nodes, "net", self._inputs, ends, self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
        made: bytes = self._onnx.shape_inference.infer_shapes(model).SerializeToString()
        return made


def batch_norm(net: Net) -> bytes:
    """Convolutions with batch norm and ReLU6, pooling, flatten."""
    x = net.norm(net.conv(net.input(1, 3, 8, 8), (3, 6), (3, 3)), 6)
    x = net.op("MaxPool", net.norm(net.conv(x, (6, 8), (3, 3)), 8), kernel_shape=[2, 2], strides=[2, 2])
    return net.finish(net.scores(net.flat(x), 128))


def separable(net: Net) -> bytes:
    """Depthwise-separable."""
    x = net.norm(net.conv(net.input(1, 1, 10, 8), (1, 6), (3, 3), strides=[2, 2]), 6)
    x = net.norm(net.conv(x, (6, 6), (3, 3), group=6), 6)
    x = net.norm(net.conv(x, (6, 8), (1, 1)), 8)
    return net.finish(net.scores(net.flat(net.op("GlobalAveragePool", x)), 8))


def residual(net: Net) -> bytes:
    """A block that is added to what went in."""
    x = net.norm(net.conv(net.input(1, 3, 8, 8), (3, 4), (3, 3)), 4)
    x = net.op("Relu", net.op("Add", x, net.conv(x, (4, 4), (3, 3))))
    x = net.op("AveragePool", x, kernel_shape=[4, 4], strides=[4, 4])
    return net.finish(net.scores(net.flat(x), 16))


def causal(net: Net) -> bytes:
    """Dilated causal convolutions over time."""
    x = net.input(1, 4, 16)
    for before, dilation in ((4, 1), (6, 2), (6, 4)):
        pads = [2 * dilation, 0]
        x = net.op("Relu", net.conv(x, (before, 6), (3,), pads=pads, dilations=[dilation]))
    return net.finish(net.scores(net.flat(net.op("GlobalMaxPool", x)), 6))


def autoencoder(net: Net) -> bytes:
    """Dense layers alone."""
    x, before = net.input(1, 24), 24
    for after in (12, 3, 12):
        x, before = net.op("Relu", net.dense(x, before, after)), after
    return net.finish(net.dense(x, before, 24))


def two_inputs(net: Net) -> bytes:
    """An image and numbers about it; two outputs."""
    image, numbers = net.input(1, 2, 6, 6), net.input(1, 5)
    x = net.flat(net.norm(net.conv(image, (2, 4), (3, 3), strides=[2, 2]), 4))
    x = net.op("Concat", x, net.op("Tanh", net.dense(numbers, 5, 6)), axis=1)
    return net.finish(net.scores(x, 42), net.op("Sigmoid", net.dense(x, 42, 2)))


def upsampling(net: Net) -> bytes:
    """Nearest, bilinear, transposed convolution."""
    inputs = net.input(1, 2, 8, 8)
    x = net.norm(net.conv(inputs, (2, 4), (3, 3), strides=[2, 2]), 4)
    twice = net.constant(np.array([1, 1, 2, 2], np.float32))
    options = {"strides": [2, 2], "pads": [0, 0, 0, 0]}
    wide = net.op("ConvTranspose", x, net.weights(4, 3, 2, 2), net.weights(3, low=-0.3, high=0.3), **options)
    nearest = net.op(
        "Resize", x, "", twice, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"
    )
    linear = net.op("Resize", x, "", twice, mode="linear", coordinate_transformation_mode="half_pixel")
    x = net.op("Concat", nearest, linear, wide, inputs, axis=1)
    return net.finish(net.op("Sigmoid", net.conv(x, (13, 1), (1, 1))))


def _recurrent(net: Net, kind: str, gates: int, directions: int) -> str:
    x = net.op("Transpose", net.input(1, 4, 4), perm=[1, 0, 2])
    facts = [net.weights(directions, gates * 4, size, low=-0.6, high=0.6) for size in (4, 4)]
    bias = net.weights(directions, 2 * gates * 4, low=-0.3, high=0.3)
    options = {"hidden_size": 4, "direction": "forward" if directions == 1 else "bidirectional"}
    if kind == "GRU":
        options["linear_before_reset"] = 1
    states = net.op(kind, x, *facts, bias, outputs=2, **options)
    return net.op("Reshape", net.op("Transpose", states, perm=[2, 0, 1, 3]), net.ints(1, 4 * directions * 4))


def lstm(net: Net) -> bytes:
    """LSTM, with all of its states."""
    return net.finish(net.scores(_recurrent(net, "LSTM", 4, 1), 16))


def bidirectional(net: Net) -> bytes:
    """LSTM in both directions."""
    return net.finish(net.scores(_recurrent(net, "LSTM", 4, 2), 32))


def gru(net: Net) -> bytes:
    """GRU."""
    return net.finish(net.scores(_recurrent(net, "GRU", 3, 1), 16))


def _projected(net: Net, x: str, before: int, after: int) -> str:
    return net.op("Add", net.op("MatMul", x, net.weights(before, after)), net.weights(after, low=-0.3, high=0.3))


def _layer_norm(net: Net, x: str, size: int) -> str:
    scale, bias = net.weights(size, low=0.5, high=1.5), net.weights(size, low=-0.3, high=0.3)
    return net.op("LayerNormalization", x, scale, bias, axis=-1)


def attention(net: Net) -> bytes:
    """A transformer block of one head, layer norm, GELU by erf."""
    inputs = net.input(1, 6, 8)
    query, key, value = (_projected(net, inputs, 8, 8) for _ in range(3))
    found = net.op("MatMul", query, net.op("Transpose", key, perm=[0, 2, 1]))
    found = net.op("Softmax", net.op("Mul", found, net.constant(np.array(8**-0.5, np.float32))), axis=-1)
    x = _layer_norm(net, net.op("Add", inputs, net.op("MatMul", found, value)), 8)
    y = _projected(net, x, 8, 12)
    half, one, root = (net.constant(np.array(value, np.float32)) for value in (0.5, 1.0, 2**0.5))
    share = net.op("Add", net.op("Erf", net.op("Div", y, root)), one)
    y = _projected(net, net.op("Mul", net.op("Mul", y, share), half), 12, 8)
    return net.finish(_layer_norm(net, net.op("Add", x, y), 8))


def slopes(net: Net) -> bytes:
    """PReLU, LeakyReLU, ELU and hard-swish."""
    x = net.op("PRelu", net.conv(net.input(1, 2, 6, 6), (2, 4), (3, 3)), net.weights(4, 1, 1, low=0.0, high=0.3))
    x = net.op("LeakyRelu", net.conv(x, (4, 4), (1, 1)), alpha=0.2)
    x = net.op("HardSwish", net.op("Elu", net.conv(x, (4, 4), (1, 1))))
    return net.finish(net.dense(net.flat(x), 144, 4))


def squeeze_excite(net: Net) -> bytes:
    """Channels weighted by a gate."""
    x = net.conv(net.input(1, 2, 6, 6), (2, 8), (3, 3))
    x = net.op("Mul", x, net.op("Sigmoid", x))
    gate = net.op("Relu", net.conv(net.op("GlobalAveragePool", x), (8, 2), (1, 1)))
    x = net.op("Mul", x, net.op("Sigmoid", net.conv(gate, (2, 8), (1, 1))))
    return net.finish(net.scores(net.flat(net.op("GlobalAveragePool", x)), 8))


def softmax_axis(net: Net) -> bytes:
    """Softmax over time, which is not the last axis."""
    inputs = net.input(1, 6, 5)
    x = net.op("Mul", inputs, net.op("Softmax", _projected(net, inputs, 5, 5), axis=1))
    return net.finish(net.dense(net.flat(x), 30, 3))


def group_norm(net: Net) -> bytes:
    """Group normalization as it is exported: InstanceNormalization of groups."""
    x = net.op("Reshape", net.conv(net.input(1, 2, 6, 6), (2, 4), (3, 3)), net.ints(0, 2, -1))
    x = net.op("InstanceNormalization", x, *(net.constant(np.full(2, value, np.float32)) for value in (1.0, 0.0)))
    x = net.op("Mul", net.op("Reshape", x, net.ints(1, 4, 6, 6)), net.weights(4, 1, 1, low=0.5, high=1.5))
    return net.finish(net.scores(net.flat(net.op("Relu", x)), 144))


def embedding(net: Net) -> bytes:
    """Words to vectors, and a convolution over them."""
    x = net.op("Gather", net.weights(VOCABULARY, 6, low=-1.0), net.input(1, 7, dtype="INT64"))
    x = net.op("Relu", net.conv(net.op("Transpose", x, perm=[0, 2, 1]), (6, 5), (3,)))
    return net.finish(net.scores(net.flat(net.op("GlobalAveragePool", x)), 5))


NETWORKS: dict[str, Callable[[Net], bytes]] = {
    make.__name__: make
    for make in (batch_norm, separable, residual, causal, autoencoder, two_inputs, upsampling, lstm, bidirectional,
                 gru, attention, slopes, squeeze_excite, softmax_axis, group_norm, embedding)
}  # fmt: skip

if __name__ == "__main__":
    for path in map(Path(sys.argv[1]).joinpath, sys.argv[2:]):
        path.write_bytes(NETWORKS[path.stem](Net()))
