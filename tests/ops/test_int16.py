"""Scales in simple ratios, where halves are met and one rounding more of a factor shows; and int16 with zero points."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgewright.errors import UserError
from testbench.differential import int16
from testbench.differential.builder import Value
from testbench.differential.network import Network
from testbench.differential.oracle import Oracle
from testbench.differential.recurrent import lstm_operands
from tests.ops.batch import Case, assert_bit_exact, compile_batch

CASES = 12


def _scales(net: Network) -> tuple[float, np.float32, float]:
    """(scale of the input, another factor, output scale): a simple multiple of their product, in float32 or double."""
    a, b = (np.float32(2.0 ** net.random.uniform(-12, -4)) for _ in range(2))
    ratio = net.between(1, 64) / 2.0 ** net.between(1, 7)
    product = float(a * b) if net.chance(0.5) else float(a) * float(b)
    return float(a), b, float(np.float32(product / ratio))


def leaky_relu(net: Network, dtype: str) -> Value:
    scale, alpha, out_scale = _scales(net)
    x, y = (net.builder.tensor((1, 1, 1, 4096), each, 0, dtype) for each in (scale, out_scale))
    net.inputs.append(x)
    return net.builder.op("LEAKY_RELU", [x], [y], version=2, alpha=float(alpha))


def fully_connected(net: Network, dtype: str) -> Value:
    scale, weight_scale, out_scale = _scales(net)
    x, y = net.builder.tensor((64, 2), scale, 0, dtype), net.builder.tensor((64, 16), out_scale, 0, dtype)
    net.inputs.append(x)
    weights = net.builder.constant(net.int8((16, 2)), weight_scale)
    return net.builder.op("FULLY_CONNECTED", [x, weights, None], [y], version=4)


@pytest.mark.parametrize("dtype", ["int8", "int16"])
@pytest.mark.parametrize("make", [leaky_relu, fully_connected], ids=lambda make: make.__name__)
def test_scales_in_simple_ratios(make: object, dtype: str, tmp_path: Path, oracle: Oracle) -> None:
    net = Network(np.random.default_rng(5))
    cases = [Case(f"{dtype} {number}", make(net, dtype)) for number in range(CASES)]  # type: ignore[operator]
    assert_bit_exact(net, cases, tmp_path, oracle)


def test_rsqrt_of_fine_scales(tmp_path: Path, oracle: Oracle) -> None:
    """Where the factor of the scales is above 2^20: large numbers are in range, others saturate."""
    net = Network(np.random.default_rng(6))
    cases = []
    for power in (20.5, 21.5, 22.2, 25.0, 29.5):
        x, positive = (net.builder.tensor((1, 4096), 2.0**-16, 0, "int16") for _ in range(2))
        net.inputs.append(x)
        net.builder.op("ABS", [x], [positive], version=5)
        y = net.builder.tensor((1, 4096), 2.0 ** (8 - power), 0, "int16")
        cases.append(Case(f"2^{power}", net.builder.op("RSQRT", [positive], [y], version=2)))
    assert_bit_exact(net, cases, tmp_path, oracle)


def _weighted(net: Network, op: str, factor: float) -> Value:
    """An int16 operator of int8 weights whose sums are multiplied by this factor."""
    scale, weight_scale = 2.0**-8, np.float32(2.0**-6)
    x = net.builder.tensor((1, 3, 4, 2), scale, 0, "int16")
    net.inputs.append(x)
    shape, axis = {"FULLY_CONNECTED": ((2, 2), 0), "DEPTHWISE_CONV_2D": ((1, 1, 1, 2), 3)}.get(op, ((2, 1, 1, 2), 0))
    weights = net.builder.constant(net.int8(shape) // 64, [weight_scale] * 2, axis=axis)
    y = net.builder.tensor((12, 2) if op == "FULLY_CONNECTED" else x.shape, scale * weight_scale / factor, 0, "int16")
    options = dict.fromkeys(("stride_h", "stride_w"), 1)
    if op == "TRANSPOSE_CONV":
        return net.builder.op(op, [net.builder.constant(np.array(x.shape, np.int32)), weights, x], [y], **options)
    if op == "FULLY_CONNECTED":
        return net.builder.op(op, [x, weights, None], [y], version=4)
    options |= {"depth_multiplier": 1} if op == "DEPTHWISE_CONV_2D" else {}
    options |= dict.fromkeys(("dilation_h_factor", "dilation_w_factor"), 1)
    return net.builder.op(op, [x, weights], [y], **options)


def _matmul(net: Network, op: str, factor: float) -> Value:
    x, other = (net.builder.tensor((1, 1, 4, 4), 2.0**-8, 0, "int16") for _ in range(2))
    net.inputs += [x, other]
    return net.builder.op(op, [x, other], [net.builder.tensor(x.shape, 2.0**-16 / factor, 0, "int16")], version=4)


def _lstm(net: Network, _: str, factor: float) -> Value:
    """Of gates whose sums are multiplied by up to this factor."""
    x, y = (net.builder.tensor((1, 3, 2), 2.0**-9, 0, "int16") for _ in range(2))
    net.inputs.append(x)
    operands = lstm_operands(net, x, 2, 1, y.scale, 0)
    weights = [net.builder.constant(net.int8((2, 2)) // 64, factor / 8) for _ in range(8)]
    return net.builder.op(
        "UNIDIRECTIONAL_SEQUENCE_LSTM", [x, *weights, *operands[9:]], [y], 4, fused_activation_function=4
    )


WIDE = {
    **dict.fromkeys(("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV"), _weighted),
    "BATCH_MATMUL": _matmul,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": _lstm,
}
"""Operators that sum in 64 bits."""
MOST = 16383.5
"""Of their factors: the shift to the left is 14."""


def test_factors_of_wide_sums(tmp_path: Path, oracle: Oracle) -> None:
    """TensorFlow Lite states shifts to the left of at most 7; all that its arithmetic has an answer to are taken."""
    net = Network(np.random.default_rng(7))
    factors = (127.9, 128.0, 200.0, 5000.3, MOST)
    cases = [Case(f"{op} {factor}", make(net, op, factor)) for op, make in WIDE.items() for factor in factors]
    assert_bit_exact(net, cases, tmp_path, oracle)


@pytest.mark.parametrize("op", WIDE)
def test_a_factor_of_wide_sums_that_is_too_large(op: str) -> None:
    net = Network(np.random.default_rng(7))
    output = WIDE[op](net, op, 16384.0)
    with pytest.raises(UserError, match=r"the output.s scale is too small|too large for the gates"):
        compile_batch(net, [Case(op, output)])


@pytest.mark.parametrize("op", ["QUANTIZE", "DEQUANTIZE", "UNIDIRECTIONAL_SEQUENCE_LSTM", "MUL", "SOFTMAX"])
def test_a_campaign_finds_no_difference(op: str, tmp_path: Path, oracle: Oracle) -> None:
    tally = int16.campaign(op, 2, 16, oracle, None, tmp_path)
    assert tally.differ == []
    assert tally.same == 16


def test_a_campaign_finds_a_difference_and_keeps_it(
    tmp_path: Path, oracle: Oracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = int16._run
    monkeypatch.setattr(int16, "_run", lambda *of: [np.where(array == array.max(), 0, array) for array in right(*of)])
    tally = int16.campaign("RELU", 2, 2, oracle, None, tmp_path)
    assert len(tally.differ) == 2
    assert sorted(path.name for path in tmp_path.glob("*")) == ["failing-RELU-2-0.tflite", "failing-RELU-2-1.tflite"]
