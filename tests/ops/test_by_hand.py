"""Cases at the ends of what operators take, against TensorFlow Lite Micro."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from testbench.differential.builder import Value
from testbench.differential.network import Network
from testbench.differential.oracle import Oracle
from tests.ops.batch import Case, assert_bit_exact

Make = Callable[[Network], Value]


def _const(net: Network, data: object, scales: object = 1.0, axis: int = 0, dtype: str = "int8") -> Value:
    return net.builder.constant(np.asarray(data, dtype), scales, axis=axis)  # type: ignore[arg-type]


def _input(net: Network, shape: tuple[int, ...], scale: float = 0.5, zero_point: int = 0, dtype: str = "int8") -> Value:
    value = net.builder.tensor(shape, scale if dtype == "int8" else 0.0, zero_point, dtype)
    net.inputs.append(value)
    return value


def _conv(
    net: Network,
    x: Value,
    weights: NDArray[Any],
    bias: list[int] | None,
    out: Value,
    scales: object = 1.0,
    **options: int,
) -> Value:
    values = {"padding": 1, "stride_h": 1, "stride_w": 1, "dilation_h_factor": 1, "dilation_w_factor": 1}
    inputs = [x, _const(net, weights, scales)] + ([_const(net, bias, 1.0, dtype="int32")] if bias else [])
    return net.builder.op("CONV_2D", inputs, [out], version=3, **(values | options))


def _conv_extreme(zero: int, weight: int, factor: float, bias: int, activation: int = 0) -> Make:
    def make(net: Network) -> Value:
        x = _input(net, (1, 3, 3, 5), 1.0, zero)
        out = net.builder.tensor((1, 2, 2, 3), 1 / factor, zero)
        weights = np.full((3, 2, 2, 5), weight)
        return _conv(net, x, weights, [bias, -bias, 0], out, fused_activation_function=activation)

    return make


def _matmul(net: Network) -> Value:
    x, y = _input(net, (3, 4), 0.5, 7), net.builder.tensor((3, 5), 1.5, -3)
    weights = _const(net, net.int8((4, 5)), [0.03] * 4)
    return net.builder.op("BATCH_MATMUL", [x, weights], [y], adj_x=False, adj_y=False)


def _conv_per_channel_shifts(net: Network) -> Value:
    x = _input(net, (1, 1, 1, 1), 1.0, 5)
    scales = [2.0**power for power in (-40, -31, -30, -20, -1, 0, 1, 7, 20)]
    out = net.builder.tensor((1, 1, 1, 9), 1.0, -3)
    return _conv(net, x, np.full((9, 1, 1, 1), 77), list(range(-4, 5)), out, scales)


def _conv_window(size: tuple[int, int], window: tuple[int, int], stride: int, padding: int, dilation: int = 1) -> Make:
    def make(net: Network) -> Value:
        x = _input(net, (1, *size, 1), 0.5, -128)
        spans = [(k - 1) * dilation + 1 for k in window]
        pairs = zip(size, spans, strict=True)
        pixels = [-(-n // stride) if padding == 0 else (n - span) // stride + 1 for n, span in pairs]
        out = net.builder.tensor((1, *pixels, 1), 64.0, -128)
        more = {"dilation_h_factor": dilation, "dilation_w_factor": dilation, "padding": padding}
        weights = net.random.integers(-128, 128, (1, *window, 1))
        return _conv(net, x, weights, None, out, stride_h=stride, stride_w=stride, **more)

    return make


def _grouped(net: Network) -> Value:
    x = _input(net, (2, 4, 3, 6), 0.5, 11)
    out = net.builder.tensor((2, 4, 3, 9), 60.0, -7)
    weights = net.random.integers(-128, 128, (9, 3, 3, 2))
    return _conv(net, x, weights, [9] * 9, out, padding=0)


def _fully_connected(factor: float, depth: int, out_c: int, bias: int) -> Make:
    def make(net: Network) -> Value:
        x = _input(net, (2, depth), 0.3, -128)
        weights = _const(net, net.random.integers(-128, 128, (out_c, depth)), 0.7)
        biases = _const(net, [bias] * out_c, 0.3 * 0.7, dtype="int32")
        out = net.builder.tensor((2, out_c), 0.3 * 0.7 / factor, 3)
        return net.builder.op("FULLY_CONNECTED", [x, weights, biases], [out], version=4)

    return make


def _unary(op: str, scale: float, zero: int, out_scale: float, out_zero: int, **options: float) -> Make:
    def make(net: Network) -> Value:
        x = _input(net, (256,), scale, zero)
        return net.builder.op(op, [x], [net.builder.tensor((256,), out_scale, out_zero)], version=2, **options)

    return make


def _softmax(shape: tuple[int, ...], scale: float, beta: float = 1.0) -> Make:
    def make(net: Network) -> Value:
        x = _input(net, shape, scale, 9)
        return net.builder.op("SOFTMAX", [x], [net.builder.tensor(shape, 1 / 256, -128)], version=2, beta=beta)

    return make


def _mean(shape: tuple[int, ...], axes: list[int], keep: bool, factor: float, zero: int) -> Make:
    def make(net: Network) -> Value:
        x = _input(net, shape, 0.5, 4)
        reduced = {axis % len(shape) for axis in axes}
        left = [1 if i in reduced else n for i, n in enumerate(shape) if keep or i not in reduced]
        out = net.builder.tensor(left, 0.5 / factor, zero)
        return net.builder.op("MEAN", [x, _const(net, axes, (), dtype="int32")], [out], version=2, keep_dims=keep)

    return make


def _binary(op: str, a: tuple[int, ...], b: tuple[int, ...], out_scale: float, activation: int = 0) -> Make:
    def make(net: Network) -> Value:
        out = net.builder.tensor(np.broadcast_shapes(a, b), out_scale, -128)
        inputs = [_input(net, a, 1.0, -128), _input(net, b, 1 / 64, 127)]
        return net.builder.op(op, inputs, [out], fused_activation_function=activation)

    return make


def _reshape_from_end_to_end(net: Network) -> Value:
    x = _input(net, (2, 6), 0.5, 0)
    return net.builder.op("RESHAPE", [x], [net.builder.tensor((3, 4), 0.5, 0)])


def _alias_in_the_middle(net: Network) -> Value:
    x = net.builder.op("RELU6", [_input(net, (2, 6), 0.5, 0)], [net.builder.tensor((2, 6), 0.5, 0)])
    y = net.builder.op("RESHAPE", [x], [net.builder.tensor((12,), 0.5, 0)])
    z = net.builder.op("RELU", [y], [net.builder.tensor((12,), 0.25, 0)])
    return net.builder.op("ADD", [y, z], [net.builder.tensor((12,), 0.5, 0)])


def _quantize_float(net: Network) -> Value:
    x = _input(net, (400,), dtype="float32")
    return net.builder.op("QUANTIZE", [x], [net.builder.tensor((400,), 0.125, -5)])


def _dequantize(net: Network) -> Value:
    x = net.builder.op("RELU6", [_input(net, (37,), 0.3, 7)], [net.builder.tensor((37,), 0.3, 7)])
    return net.builder.op("DEQUANTIZE", [x], [net.builder.tensor((37,), dtype="float32")], version=2)


def _constant_operands(net: Network) -> Value:
    x = _input(net, (3, 4), 0.5, 1)
    y = net.builder.op("ADD", [x, _const(net, 50, 0.25)], [net.builder.tensor((3, 4), 0.5, 1)])
    return net.builder.op("MUL", [_const(net, [1, -128, 127, 0], 0.1), y], [net.builder.tensor((3, 4), 2.0, 1)])


def _cat(net: Network) -> Value:
    a, b, c = _input(net, (1, 3, 2)), _input(net, (1, 1, 2)), _const(net, [[[7, 8]]], 0.5)
    return net.builder.op("CONCATENATION", [a, b, c, a], [net.builder.tensor((1, 8, 2), 0.5, 0)], version=2, axis=-2)


def _pad(shape: tuple[int, ...], paddings: list[list[int]], scale: float = 0.5, zero: int = -100) -> Make:
    def make(net: Network) -> Value:
        x = _input(net, shape, 0.5, -100)
        out = [n + before + after for n, (before, after) in zip(shape, paddings, strict=True)]
        values = _const(net, paddings, (), dtype="int32")
        return net.builder.op("PAD", [x, values], [net.builder.tensor(out, scale, zero)])

    return make


BY_HAND: dict[str, Make] = {
    "matmul: one scale, written for each channel": _matmul,
    "conv: all weights -128, zero point 127": _conv_extreme(127, -128, 2.0**-14, 1000),
    "conv: all weights 127, zero point -128, RELU6": _conv_extreme(-128, 127, 2.0**-10, -50, activation=3),
    "conv: bias at the end of int32": _conv_extreme(0, 127, 2.0**-28, (1 << 31) - 1),
    "conv: bias of 2^30 and a factor above 1": _conv_extreme(5, 3, 1.7, 1 << 30),
    "conv: factor that is flushed to 0": _conv_extreme(5, 3, 2.0**-34, 1 << 20),
    "conv: RELU_N1_TO_1": _conv_extreme(5, 3, 0.01, 7, activation=2),
    "conv: shifts at both ends": _conv_per_channel_shifts,
    "conv: stride beyond the window": _conv_window((7, 5), (2, 1), 3, padding=1),
    "conv: window beyond the image": _conv_window((2, 3), (5, 7), 1, padding=0),
    "conv: one pixel": _conv_window((1, 1), (3, 3), 2, padding=0),
    "conv: dilated beyond the image": _conv_window((3, 4), (3, 3), 1, padding=0, dilation=3),
    "conv: dilated": _conv_window((9, 8), (3, 2), 2, padding=1, dilation=2),
    "conv: groups and batch": _grouped,
    "fully connected: factor of 2": _fully_connected(2.0, 3, 1, 5),
    "fully connected: five channels": _fully_connected(0.001, 70, 5, -200),
    "fully connected: saturated": _fully_connected(0.9, 64, 8, 1 << 28),
    "relu: factor below 1": _unary("RELU", 0.01, 128 - 1, 0.3, -5),
    "relu: factor above 1": _unary("RELU", 3.0, -128, 0.01, 127),
    "relu6: six beyond int8": _unary("RELU6", 0.01, 100, 0.01, 100),
    "relu6": _unary("RELU6", 0.1, -128, 0.1, -128),
    "leaky: alpha 0": _unary("LEAKY_RELU", 0.1, 3, 0.2, -5, alpha=0.0),
    "leaky: alpha below 0": _unary("LEAKY_RELU", 0.1, 3, 0.05, -5, alpha=-1.5),
    "leaky: alpha above 1": _unary("LEAKY_RELU", 0.1, 3, 0.3, -5, alpha=3.0),
    "logistic: coarse": _unary("LOGISTIC", 2.0, 0, 1 / 256, -128),
    "logistic: fine": _unary("LOGISTIC", 0.001, -128, 1 / 256, -128),
    "logistic": _unary("LOGISTIC", 0.0625, 17, 1 / 256, -128),
    "quantize: coarser": _unary("QUANTIZE", 0.1, 3, 0.7, -60),
    "quantize: finer": _unary("QUANTIZE", 0.7, 3, 0.1, 60),
    "quantize: float32": _quantize_float,
    "dequantize": _dequantize,
    "softmax: one class": _softmax((3, 1), 0.1),
    "softmax: flat": _softmax((1, 300), 1e-6),
    "softmax: steep": _softmax((2, 10), 8.0),
    "softmax: beta": _softmax((2, 3, 5), 0.05, 0.3),
    "mean: all": _mean((2, 3, 4), [0, 1, 2], False, 1.0, 4),
    "mean: negative and double axes": _mean((2, 3, 4, 5), [-1, 3], True, 0.5, -9),
    "mean: same scale": _mean((1, 5, 5, 3), [1, 2], True, 1.0, 4),
    "mean: image": _mean((1, 7, 3, 6), [1, 2], True, 1.3, 100),
    "mean: kept and reduced in turn": _mean((2, 3, 5, 3), [0, 2], True, 0.8, 7),
    "mean: first": _mean((4, 6), [0], False, 3.0, -128),
    "add: scalar": _binary("ADD", (2, 3, 4), (), 0.5),
    "add: both broadcast": _binary("ADD", (3, 1, 4), (1, 5, 1), 0.01, 1),
    "add: four loops": _binary("ADD", (2, 1, 3, 1), (1, 2, 1, 3), 2.0, 3),
    "mul: factor of 2": _binary("MUL", (3, 4), (3, 4), 1 / 128),
    "mul: both broadcast": _binary("MUL", (2, 1, 3, 1), (4, 1, 5), 1.0, 3),
    "reshape: end to end": _reshape_from_end_to_end,
    "reshape: in the middle": _alias_in_the_middle,
    "constants as operands": _constant_operands,
    "concatenation": _cat,
    "pad: nothing": _pad((2, 3), [[0, 0], [0, 0]]),
    "pad: every side": _pad((2, 1, 3, 2), [[1, 0], [2, 3], [0, 1], [1, 1]]),
    "pad: to another scale, which copies the bytes": _pad((2, 3), [[1, 0], [0, 2]], 0.4, -90),
    "pad: one dimension": _pad((5,), [[2, 4]]),
}


GROUPS = 6


@pytest.mark.parametrize("group", range(GROUPS))
def test_by_hand(group: int, tmp_path: Path, oracle: Oracle) -> None:
    net = Network(np.random.default_rng(4))
    names = sorted(BY_HAND)[group::GROUPS]
    assert_bit_exact(net, [Case(name, BY_HAND[name](net)) for name in names], tmp_path, oracle)
