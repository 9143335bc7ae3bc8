"""Networks of known shapes with random weights: what a kernel costs does not depend on what was learned."""

from __future__ import annotations

import numpy as np

from testbench.nets import RELU, VALID, Net, to_tflite

_LOWEST = -128  # zero point of an activation that ends in RELU
_WEIGHT_SCALE = 0.013  # about what Net gives its weights
_SPREAD = 30.0  # standard deviation of the integer weights

MOBILENET = ((16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2), *[(128, 1)] * 5, (256, 2), (256, 1))
"""Channels and stride of the blocks of MobileNetV1 at width 0.25 (Howard et al., 2017, arXiv:1704.04861)."""

AUTOENCODER = (128, 128, 128, 128, 8, 128, 128, 128, 128, 640)
"""Neurons of the layers of MLPerf Tiny's anomaly detector; 640 inputs."""


class _Random:
    """Weights and output scales such that activations neither vanish nor saturate."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.random = np.random.default_rng(1)

    def weights(self, *shape: int) -> np.ndarray:
        return np.clip(np.rint(self.random.normal(0, _SPREAD, shape)), -127, 127).astype(np.int8)

    def scale(self, x: int, taps: int) -> float:
        quantization = self.net.tensors[x].quantization
        scale_in = quantization.scale if quantization else 1.0
        spread = 60 * scale_in * _SPREAD * _WEIGHT_SCALE * taps**0.5  # of the sums, for inputs that spread by 60
        return float(spread * 3 / 255)


def mobilenet() -> bytes:
    """MobileNetV1-0.25 on 96x96x3, two classes: the shapes of MLPerf Tiny's visual wake words."""
    net = Net()
    draw = _Random(net)
    x = net.input((1, 96, 96, 3), 1 / 255, _LOWEST)
    x = net.conv(x, draw.weights(8, 3, 3, 3), [0] * 8, draw.scale(x, 27), _LOWEST, stride=2, act=RELU)
    for channels, stride in MOBILENET:
        deep = net.tensors[x].shape[3]
        kernel = draw.weights(1, 3, 3, deep)
        x = net.conv(x, kernel, [0] * deep, draw.scale(x, 9), _LOWEST, stride=stride, act=RELU, depthwise=True)
        x = net.conv(x, draw.weights(channels, 1, 1, deep), [0] * channels, draw.scale(x, deep), _LOWEST, act=RELU)
    x = net.reshape(net.pool(x, 3, 3, average=True, padding=VALID), (1, 256))
    x = net.dense(x, draw.weights(2, 256), [0] * 2, draw.scale(x, 256))
    return to_tflite(net.graph(net.op("SOFTMAX", [x], (1, 2), 1 / 256, _LOWEST, 2, beta=1.0)))


def autoencoder() -> bytes:
    """The fully-connected network 640-128x4-8-128x4-640: the shapes of MLPerf Tiny's anomaly detection."""
    net = Net()
    draw = _Random(net)
    x = net.input((1, 640), 0.3, 0)
    width = 640
    for index, neurons in enumerate(AUTOENCODER):
        last = index == len(AUTOENCODER) - 1
        zero, activation = (0, 0) if last else (_LOWEST, RELU)
        x = net.dense(x, draw.weights(neurons, width), [0] * neurons, draw.scale(x, width), zero, activation)
        width = neurons
    return to_tflite(net.graph(x))
