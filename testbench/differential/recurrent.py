"""Random operators with a state of their own: (network, input) -> output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from testbench.differential.builder import Value
from testbench.differential.network import EXTREME, Generator, Network

_TANH = 4

Weights = Callable[[Network, tuple[int, ...]], Value]


def svdf(net: Network, x: Value) -> Value:
    """State and time weights of int16, at times of int8; any rank."""
    batches, inputs = x.shape[0], int(np.prod(x.shape[1:]))
    rank, units, memory = net.pick(1, 1, 2, 3), net.between(1, 5), net.between(1, 6)
    kind = "int8" if net.chance(0.2) else "int16"
    flat = _reshaped(net, x, (batches, inputs))
    scales = [float(np.float32(2.0 ** net.random.uniform(-9, -3))) for _ in range(2)]
    end = 1 << (7 if kind == "int8" else 15)
    state_scale = float(np.float32(x.scale * scales[0] * _power(net, 12, 16) / end))
    times = net.random.integers(-end, end, (units * rank, memory)).astype(kind)
    inner = float(np.float32(state_scale) * np.float32(scales[1]))
    bias = net.random.integers(-(1 << 12), 1 << 12, units).astype(np.int32)
    operands = [
        flat,
        net.builder.constant(net.int8((units * rank, inputs)), scales[0]),
        net.builder.constant(times, scales[1]),
        net.builder.constant(bias, inner),
        net.builder.variable((batches, memory * units * rank), state_scale, 0, kind),
    ]
    y = net.output((batches, units), float(np.float32(inner * end * _power(net, 4, 10))))
    y = net.builder.op("SVDF", operands, [y], version=3, rank=rank, fused_activation_function=0)
    return _reshaped(net, y, (batches, 1, 1, units))


def lstm(net: Network, x: Value) -> Value:
    """int8; at times time-major, with a clipped cell."""
    batches, steps, inputs = x.shape[0], x.shape[1], x.shape[2] * x.shape[3]
    time_major = net.chance(0.3)
    shape = (steps, batches) if time_major else (batches, steps)
    units = net.between(1, 6)
    sequence = _reshaped(net, x, (*shape, inputs))
    hidden_scale, hidden_zero = float(np.float32(2.0 ** net.random.uniform(-9, -6))), net.zero_point()
    operands = lstm_operands(net, sequence, units, batches, hidden_scale, hidden_zero)
    y = net.output((*shape, units), hidden_scale, hidden_zero)
    options: dict[str, Any] = {"time_major": time_major, "cell_clip": float(net.pick(0, 0, 1))}
    options["fused_activation_function"] = _TANH
    y = net.builder.op("UNIDIRECTIONAL_SEQUENCE_LSTM", operands, [y], version=3, **options)
    return _reshaped(net, y, (batches, steps, 1, units))


def lstm_operands(
    net: Network, x: Value, units: int, batches: int, hidden_scale: float, hidden_zero: int
) -> list[Value | None]:
    """The 24 inputs, for an input of int8 or int16."""
    bias_type = np.int32 if x.dtype == "int8" else np.int64
    around = x.scale * (64 if x.dtype == "int8" else 1 << 14)
    inputs = [_weights(net, (units, x.shape[2]), 2.0 / (around * x.shape[2] ** 0.5)) for _ in range(4)]
    recurrents = [_weights(net, (units, units), 1.0 / units**0.5) for _ in range(4)]
    biases = [_bias(net, units, np.float32(w.scale) * np.float32(x.scale), bias_type) for w in inputs]
    hidden = net.builder.variable((batches, units), hidden_scale, hidden_zero, x.dtype)
    cell = net.builder.variable((batches, units), 2.0 ** -net.pick(9, 10, 11, 12, 13), 0, "int16")
    none = [None]
    return [x, *inputs, *recurrents, *none * 3, *biases, *none * 2, hidden, cell, *none * 4]


def lstm_float(net: Network, x: Value) -> Value:
    """float32; at times time-major, with a clipped cell."""
    return _lstm_float(net, x, _floats)


def lstm_hybrid(net: Network, x: Value) -> Value:
    """float32 with weights of int8, which are quantized either way."""
    return _lstm_float(net, x, _int8, asymmetric_quantize_inputs=net.chance(0.5))


def _lstm_float(net: Network, x: Value, weights: Weights, **more: bool) -> Value:
    batches, steps, inputs, units = x.shape[0], x.shape[1], x.shape[2] * x.shape[3], net.between(1, 6)
    time_major = net.chance(0.3)
    shape = (steps, batches) if time_major else (batches, steps)
    inputs_of = [weights(net, (units, inputs)) for _ in range(4)]
    recurrents = [weights(net, (units, units)) for _ in range(4)]
    biases = [_floats(net, (units,)) for _ in range(4)]
    states = [net.builder.variable((batches, units), dtype="float32") for _ in range(2)]
    sequence, none = _reshaped(net, x, (*shape, inputs)), [None]
    operands = [sequence, *inputs_of, *recurrents, *none * 3, *biases, *none * 2, *states, *none * 4]
    y = net.builder.tensor((*shape, units), dtype="float32")
    options: dict[str, Any] = {"time_major": time_major, "cell_clip": float(net.pick(0, 0, 1)), **more}
    options["fused_activation_function"] = _TANH
    y = net.builder.op("UNIDIRECTIONAL_SEQUENCE_LSTM", operands, [y], version=3, **options)
    return _reshaped(net, y, (batches, steps, 1, units))


def bidirectional(net: Network, x: Value) -> Value:
    """float32 in both directions, on one output or two."""
    return _bidirectional(net, x, _floats)


def bidirectional_hybrid(net: Network, x: Value) -> Value:
    """The same with weights of int8."""
    return _bidirectional(net, x, _int8, asymmetric_quantize_inputs=net.chance(0.5))


def _bidirectional(net: Network, x: Value, weights: Weights, **more: bool) -> Value:
    batches, steps, inputs = x.shape[0], x.shape[1], x.shape[2] * x.shape[3]
    time_major, merged = net.chance(0.5), net.chance(0.5)
    if batches > 1 and merged:  # where batches come first LiteRT 2.3 gives another answer in each run: no oracle
        time_major = True
    shape = (steps, batches) if time_major else (batches, steps)
    units = (net.between(1, 5),) * 2  # LiteRT takes no other
    states = [net.builder.variable((batches, count), dtype="float32") for count in units for _ in range(2)]
    operands: list[Value | None] = [_reshaped(net, x, (*shape, inputs))]
    for count in units:
        operands += [weights(net, (count, inputs)) for _ in range(4)] + [weights(net, (count, count)) for _ in range(4)]
        operands += [None] * 3 + [_floats(net, (count,)) for _ in range(4)] + [None] * 2
    operands += [*states, *[None] * 9]
    wide = [sum(units)] if merged else list(units)
    outputs = [net.builder.tensor((*shape, count), dtype="float32") for count in wide]
    options: dict[str, Any] = {"time_major": time_major, "cell_clip": float(net.pick(0, 0, 1)), **more}
    options |= {"merge_outputs": merged, "fused_activation_function": _TANH}
    shown = len(wide) - 1
    y = net.builder.op("BIDIRECTIONAL_SEQUENCE_LSTM", operands, outputs, 3, shown, **options)
    return _reshaped(net, y, (batches, steps, 1, wide[-1]))


def svdf_float(net: Network, x: Value) -> Value:
    """float32 of any rank, with and without activation."""
    return _svdf_float(net, x, _floats)


def svdf_hybrid(net: Network, x: Value) -> Value:
    """The same with weights of int8."""
    return _svdf_float(net, x, _symmetric, asymmetric_quantize_inputs=net.chance(0.5))


def _svdf_float(net: Network, x: Value, weights: Weights, **more: bool) -> Value:
    batches, inputs = x.shape[0], int(np.prod(x.shape[1:]))
    rank, units, memory = net.pick(1, 1, 2, 3), net.between(1, 5), net.between(1, 6)
    operands = [
        _reshaped(net, x, (batches, inputs)),
        weights(net, (units * rank, inputs)),
        weights(net, (units * rank, memory)),
        _floats(net, (units,)),
        net.builder.variable((batches, memory * units * rank), dtype="float32"),
    ]
    y = net.builder.tensor((batches, units), dtype="float32")
    activation = net.pick(0, 1, 3)
    version = 3 if more else 2
    y = net.builder.op("SVDF", operands, [y], version, rank=rank, fused_activation_function=activation, **more)
    return _reshaped(net, y, (batches, 1, 1, units))


def _floats(net: Network, shape: tuple[int, ...]) -> Value:
    return net.builder.constant(net.random.standard_normal(shape).astype(np.float32))


def _int8(net: Network, shape: tuple[int, ...]) -> Value:
    return net.builder.constant(net.int8(shape), float(np.float32(2.0 ** net.random.uniform(-8, -5))))


def _symmetric(net: Network, shape: tuple[int, ...]) -> Value:
    """Without -128, which weights of a float layer do not have, and LiteRT's SVDF on x86 multiplies wrongly."""
    weights = np.maximum(net.int8(shape), -127)
    return net.builder.constant(weights, float(np.float32(2.0 ** net.random.uniform(-8, -5))))


