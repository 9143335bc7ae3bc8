"""What random operators are drawn from: a model in the making together with a source of chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from testbench.differential.builder import ModelBuilder, Value

EXTREME = 0.15
"""How often a choice is an extreme one: scales at the ends of sense, saturating weights, zero points at the ends."""

_OTHER_SCALE = 0.15
"""How often a move goes to another scale."""

_MOST_ELEMENTS = 20_000


@dataclass
class Network:
    """A model that grows by random operators."""

    random: np.random.Generator
    builder: ModelBuilder = field(default_factory=ModelBuilder)
    inputs: list[Value] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    """Results of operators so far: later ones may take them as a second input."""

    def chance(self, share: float) -> bool:
        """True in `share` of all cases."""
        return bool(self.random.random() < share)

    def pick(self, *choices: int) -> int:
        """One of the choices."""
        return int(self.random.choice(choices))

    def between(self, low: int, high: int) -> int:
        """A whole number in low..high."""
        return int(self.random.integers(low, high + 1))

    def scale(self) -> float:
        """A float32 scale."""
        power = self.random.uniform(-12, 4) if self.chance(EXTREME) else self.random.uniform(-7, -2)
        return float(np.float32(2.0**power))

    def scale_for(self, real: float) -> float:
        """An output scale for accumulators of scale `real`, so that results spread over int8, or for once do not."""
        power = self.random.uniform(-2, 22) if self.chance(EXTREME) else self.random.uniform(5, 12)
        power = round(power) if self.chance(EXTREME) else power
        return float(np.float32(real * 2.0**power))

    def zero_point(self) -> int:
        """A zero point, often at the end."""
        return self.pick(-128, -128, 0, 127) if self.chance(0.4) else self.between(-128, 127)

    def input(self, shape: Sequence[int], dtype: str = "int8") -> Value:
        """A new input of the model."""
        quantized = dtype in ("int8", "uint8", "int16", "int32")
        scale = self.scale() if quantized else 0.0
        zero = self.zero_point() if dtype == "int8" else self.between(0, 255) if dtype == "uint8" else 0
        value = self.builder.tensor(shape, scale, zero, dtype)
        self.inputs.append(value)
        return value

    def given(self, shape: Sequence[int], scale: float, zero_point: int) -> Value:
        """A new int8 input of this scale and zero point."""
        value = self.builder.tensor(shape, scale, zero_point)
        self.inputs.append(value)
        return value

    def output(self, shape: Sequence[int], scale: float | None = None, zero_point: int | None = None) -> Value:
        """A tensor for an operator to write."""
        zero = self.zero_point() if zero_point is None else zero_point
        return self.builder.tensor(shape, self.scale() if scale is None else scale, zero)

    def like(self, value: Value, shape: Sequence[int] | None = None) -> Value:
        """A tensor of the same scale and zero point."""
        return self.builder.tensor(value.shape if shape is None else shape, value.scale, value.zero_point)

    def moved(self, value: Value, shape: Sequence[int]) -> Value:
        """Of the same scale and zero point, or at times of others: the runtimes move bytes as they are."""
        return self.output(shape) if self.chance(_OTHER_SCALE) else self.like(value, shape)

    def int8(self, shape: Sequence[int]) -> NDArray[np.int8]:
        """Values of all of int8, at times its ends alone."""
        if self.chance(EXTREME):
            return self.random.choice(np.array([-128, 127], np.int8), size=tuple(shape))
        return self.random.integers(-128, 128, tuple(shape)).astype(np.int8)

    def weights(self, shape: Sequence[int], channels: int, axis: int) -> tuple[Value, NDArray[np.float32]]:
        """Constant weights with a scale for each channel, or one for all; and the scales of the channels."""
        count = channels if self.chance(0.7) else 1
        scales = np.array([self.scale() for _ in range(count)], np.float32)
        value = self.builder.constant(self.int8(shape), scales, axis=axis)
        return value, np.broadcast_to(scales, (channels,))

    def packed_weights(
        self, shape: Sequence[int], channels: int, axis: int, share: float = 0.12
    ) -> tuple[Value, NDArray[np.float32]]:
        """As `weights`, at times of int4; a matrix of those has one scale, TensorFlow Lite Micro takes no other."""
        if not self.chance(share):
            return self.weights(shape, channels, axis)
        scales = np.array([self.scale() for _ in range(1 if len(shape) == 2 else channels)], np.float32)
        data = self.random.integers(-8, 8, tuple(shape)).astype(np.int8)
        return self.builder.int4(data, scales, axis), np.broadcast_to(scales, (channels,))

    def bias(self, count: int, scales: NDArray[np.float32]) -> Value | None:
        """A constant bias, or none."""
        if self.chance(0.2):
            return None
        reach = 1 << self.pick(4, 10, 16, 29 if self.chance(EXTREME) else 12)
        data = self.random.integers(-reach, reach, count).astype(np.int32)
        return self.builder.constant(data, scales.astype(np.float32))

    def samples(self, count: int) -> list[list[NDArray[np.generic]]]:
        """Random contents of all inputs."""
        return [[self._content(value) for value in self.inputs] for _ in range(count)]

    def _content(self, value: Value) -> NDArray[np.generic]:
        if value.dtype == "bool":
            return self.random.random(value.shape) < 0.5
        if value.dtype == "float32":
            return (self.random.standard_normal(value.shape) * 2.0 ** self.between(-6, 6)).astype(np.float32)
        return self.integers(value.shape, value.dtype) if value.dtype != "int8" else self.int8(value.shape)

    def integers(self, shape: Sequence[int], dtype: str) -> NDArray[np.generic]:
        """Values of all of a type of whole numbers; of int32 up to 2^20, whose sums and products do not overflow."""
        info = np.iinfo(dtype)
        low, high = max(int(info.min), -(1 << 20)), min(int(info.max), 1 << 20)
        return self.random.integers(low, high, tuple(shape), endpoint=True).astype(dtype)


ACTIVATIONS = (0, 0, 1, 2, 3)
"""Codes of fused activations: none, RELU, RELU_N1_TO_1, RELU6."""

Generator = Callable[[Network, Value], Value]
"""Adds an operator that takes the value; gives its output."""


def other_input(net: Network, x: Value) -> Value:
    """A second operand: an earlier result, an input or a constant, perhaps to be broadcast."""
    earlier = [value for value in net.values if value.shape == x.shape]
    if earlier and net.chance(0.6):
        return earlier[net.between(0, len(earlier) - 1)]
    shape = list(x.shape)
    if net.chance(0.5):
        shape = [1 if net.chance(0.5) else size for size in shape][net.pick(0, 0, 1, 2) :]
    if net.chance(0.3):
        return net.builder.constant(net.int8(shape), net.scale(), net.zero_point())
    return net.input(shape)


def either(net: Network, x: Value, other: Value) -> list[Value]:
    """Both in either order."""
    return [x, other] if net.chance(0.5) else [other, x]


def broadcast(a: Value, b: Value) -> tuple[int, ...]:
    """The shape of both together."""
    return tuple(int(size) for size in np.broadcast_shapes(a.shape, b.shape))


def rescaled(net: Network, x: Value) -> Value:
    """A tensor of the same shape on a scale of its own, at times in a simple ratio, where halves are met."""
    ratio = net.between(1, 64) / 2.0 ** net.between(0, 8) if net.chance(EXTREME) else 2.0 ** net.random.uniform(-5, 5)
    return net.output(x.shape, float(np.float32(x.scale * ratio)))


def reduced(net: Network, x: Value) -> tuple[Value, list[int], bool]:
    """Constant axes, the shape that is left, and whether reduced dimensions stay as 1."""
    axes = sorted({int(a) for a in net.random.choice(4, size=net.pick(1, 2), replace=False)})
    axes = [1, 2] if net.chance(0.5) else axes
    keep = net.chance(0.5)
    shape = [1 if i in axes else size for i, size in enumerate(x.shape) if keep or i not in axes]
    signed = [axis - 4 if net.chance(0.2) else axis for axis in axes]
    return net.builder.constant(np.array(signed, np.int32)), shape, keep


def goes_on(x: Value) -> bool:
    """Whether further operators may follow: int8 of a size and a scale that make sense."""
    return x.dtype == "int8" and 2.0**-25 < x.scale < 2.0**15 and np.prod(x.shape) <= _MOST_ELEMENTS


def four_dimensions(net: Network, x: Value) -> Value:
    """The value, reshaped where it has other than four dimensions."""
    if len(x.shape) == 4:
        return x
    shape = (1, 1, int(np.prod(x.shape[:-1])), x.shape[-1]) if x.shape else (1, 1, 1, 1)
    return net.builder.op("RESHAPE", [x, net.builder.constant(np.array(shape, np.int32))], [net.like(x, shape)])
