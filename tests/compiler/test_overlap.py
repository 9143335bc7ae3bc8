"""The distances at which kernels may work over their own input: safe as claimed, and not wider than needed.

A model of one operator is generated twice: with input and output apart, and with them exactly as far apart as the
operator claims. Both must give the same bytes. One word nearer must break some output, where the claim is said to be
tight.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edgewright.compiler import Core
from edgewright.compiler.emit import emit
from edgewright.compiler.ir import CompileOptions, Plan, Program, Schedule
from edgewright.compiler.select.schedule import schedule_of
from edgewright.tflite.graph import Graph
from testbench.host_build import HostModel
from testbench.nets import RELU, SAME, VALID, Net

RNG = np.random.default_rng


def conv(seed: int) -> Graph:
    source, net = RNG(seed), Net()
    h, w, c, out_c = (int(n) for n in source.integers((2, 2, 1, 1), (8, 8, 6, 7)))
    kernel = tuple(int(n) for n in source.integers(1, (min(h, 4) + 1, min(w, 4) + 1)))
    x = net.input((1, h, w, c), 0.1, int(source.integers(-128, 128)))
    weights = source.integers(-127, 128, (out_c, *kernel, c))
    stride, padding = int(source.integers(1, 3)), int(source.choice([SAME, VALID]))
    return net.graph(net.conv(x, weights, source.integers(-99, 99, out_c), 0.5, 0, stride=stride, padding=padding))


def depthwise(seed: int) -> Graph:
    source, net = RNG(seed), Net()
    h, w, c, multiplier = (int(n) for n in source.integers((3, 3, 1, 1), (8, 8, 6, 4)))
    x = net.input((1, h, w, c), 0.1, int(source.integers(-128, 128)))
    weights = source.integers(-127, 128, (1, 3, int(source.integers(1, 4)), c * multiplier))
    stride, padding = int(source.integers(1, 3)), int(source.choice([SAME, VALID]))
    return net.graph(
        net.conv(
            x, weights, source.integers(-99, 99, c * multiplier), 0.3, 0, stride=stride, padding=padding, depthwise=True
        )
    )


def pointwise(seed: int) -> Graph:
    source, net = RNG(seed), Net()
    channels = int(source.integers(1, 9))
    weights = source.integers(-127, 128, (channels, 1, 1, channels))
    return net.graph(net.conv(net.input((1, 5, 4, channels)), weights, None, 0.3))


def dense(seed: int) -> Graph:
    source, net = RNG(seed), Net()
    rows, depth, out_c = (int(n) for n in source.integers((1, 1, 1), (4, 20, 20)))
    return net.graph(net.dense(net.input((rows, depth)), source.integers(-127, 128, (out_c, depth)), None, 0.3))


def pool(seed: int) -> Graph:
    source, net = RNG(seed), Net()
    x = net.input((1, *(int(n) for n in source.integers(3, 9, 2)), int(source.integers(1, 6))))
    size, stride = (int(n) for n in source.integers(1, 4, 2))
    return net.graph(net.pool(x, size, stride, bool(source.integers(0, 2)), int(source.choice([SAME, VALID])), RELU))


def table(seed: int) -> Graph:
    net = Net()
    return net.graph(net.op("LEAKY_RELU", [net.input((1, 5, 4, 3))], (1, 5, 4, 3), 0.1, 5, alpha=0.3))


def softmax(seed: int) -> Graph:
    net = Net()
    return net.graph(net.op("SOFTMAX", [net.input((3, 7))], (3, 7), 1 / 256, -128, beta=1.0))


def addition(seed: int) -> Graph:
    net = Net()
    return net.graph(
        net.add(net.input((1, 4, 5, 3)), net.const(RNG(seed).integers(-128, 128, (1, 1, 1, 3)), 0.2, 0, "int8"))
    )


def sliced(seed: int) -> Graph:
    source, net = RNG(seed), Net()
    strides = source.choice([1, 2, -1], 3).tolist()
    x = net.input((1, *(int(n) for n in source.integers(2, 6, 3))))
    masks = {"begin_mask": 15, "end_mask": 15, "shrink_axis_mask": 0, "new_axis_mask": 0, "ellipsis_mask": 0}
    shape = [1, *(-(-n // abs(s)) for n, s in zip(net.tensors[x].shape[1:], strides, strict=True))]
    numbers = [net.const([0] * 4), net.const([0] * 4), net.const([1, *strides])]
    return net.graph(net.op("STRIDED_SLICE", [x, *numbers], shape, **masks))


def part(seed: int) -> Graph:
    net = Net()
    begin, size = ((0, 2, 1, 1), (1, 2, 3, 2)) if seed else ((0, 0, 0, 0), (1, 3, 5, 4))
    return net.graph(net.op("SLICE", [net.input((1, 4, 5, 4)), net.const(begin), net.const(size)], size))


def transposed(seed: int) -> Graph:
    net = Net()
    order = ((0, 3, 1, 2), (0, 2, 1, 3))[seed]
    shape = (1, 4, 5, 3)
    return net.graph(net.op("TRANSPOSE", [net.input(shape), net.const(order)], [shape[i] for i in order]))


def nearest(seed: int) -> Graph:
    net = Net()
    size = ((8, 6), (2, 2), (5, 7))[seed]
    options = {"align_corners": False, "half_pixel_centers": seed == 2}
    return net.graph(
        net.op("RESIZE_NEAREST_NEIGHBOR", [net.input((1, 4, 3, 2)), net.const(size)], (1, *size, 2), **options)
    )


def mirrored(seed: int) -> Graph:
    net = Net()
    amounts = [[0, 0], [1, 2], [seed, 1], [0, 0]]
    shape = (1, 7, 5 + seed, 3)
    return net.graph(net.op("MIRROR_PAD", [net.input((1, 4, 4, 3)), net.const(amounts)], shape, mode=seed))


def picked(seed: int) -> Graph:
    net = Net()
    places = ([3, 0, 0, 2, 1], [1, 2, 3])[seed]
    return net.graph(
        net.op("GATHER", [net.input((2, 4, 3)), net.const(places)], (2, len(places), 3), axis=1, batch_dims=0)
    )


def normed(seed: int) -> Graph:
    net = Net()
    return net.graph(net.op("L2_NORMALIZATION", [net.input((3, 7), 0.1, 5)], (3, 7), 1 / 128, 0))


def slopes(seed: int) -> Graph:
    net = Net()
    alpha = net.const(RNG(seed).integers(-128, 128, (3,)), 0.02, 4, "int8")
    return net.graph(net.op("PRELU", [net.input((1, 4, 5, 3)), alpha], (1, 4, 5, 3)))


CASES: list[tuple[Callable[[int], Graph], int]] = [
    *((conv, seed) for seed in range(6)),
    *((depthwise, seed) for seed in range(5)),
    *((dense, seed) for seed in range(4)),
    *((pool, seed) for seed in range(4)),
    *((make, 0) for make in (pointwise, table, softmax, addition, normed, slopes)),
    *((sliced, seed) for seed in range(4)),
    *((make, seed) for make in (part, transposed, mirrored, picked) for seed in range(2)),
    *((nearest, seed) for seed in range(3)),
]
TIGHT = {"conv", "depthwise", "pointwise", "table", "addition", "softmax", "normed", "slopes", "sliced", "part"}
TIGHT |= {"transposed", "mirrored", "picked", "nearest"}


class Placed:
    """A model of one step, with input and output of the arena where a test wants them."""

    def __init__(self, graph: Graph, folder: Path) -> None:
        self.graph, self._folder, self._count = graph, folder, 0
        self.schedule = schedule_of(graph, Core(), CompileOptions())
        self.distance = self.schedule.steps[0].overlap.get(0)
        source = RNG(5)
        shape = graph.tensors[graph.inputs[0]].shape
        self._images = [source.integers(-128, 128, shape).astype(np.int8) for _ in range(8)]

    def run(self, distance: int) -> list[np.ndarray]:
        """Outputs with address(input) - address(output) = distance, to the byte: kernels of int8 need no alignment."""
        step, low = self.schedule.steps[0], max(0, -distance)
        out = self.graph.outputs[0]
        offsets = {b.id: low + (0 if b.output is not None else distance) for b in self.schedule.buffers}
        end = max(offsets[b.id] + b.bytes for b in self.schedule.buffers) + 15 & ~15
        plan = Plan(offsets, {0: end} if step.scratch_bytes else {}, end + step.scratch_bytes, 0)
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir()
        model = HostModel(emit([(self._program(plan), ())], "net", "test")[0].files, "net", folder)
        return model.run_in_arena(self._images, self.graph.tensors[out].shape, plan.arena_bytes, (low + distance, low))

    def apart(self) -> list[np.ndarray]:
        return self.run(max(b.bytes for b in self.schedule.buffers) + 3)

    def _program(self, plan: Plan) -> Program:
        schedule: Schedule = self.schedule
        return Program("net", self.graph, Core(), schedule.steps, schedule.buffers, plan)


@pytest.mark.parametrize(("make", "seed"), CASES, ids=lambda value: getattr(value, "__name__", str(value)))
def test_distance_is_safe_and_tight(make: Callable[[int], Graph], seed: int, tmp_path: Path) -> None:
    placed = Placed(make(seed), tmp_path)
    assert placed.distance is not None
    apart = placed.apart()
    distance = max(placed.distance, -placed.schedule.buffers[0].bytes)
    np.testing.assert_array_equal(placed.run(distance), apart)
    if make.__name__ in TIGHT and distance > -min(b.bytes for b in placed.schedule.buffers):
        assert not np.array_equal(placed.run(distance - 1), apart), f"{distance} could be less"


def test_two_inputs_may_both_overlap(tmp_path: Path) -> None:
    net = Net()
    a, b = net.input((1, 4, 5, 3)), net.input((1, 4, 5, 3))
    step = schedule_of(net.graph(net.add(a, b)), Core(), CompileOptions()).steps[0]
    assert dict(step.overlap) == {0: 0, 1: 0}
