"""What the compiler cannot do is told in one line a cause."""

from __future__ import annotations

import numpy as np
import pytest

from edgewright.compiler.check import check
from edgewright.errors import UserError
from edgewright.tflite.reader import parse_model
from testbench.differential.builder import ModelBuilder


def _message(builder: ModelBuilder, first: object, last: object) -> str:
    with pytest.raises(UserError) as caught:
        check(parse_model(builder.finish([first], [last]), "m.tflite"))
    return str(caught.value)


def _chain(builder: ModelBuilder, ops: list[str], dtype: str = "int8") -> tuple[object, object]:
    first = last = builder.tensor((1, 4), 0.5 if dtype == "int8" else 0.0, 0, dtype)
    for op in ops:
        last = builder.op(op, [last], [builder.tensor((1, 4), 0.5 if dtype == "int8" else 0.0, 0, dtype)])
    return first, last


def test_one_fault_is_one_thing() -> None:
    builder = ModelBuilder()
    assert _message(builder, *_chain(builder, ["WHERE"])) == (
        "m.tflite: 1 thing in the model is not supported:\n"
        "    operator 0: WHERE version 1: the operator is not supported  (int8[1,4] 't0' -> int8[1,4] 't0')\n"
        "  hint: docs/operators.md lists the operators and what is supported of each"
    )


def test_operators_with_the_same_fault_share_a_line() -> None:
    builder = ModelBuilder()
    message = _message(builder, *_chain(builder, ["WHERE", "RELU", *["WHERE"] * 6]))
    assert "operators 0, 2, 3, 4 and 3 more: WHERE version 1: the operator is not supported" in message
    assert message.count("\n") == 2


def test_a_float_model_is_told_as_one() -> None:
    builder = ModelBuilder()
    message = _message(builder, *_chain(builder, ["MIRROR_PAD", "SQUEEZE", "MIRROR_PAD"], "float32"))
    assert message == (
        "m.tflite: it is a float model, and in float32 these operators are not supported: "
        "MIRROR_PAD (operators 0, 2)\n"
        "  hint: quantize it: a Keras model in models/ is quantized by its build (`scons target=mcu model=NAME`); a "
        ".tflite where it is made, with TFLiteConverter's representative_dataset and inference_input_type = tf.int8"
    )


def test_float_islands_are_named() -> None:
    builder = ModelBuilder()
    x = builder.tensor((1, 4), 0.5)
    f = builder.op("DEQUANTIZE", [x], [builder.tensor((1, 4), dtype="float32")])
    g = builder.op("MIRROR_PAD", [f], [builder.tensor((1, 4), dtype="float32")])
    y = builder.op("QUANTIZE", [g], [builder.tensor((1, 4), 0.25)])
    message = _message(builder, x, y)
    assert message.startswith(
        "m.tflite: operators stayed float inside a quantized model, and in float32 these are not supported: "
        "MIRROR_PAD (operator 1)\n  hint: replace the layers that make them"
    )


def test_weights_that_alone_are_quantized() -> None:
    builder = ModelBuilder()
    x, y = (builder.tensor((1, 2, 4), dtype="float32") for _ in range(2))
    weights = builder.constant(np.ones((1, 4, 4), np.int8), 0.5)
    builder.op("BATCH_MATMUL", [x, weights], [y], adj_x=False, adj_y=False)
    message = _message(builder, x, y)
    assert message.startswith("m.tflite: its weights alone are quantized (dynamic), and these operators are not")
    assert "BATCH_MATMUL (operator 0)\n  hint: quantize activations too" in message


def test_a_fault_of_a_float_operator_keeps_its_reason() -> None:
    builder = ModelBuilder()
    x, y = (builder.tensor((1, 2, 2, 1), dtype="float32") for _ in range(2))
    kernel = builder.constant(np.ones((1, 1, 1, 1), np.float32))
    builder.op("CONV_2D", [x, kernel], [y], stride_h=0, stride_w=1)
    assert "operator 0: CONV_2D version 1: stride_h must be at least 1" in _message(builder, x, y)


def test_tensors_without_a_name_have_a_number() -> None:
    builder = ModelBuilder()
    x, y = _chain(builder, ["WHERE"])
    builder._tensors[0]["scales"] = [0.25]
    data = builder.finish([x], [y])
    assert "(int8[1,4] tensor 0 -> int8[1,4] tensor 1)" in _nameless(data)


def _nameless(data: bytes) -> str:
    """The message of the same file with names of no letters."""
    for name in (b"t0", b"t1"):
        place = data.index(b"\2\0\0\0" + name)
        data = data[:place] + b"\0\0\0\0\0\0" + data[place + 6 :]
    with pytest.raises(UserError) as caught:
        check(parse_model(data, "m.tflite"))
    return str(caught.value)