def _power(net: Network, low: float, high: float) -> float:
    """A power of two, at times a whole one, where halves are met."""
    power = net.random.uniform(low, high)
    return float(2.0 ** (round(power) if net.chance(EXTREME) else power))


def _weights(net: Network, shape: tuple[int, int], reach: float) -> Value:
    return net.builder.constant(net.int8(shape), float(np.float32(reach / 64 * 2.0 ** net.random.uniform(-2, 2))))


def _bias(net: Network, units: int, scale: np.float32, kind: type) -> Value:
    reach = min(int(1 / float(scale)) + 1, 1 << 30)
    data: NDArray[np.int64] = net.random.integers(-reach, reach + 1, units)
    return net.builder.constant(data.astype(kind), float(scale))


def _reshaped(net: Network, x: Value, shape: tuple[int, ...]) -> Value:
    to = net.builder.constant(np.array(shape, np.int32))
    made = net.builder.tensor(shape, x.scale, x.zero_point, x.dtype)
    return net.builder.op("RESHAPE", [x, to], [made])


GENERATORS: dict[str, Generator] = {"SVDF": svdf, "UNIDIRECTIONAL_SEQUENCE_LSTM": lstm}
"""By operator, for TensorFlow Lite Micro."""

BOTH_WAYS: dict[str, Generator] = {"float32": bidirectional, "hybrid": bidirectional_hybrid}
"""BIDIRECTIONAL_SEQUENCE_LSTM by type, for LiteRT's reference kernels."""

FLOAT: dict[str, Generator] = {"SVDF": svdf_float, "UNIDIRECTIONAL_SEQUENCE_LSTM": lstm_float}
"""The same on float32."""

HYBRID: dict[str, Generator] = {"SVDF": svdf_hybrid, "UNIDIRECTIONAL_SEQUENCE_LSTM": lstm_hybrid}
"""The same on float32 with weights of int8, for LiteRT's reference kernels, which have a tanh of their own."""
