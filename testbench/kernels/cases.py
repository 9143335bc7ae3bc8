"""Operators of many shapes and kinds of data as kernel cases, with what must come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright import ops
from edgewright.kernels import quant, wide
from edgewright.kernels.record import DIRECT, RAW
from edgewright.ops import table
from edgewright.ops.add import real_multipliers
from edgewright.ops.families.elements_int16 import RescaleInt16, sum_reals
from edgewright.ops.families.int16 import act_limits
from edgewright.ops.mul import real_multiplier
from edgewright.tflite.graph import Graph, Node, Quantization, Tensor, View
from testbench.kernels import reference
from testbench.kernels.image import Case
from testbench.kernels.reference import Sweep

SAME, VALID = 0, 1
NONE, RELU, RELU_N1_TO_1, RELU6 = range(4)


@dataclass(frozen=True)
class Flavour:
    """A kind of data: zero points, activation, and how far weights, biases and factors go.

    Attributes:
        in_zp, out_zp: zero points.
        activation: fused activation.
        weights: lowest and highest weight.
        ends_only: whether inputs and weights are of the ends of their range alone.
        bias: bound of the biases.
        bell: whether weights are of a bell curve instead of evenly spread.
        shifts: lowest and highest right shift of the factors, None for factors that spread the output over its range.
        density: share of the weights that are not made zero.
        clusters: how many values weights have, 0 for any number.
        block: weights that are made zero, or not, together, where the last axis allows it.
    """

    in_zp: int = -3
    out_zp: int = 5
    activation: int = NONE
    weights: tuple[int, int] = (-127, 127)
    ends_only: bool = False
    bias: int = 20000
    shifts: tuple[int, int] | None = None
    bell: bool = False
    density: float = 1.0
    clusters: int = 0
    block: int = 1


LINEAR = Flavour()
RELU_LOW = Flavour(-128, -128, RELU)
RELU_MID = Flavour(127, -20, RELU6)
ENDS = Flavour(-128, 127, NONE, (-128, 127), ends_only=True)
ENDS_HIGH = Flavour(127, -128, NONE, (-128, -126), ends_only=True)
HUGE = Flavour(12, -7, NONE, (-128, 127), bias=(1 << 31) - 1, shifts=(-6, 31))
SMALL = Flavour(-128, -128, RELU, (-20, 20), bias=500)
TRAINED = Flavour(-128, -128, RELU, bell=True)
TRAINED_LINEAR = Flavour(-128, 4, NONE, bell=True)
BIASES = {"int8": np.int32, "int16": np.int64}
"""Of layers with weights, by the type of the data."""
FLAVOURS = (LINEAR, RELU_LOW, RELU_MID, ENDS, ENDS_HIGH, HUGE, SMALL)


def convolution(
    image: Sequence[int],
    out_c: int,
    kernel: tuple[int, int],
    variant: str,
    *,
    stride: tuple[int, int] = (1, 1),
    dilation: tuple[int, int] = (1, 1),
    padding: int = SAME,
    flavour: Flavour = LINEAR,
    seed: int = 1,
    depthwise: bool = False,
    dtype: str = "int8",
) -> Case:
    """CONV_2D or DEPTHWISE_CONV_2D; `out_c` of the latter is a multiple of the image's channels.

    int16 has zero points of 0 and biases of 64 bits, whatever the flavour.
    """
    random, flavour = np.random.default_rng(seed), _of_type(flavour, dtype)
    sweep = Sweep(kernel, stride, dilation, padding == SAME)
    shape = (1, *kernel, out_c) if depthwise else (out_c, *kernel, image[3])
    x, w = _data(random, image, flavour, dtype), _weights(random, shape, flavour)
    bias = random.integers(-flavour.bias, flavour.bias + 1, out_c).astype(BIASES[dtype])
    options = _options(stride, dilation, padding, flavour.activation)
    scales = _scales(random, flavour, out_c, w.size // out_c)
    op, axis = ("DEPTHWISE_CONV_2D", 3) if depthwise else ("CONV_2D", 0)
    view = _weighted(op, (x, w, bias), (image[0], *sweep.out(image), out_c), options, flavour, (scales, axis))
    patches = reference.windows(x, sweep, flavour.in_zp)
    if depthwise:
        acc = reference.depthwise(patches, w[0], bias, flavour.in_zp)
    else:
        acc = reference.convolution(patches, w, bias, flavour.in_zp)
    name = f"{dtype} {op} {'x'.join(map(str, image))}-{out_c} {sweep} {flavour}"
    return _case(name, view, variant, (x,), _finish(view, acc, scales))


def fully_connected(
    rows: int,
    depth: int,
    out_c: int,
    variant: str,
    flavour: Flavour = LINEAR,
    seed: int = 1,
    *,
    per_channel: bool = False,
    dtype: str = "int8",
) -> Case:
    """FULLY_CONNECTED."""
    random, flavour = np.random.default_rng(seed), _of_type(flavour, dtype)
    x = _data(random, (rows, depth), flavour, dtype)
    w = _weights(random, (out_c, depth), flavour)
    bias = random.integers(-flavour.bias, flavour.bias + 1, out_c).astype(BIASES[dtype])
    scales = _scales(random, flavour, out_c, depth)
    scales = scales if per_channel else scales[:1].repeat(out_c)
    options = {"fused_activation_function": flavour.activation}
    given = scales if per_channel else scales[:1]
    view = _weighted("FULLY_CONNECTED", (x, w, bias), (rows, out_c), options, flavour, (given, 0))
    acc = (x.astype(np.int64) - flavour.in_zp) @ w.astype(np.int64).T + bias
    name = f"{dtype} fully connected {rows}x{depth}-{out_c} {flavour}"
    return _case(name, view, variant, (x,), _finish(view, acc, scales))


def float_convolution(
    image: Sequence[int],
    out_c: int,
    kernel: tuple[int, int],
    variant: str,
    *,
    stride: tuple[int, int] = (1, 1),
    dilation: tuple[int, int] = (1, 1),
    padding: int = SAME,
    activation: int = NONE,
    seed: int = 1,
) -> Case:
    """float32 CONV_2D, whose sums are rounded after each product and each addition."""
    random, sweep = np.random.default_rng(seed), Sweep(kernel, stride, dilation, padding == SAME)
    shapes = (tuple(image), (out_c, *kernel, image[3]), (out_c,), (image[0], *sweep.out(image), out_c))
    x, w, bias = (random.standard_normal(shape).astype(np.float32) for shape in shapes[:3])
    data = (None, w, bias, None)
    tensors = [Tensor(i, "", s, "float32", None, d) for i, (s, d) in enumerate(zip(shapes, data, strict=True))]
    view = _view("CONV_2D", tensors, (0, 1, 2), _options(stride, dilation, padding, activation))
    patches = reference.windows(x, sweep, 0, np.float32).reshape(*shapes[3][:3], -1)
    total = np.zeros(shapes[3], np.float32)
    for place, weights in enumerate(w.reshape(out_c, -1).T):
        total += patches[..., place, None] * weights
    low, high = ((-np.inf, np.inf), (0.0, np.inf), (-1.0, 1.0), (0.0, 6.0))[activation]
    name = f"float32 convolution {image}-{out_c} {sweep}"
    return _case(name, view, variant, (x,), np.clip(total + bias, low, high).astype(np.float32))


def sum16(
    shape: Sequence[int],
    variant: str,
    scales: tuple[float, float, float],
    activation: int = NONE,
    *,
    subtract: bool = False,
    seed: int = 1,
) -> Case:
    """int16 ADD or SUB; scales of first input, second input, output."""
    random = np.random.default_rng(seed)
    a, b = (_data(random, shape, LINEAR, "int16") for _ in range(2))
    a.reshape(-1)[:4], b.reshape(-1)[:4] = (-(1 << 15), (1 << 15) - 1, -(1 << 15), -1), (-(1 << 15), -(1 << 15), 1, 0)
    op, tensors = "SUB" if subtract else "ADD", [_tensor(i, shape, s, 0, "int16") for i, s in enumerate(scales)]
    view = _view(op, tensors, (0, 1), {"fused_activation_function": activation})
    first, second, last = (quant.quantize_multiplier(real) for real in sum_reals(view))
    x, y = (reference.requantize(each.astype(np.int64) << 15, m, -e) for each, (m, e) in ((a, first), (b, second)))
    low, high = act_limits(view)
    total = reference.requantize(x - y if subtract else x + y, last[0], -last[1])
    expected = np.clip(total, low, high).astype(np.int16)
    return _case(f"int16 {op} {shape} {scales} {activation}", view, variant, (a, b), expected)


def rescaled16(
    op: str, count: int, variant: str, scales: tuple[float, float], alpha: float = 0.0, seed: int = 1
) -> Case:
    """int16 RELU, RELU6 or LEAKY_RELU; scales of input and output."""
    x = _data(np.random.default_rng(seed), (count,), LINEAR, "int16")
    x[: min(count, 3)] = (-(1 << 15), -1, (1 << 15) - 1)[:count]
    view = _view(op, [_tensor(i, (count,), s, 0, "int16") for i, s in enumerate(scales)], (0,), {"alpha": alpha})
    typed = ops.get_for(view)
    if not isinstance(typed, RescaleInt16):
        raise TypeError(op)
    wide_x, (of, below) = x.astype(np.int64), typed.pairs(view)
    found = np.where(x < 0, *(reference.requantize(wide_x, m, -e) for m, e in (below, of)))
    expected = np.clip(found if typed.rescales(view) else wide_x, *typed.bounds(view)).astype(np.int16)
    return _case(f"int16 {op} {count} {scales} {alpha}", view, variant, (x,), expected)


def binary(
    op: str,
    shapes: tuple[Sequence[int], Sequence[int]],
    variant: str,
    quantizations: Sequence[tuple[float, int]],
    activation: int = NONE,
    seed: int = 1,
) -> Case:
    """ADD, SUB or MUL; (scale, zero point) of first input, second input, output."""
    random = np.random.default_rng(seed)
    a, b = (random.integers(-128, 128, shape).astype(np.int8) for shape in shapes)
    out = np.broadcast_shapes(a.shape, b.shape)
    tensors = [_tensor(i, s, *q) for i, (s, q) in enumerate(zip((a.shape, b.shape, out), quantizations, strict=True))]
    view = _view(op, tensors, (0, 1), {"fused_activation_function": activation})
    (_, a_zp), (_, b_zp), (_, out_zp) = quantizations
    if op == "MUL":
        total = (a.astype(np.int64) - a_zp) * (b.astype(np.int64) - b_zp)
        last = quant.quantize_multiplier(real_multiplier(view))
    else:
        first, second, last = (quant.quantize_multiplier(real) for real in real_multipliers(view))
        scaled = reference.scaled(a, a_zp, first[0], -first[1]), reference.scaled(b, b_zp, second[0], -second[1])
        total = scaled[0] - scaled[1] if op == "SUB" else scaled[0] + scaled[1]
    low, high = quant.activation_range(activation, view.output())
    expected = reference.finish(total, last[0], -last[1], out_zp, low, high)
    return _case(f"{op.lower()} {shapes} {quantizations} {activation}", view, variant, (a, b), expected)


addition, subtraction, multiplication = (partial(binary, op) for op in ("ADD", "SUB", "MUL"))


def pool(
    image: Sequence[int],
    kernel: tuple[int, int],
    variant: str,
    *,
    op: str = "AVERAGE_POOL_2D",
    stride: tuple[int, int] = (1, 1),
    padding: int = SAME,
    activation: int = NONE,
    seed: int = 1,
) -> Case:
    """AVERAGE_POOL_2D or MAX_POOL_2D."""
    x = np.random.default_rng(seed).integers(-128, 128, image).astype(np.int8)
    sweep = Sweep(kernel, stride, same=padding == SAME)
    tensors = [_tensor(0, image, 0.02, -10), _tensor(1, (image[0], *sweep.out(image), image[3]), 0.02, -10)]
    options = {"stride_h": stride[0], "stride_w": stride[1], "filter_height": kernel[0], "filter_width": kernel[1],
               "padding": padding, "fused_activation_function": activation}  # fmt: skip
    view = _view(op, tensors, (0,), options)
    average = op == "AVERAGE_POOL_2D"
    patches = reference.windows(x, sweep, 0 if average else -128)
    inside = reference.windows(np.ones_like(x[:1, :, :, :1]), sweep, 0)[..., 0]
    values = reference.average(patches, inside) if average else patches.max(axis=(3, 4))
    low, high = quant.activation_range(activation, view.output())
    return _case(f"{op} {image} {sweep}", view, variant, (x,), np.clip(values, low, high).astype(np.int8))


def kernel_names(isa: str) -> list[str]:
    """Names of the kernels for raw weights that need an instruction set, by what the records say; direct ones last."""
    found = (kernel for kernel in table.kernels() if kernel.isa == isa and kernel.storage == RAW)
    return list(dict.fromkeys(kernel.name for kernel in sorted(found, key=lambda k: (k.algorithm == DIRECT, k.name))))


def covered(isa: str) -> set[str]:
    """C functions of these kernels that cases are for: those of operators that files hold."""
    found = (kernel for kernel in table.kernels(made=False) if kernel.isa == isa and kernel.storage == RAW)
    return {file for kernel in found for file in kernel.files}


def fitting(name: str, make: Callable[..., Case], *arguments: Any, **options: Any) -> Iterator[Case]:
    """The case of a kernel, by its name, where its operator has one and it can do it."""
    view = make(*arguments, variant="ref", **options).view
    kernel = ops.get_for(view).find_kernel(name)
    if kernel is not None and kernel.unsupported(view) is None:
        yield make(*arguments, variant=name, **options)


def _case(name: str, view: View, variant: str, inputs: tuple[NDArray[Any], ...], expected: NDArray[Any]) -> Case:
    op = ops.get_for(view)
    faults = list(op.check(view))
    if faults:
        raise AssertionError(f"{name}: {faults}")
    overlap = dict(op.overlap(view, variant))
    same = op.in_place(view, variant)
    if same is not None:
        overlap.setdefault(same, 0)
    given = tuple(map(_bytes, inputs))
    return Case(name, op.lower(view, variant), given, _bytes(expected), overlap, op.macs(view), view)


def _options(stride: tuple[int, int], dilation: tuple[int, int], padding: int, activation: int) -> dict[str, int]:
    return {"stride_h": stride[0], "stride_w": stride[1], "dilation_h_factor": dilation[0],
            "dilation_w_factor": dilation[1], "padding": padding, "fused_activation_function": activation}  # fmt: skip


def _bytes(data: NDArray[Any]) -> NDArray[np.int8]:
    return np.ascontiguousarray(data).reshape(-1).view(np.int8)


def _of_type(flavour: Flavour, dtype: str) -> Flavour:
    return flavour if dtype == "int8" else replace(flavour, in_zp=0, out_zp=0)


def _weighted(
    op: str,
    arrays: tuple[NDArray[Any], NDArray[np.int8], NDArray[Any]],
    out: Sequence[int],
    options: Mapping[str, Any],
    flavour: Flavour,
    scales: tuple[NDArray[np.float64], int],
) -> View:
    """A node with input, weights and bias; scales of the weights and the dimension that they count along."""
    x, w, bias = arrays
    per_channel = Quantization(scales[0].astype(np.float32), np.zeros(len(scales[0]), np.int64), scales[1])
    tensors = [
        _tensor(0, x.shape, 1.0, flavour.in_zp, str(x.dtype)),
        Tensor(1, "w", w.shape, "int8", per_channel, w),
        Tensor(2, "b", bias.shape, str(bias.dtype), None, bias),
        _tensor(3, out, 1.0, flavour.out_zp, str(x.dtype)),
    ]
    return _view(op, tensors, (0, 1, 2), options)


def _view(op: str, tensors: Sequence[Tensor], inputs: tuple[int, ...], options: Mapping[str, Any]) -> View:
    output = tensors[-1].id
    node = Node(0, op, 1, inputs, (output,), options)
    computed = tuple(number for number in inputs if not tensors[number].is_constant)
    graph = Graph("case", "", {t.id: t for t in tensors}, (node,), computed, (output,))
    return View(graph, node)


def _tensor(number: int, shape: Sequence[int], scale: float, zero_point: int, dtype: str = "int8") -> Tensor:
    pair = Quantization(np.array([scale], np.float32), np.array([zero_point], np.int64))
    return Tensor(number, "", tuple(shape), dtype, pair)


def _data(random: np.random.Generator, shape: Sequence[int], flavour: Flavour, dtype: str) -> NDArray[Any]:
    info = np.iinfo(dtype)
    return _values(random, shape, (int(info.min), int(info.max)), flavour, is_weights=False).astype(dtype)


def _values(
    random: np.random.Generator, shape: Sequence[int], ends: tuple[int, int], flavour: Flavour, *, is_weights: bool
) -> NDArray[np.int64]:
    if flavour.bell and is_weights:  # as training leaves them: per channel, the largest is 127
        found = np.clip(np.round(random.normal(0, ends[1] / 3.6, tuple(shape))), *ends)
    elif flavour.ends_only:
        found = random.choice(np.array(ends), tuple(shape))
    else:
        found = random.integers(ends[0], ends[1] + 1, tuple(shape))
    return np.asarray(found, np.int64)


def _weights(random: np.random.Generator, shape: Sequence[int], flavour: Flavour) -> NDArray[np.int8]:
    found = _values(random, shape, flavour.weights, flavour, is_weights=True)
    if flavour.clusters:
        found = random.choice(np.unique(found)[:: max(1, len(np.unique(found)) // flavour.clusters)], tuple(shape))
    if flavour.density < 1:
        block = flavour.block if shape[-1] % flavour.block == 0 else 1
        kept = random.random((*shape[:-1], shape[-1] // block)) < flavour.density
        found = np.where(np.repeat(kept, block, axis=-1), found, 0)
    return found.astype(np.int8)


def _scales(random: np.random.Generator, flavour: Flavour, out_c: int, depth: int) -> NDArray[np.float64]:
    if flavour.shifts:
        exponents = random.integers(-flavour.shifts[1], -flavour.shifts[0] + 1, out_c)
        found = np.ldexp(random.uniform(0.5, 1.0, out_c), exponents)
    else:
        spread = np.sqrt(depth) * 74 * max(abs(v) for v in flavour.weights) * 0.6
        found = random.uniform(40, 160, out_c) / spread
    return np.asarray(found.astype(np.float32), np.float64)


def _finish(view: View, acc: NDArray[np.int64], scales: NDArray[np.float64]) -> NDArray[Any]:
    if view.output().dtype == "int16":
        return reference.finish_wide(acc, *wide.wide_factors(scales), *act_limits(view))
    multiplier, shift = quant.channel_multipliers(scales)
    low, high = quant.activation_range(view.option("fused_activation_function"), view.output())
    zero_point = quant.zero_point(view.output())
    return reference.finish(acc, multiplier.astype(np.int64), shift.astype(np.int64), zero_point, low, high)
