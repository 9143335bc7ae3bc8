"""Channels that are constant or not read go, through every operator, and no output changes by a bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright.compiler.check import check
from edgewright.compiler.rewrites import ORDER, rewrite
from edgewright.compiler.rewrites._ranges import ranges_of
from edgewright.tflite.graph import Graph
from testbench.nets import RELU, VALID, Net
from tests.compiler.test_rewrites import assert_exact

RNG = np.random.default_rng
ONLY = frozenset(ORDER) - {"remove_channels"}
DEAD = -(1 << 20)
"""A bias that keeps a ReLU shut."""


def smaller(graph: Graph) -> tuple[Graph, dict[int, int]]:
    """The graph after the rewrite, and how many channels each operator lost."""
    made, done = rewrite(graph, ONLY)
    check(made)
    return made, {layer["operator"]: layer["channels"] for layer in done[-1].get("layers", [])}


def conv_weights(seed: int, *shape: int, zero: tuple[int, ...] = ()) -> np.ndarray:
    weights = RNG(seed).integers(-127, 128, shape)
    weights[list(zero)] = 0
    return weights


def biases(seed: int, count: int, dead: tuple[int, ...] = ()) -> np.ndarray:
    bias = RNG(seed).integers(-3000, 3000, count)
    bias[list(dead)] = DEAD
    return bias


def first(net: Net, dead: tuple[int, ...] = (1, 4), zero: tuple[int, ...] = (), zero_point: int = -128) -> int:
    x = net.input((1, 6, 6, 2), 0.05, 3)
    return net.conv(x, conv_weights(1, 6, 3, 3, 2, zero=zero), biases(2, 6, dead), 0.4, zero_point, act=RELU)


def padded_conv(net: Net, x: int) -> int:
    return net.conv(x, conv_weights(3, 5, 3, 3, 6), biases(4, 5), 8.0)


def valid_conv(net: Net, x: int) -> int:
    return net.conv(x, conv_weights(3, 5, 3, 3, 6), biases(4, 5), 8.0, padding=VALID)


def without_bias(net: Net, x: int) -> int:
    return net.conv(x, conv_weights(3, 5, 1, 1, 6), None, 4.0)


def flatten_dense(net: Net, x: int) -> int:
    x = net.pool(x, 2, 2)
    return net.dense(net.reshape(x, (1, 54)), RNG(5).integers(-127, 128, (7, 54)), biases(6, 7), 8.0)


def dense_of_image(net: Net, x: int) -> int:
    return net.dense(net.pool(x, 2, 2, average=True), RNG(5).integers(-127, 128, (7, 54)), None, 8.0)


def through_depthwise(net: Net, x: int) -> int:
    x = net.conv(x, conv_weights(7, 1, 3, 3, 12), biases(8, 12), 2.0, -128, act=RELU, depthwise=True)
    return net.conv(x, conv_weights(9, 4, 1, 1, 12), biases(10, 4), 16.0)


def through_mean(net: Net, x: int) -> int:
    x = net.op("MEAN", [x, net.const([1, 2])], (1, 6), 0.3, -100, 2, keep_dims=False)
    return net.dense(x, RNG(11).integers(-127, 128, (3, 6)), None, 1.0)


def through_pad_and_lookup(net: Net, x: int) -> int:
    x = net.pad(net.op("LEAKY_RELU", [x], (1, 6, 6, 6), 0.5, -90, alpha=0.1), [[0, 0], [1, 0], [0, 1], [0, 0]])
    return net.conv(net.pool(x, 7, 7, average=True), conv_weights(12, 3, 1, 1, 6), None, 2.0)


def through_concatenation(net: Net, x: int) -> int:
    both = net.concat([x, net.pool(x, 3, 1, padding=0)])
    return net.conv(both, conv_weights(13, 4, 1, 1, 12), biases(14, 4), 8.0)


NETS = {
    "zero-point-padded": (padded_conv, {"dead": (1, 4)}, 2),
    "other-constant-valid": (valid_conv, {"dead": (), "zero": (0, 5)}, 2),
    "other-constant-padded": (padded_conv, {"dead": (), "zero": (0, 5)}, 0),
    "without-bias": (without_bias, {"dead": (), "zero": (0, 2), "zero_point": -50}, 2),
    "flatten-dense": (flatten_dense, {"zero": (0,)}, 3),
    "dense-of-image": (dense_of_image, {}, 2),
    "depthwise": (through_depthwise, {}, 2),
    "mean": (through_mean, {"zero": (0,)}, 3),
    "pad-and-lookup": (through_pad_and_lookup, {}, 2),
    "concatenation": (through_concatenation, {"zero": (0,)}, 3),
}


@pytest.mark.parametrize("name", NETS)
def test_constant_channels_go(name: str, tmp_path: Path) -> None:
    rest, options, lost = NETS[name]
    net = Net()
    graph = net.graph(rest(net, first(net, **options)))
    assert smaller(graph)[1].get(0, 0) == lost
    assert_exact(graph, tmp_path, "remove_channels")


def residual(second_dead: tuple[int, ...]) -> Graph:
    net = Net()
    x = first(net, dead=(1, 4))
    y = net.conv(x, conv_weights(3, 6, 3, 3, 6), biases(4, 6, second_dead), 8.0, -128, act=RELU)
    z = net.add(x, y, 8.0, -128, act=RELU)
    return net.graph(net.conv(z, conv_weights(5, 3, 1, 1, 6), None, 60.0))


def test_a_sum_loses_channels_that_both_sides_lose(tmp_path: Path) -> None:
    assert smaller(residual(()))[1] == {}
    assert smaller(residual((4, 5)))[1] == {0: 1, 1: 1}
    assert_exact(residual((4, 5)), tmp_path, "remove_channels")


def test_what_is_read_through_zeros_goes_back_to_the_first_layer(tmp_path: Path) -> None:
    net = Net()
    x = first(net, dead=())
    weights = conv_weights(3, 4, 3, 3, 6)
    weights[..., 2] = 0
    y = net.conv(x, weights, biases(4, 4, (3,)), 8.0, -128, act=RELU)
    last = conv_weights(5, 3, 1, 1, 4)
    last[..., 0] = 0
    graph = net.graph(net.conv(y, last, None, 60.0))
    made, lost = smaller(graph)
    assert lost == {0: 1, 1: 2}
    assert made.tensors[made.nodes[1].outputs[0]].shape == (1, 6, 6, 2)
    assert_exact(graph, tmp_path, "remove_channels")


def test_a_layer_without_live_channels_keeps_one(tmp_path: Path) -> None:
    net = Net()
    x = net.input((1, 6, 6, 2), 0.05, 3)
    dead = net.conv(x, conv_weights(1, 4, 3, 3, 2), np.full(4, DEAD), 0.4, -128, act=RELU)
    live = net.conv(x, conv_weights(2, 3, 1, 1, 2), None, 0.4)
    graph = net.graph(net.add(live, net.conv(dead, conv_weights(3, 3, 1, 1, 4), None, 0.4)))
    assert smaller(graph)[1] == {0: 3}
    assert_exact(graph, tmp_path, "remove_channels")


def test_dense_layer_with_a_scale_per_channel_keeps_two() -> None:
    net = Net()
    scales = [0.01, 0.02, 0.03, 0.04]
    x = net.input((1, 5))
    weights = [x, net.const(conv_weights(1, 4, 5), scales, 0, "int8"), net.const(np.array([DEAD, DEAD, DEAD, 0]))]
    y = net.op("FULLY_CONNECTED", weights, (1, 4), 0.1, -128, fused_activation_function=RELU, weights_format=0)
    graph = net.graph(net.dense(y, RNG(2).integers(-127, 128, (3, 4))))
    assert smaller(graph)[1] == {0: 2}


def test_inputs_and_outputs_of_the_model_keep_their_shapes() -> None:
    net = Net()
    x = net.input((1, 4, 4, 3))
    y = net.conv(x, np.zeros((5, 3, 3, 3), int), None)
    made, lost = smaller(net.graph(y))
    assert lost == {}
    assert made.tensors[made.outputs[0]].shape == (1, 4, 4, 5)


def test_accumulators_that_may_wrap_around_prove_nothing() -> None:
    net = Net()
    x = net.input((1, 4), 0.1, 0)
    y = net.dense(x, np.full((1, 4), 127), np.array([-(1 << 31) + 100]), zero=-128, act=RELU)
    found = ranges_of(net.graph(y))[y]
    assert (found.low.tolist(), found.high.tolist()) == ([-128], [127])


def random_net(seed: int) -> Graph:
    """A chain with a branch, of random operators, with dead and unread channels strewn over it."""
    source, net = RNG(seed), Net()
    x = net.input((1, 7, 6, 2), 0.05, int(source.integers(-128, 128)))
    for _ in range(3):
        x = _random_conv(net, source, x)
        x = _random_step(net, source, x)
    flat = net.reshape(x, (1, net.tensors[x].elements))
    return net.graph(net.dense(flat, _sparse(source, (5, net.tensors[x].elements)), None, 0.2))


def _random_conv(net: Net, source: np.random.Generator, x: int) -> int:
    channels, inputs = int(source.integers(3, 9)), net.tensors[x].shape[3]
    kernel = int(source.choice([1, 3]))
    dead = source.random(channels) < 0.4
    bias = np.where(dead, source.choice([DEAD, 0]), source.integers(-2000, 2000, channels))
    weights = _sparse(source, (channels, kernel, kernel, inputs)) * (~dead | (bias != 0))[:, None, None, None]
    zero = -128 if source.random() < 0.6 else int(source.integers(-128, 0))
    return net.conv(x, weights, bias, float(source.uniform(0.2, 3)), zero, act=RELU)


def _sparse(source: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return source.integers(-127, 128, shape) * (
        source.random((shape[0],) + (1,) * (len(shape) - 2) + (shape[-1],)) < 0.6
    )


def _random_step(net: Net, source: np.random.Generator, x: int) -> int:
    shape: Any = net.tensors[x].shape
    kind = source.integers(0, 5)
    if kind == 0 and min(shape[1:3]) >= 2:
        return net.pool(x, 2, 2, average=bool(source.integers(0, 2)))
    if kind == 1:
        weights = source.integers(-127, 128, (1, 3, 3, shape[3]))
        return net.conv(x, weights, None, 1.0, -128, act=RELU, depthwise=True)
    if kind == 2:
        return net.add(x, net.conv(x, _sparse(source, (shape[3], 1, 1, shape[3])), None, 1.0, -20), 2.0, -128)
    if kind == 3:
        return net.concat([x, x])
    return x


@pytest.mark.parametrize("seed", [1, 3, 4, 7, 9, 13, 14, 15, 16, 22])
def test_random_networks_stay_exact(seed: int, tmp_path: Path) -> None:
    assert_exact(random_net(seed), tmp_path, "remove_channels")
