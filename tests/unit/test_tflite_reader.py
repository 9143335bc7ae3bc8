"""Files that are whole, and files that are not: a graph or a UserError, nothing else, in bounded time."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright.compiler import compile_model
from edgewright.errors import UserError
from edgewright.tflite.reader import parse_model, read_model
from testbench.differential.builder import ModelBuilder, Value
from testbench.tflite_files import File, FileOperator, FileTensor


def _model(change: Callable[[ModelBuilder], None] = lambda _: None, outputs: int = 1) -> bytes:
    builder = ModelBuilder()
    x = builder.tensor((1, 4, 4, 2), 0.5, -3)
    weights = builder.constant(np.arange(36, dtype=np.int8).reshape(2, 3, 3, 2), [0.1, 0.2])
    y = builder.tensor((1, 4, 4, 2), 4.0, 5)
    builder.op("CONV_2D", [x, weights, None], [y], version=3, padding=0, stride_w=1, stride_h=1)
    change(builder)
    return builder.finish([x], [y] * outputs)


MODEL = _model()


def _problem(data: bytes) -> str:
    with pytest.raises(UserError) as caught:
        parse_model(data, "m.tflite")
    return str(caught.value)


def test_reads_shapes_options_and_constants() -> None:
    graph = parse_model(MODEL)
    (node,) = graph.nodes
    assert (node.op, node.version, node.inputs) == ("CONV_2D", 3, (0, 1, -1))
    assert node.options["stride_w"] == node.options["dilation_w_factor"] == 1
    weights = graph.tensors[1]
    assert weights.data is not None
    assert weights.data.tolist() == np.arange(36).reshape(2, 3, 3, 2).tolist()
    assert weights.quantization is not None
    assert weights.quantization.scales.tolist() == pytest.approx([0.1, 0.2])
    assert graph.tensors[0].quantization is not None
    assert graph.tensors[0].quantization.zero_point == -3


def test_constants_cannot_be_written() -> None:
    data = parse_model(MODEL).tensors[1].data
    assert data is not None
    with pytest.raises(ValueError, match="read-only"):
        data[0] = 1


def test_not_a_tflite_file() -> None:
    assert "not a .tflite file, got b'" in _problem(b"hello, this is no model at all")
    assert "not a .tflite file, got b''" in _problem(b"")


@pytest.mark.parametrize("share", np.linspace(0.02, 0.99, 40).tolist())
def test_truncated(share: float) -> None:
    _read_or_refuse(MODEL[: int(len(MODEL) * share)])


@pytest.mark.parametrize("seed", range(6))
def test_flipped_bits(seed: int) -> None:
    random = np.random.default_rng(seed)
    for _ in range(60):
        data = bytearray(MODEL)
        for place in random.integers(8, len(data), random.integers(1, 4)):
            data[place] ^= 1 << int(random.integers(8))
        _read_or_refuse(bytes(data))


@pytest.mark.parametrize("word", [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_every_word_replaced(word: int) -> None:
    for place in range(0, len(MODEL) - 4, 4):
        _read_or_refuse(MODEL[:place] + struct.pack("<I", word) + MODEL[place + 4 :])


def _read_or_refuse(data: bytes) -> None:
    try:
        compile_model(parse_model(data), "m")
    except UserError as error:
        assert str(error)  # noqa: PT017 - both ends are right; anything else is a traceback


def _with_tensor(**values: Any) -> Callable[[ModelBuilder], None]:
    def change(builder: ModelBuilder) -> None:
        builder._tensors[0] |= values

    return change


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"scales": [0.0]}, "a scale is not a number above 0, got 0.0"),
        ({"scales": [float("nan")]}, "a scale is not a number above 0, got nan"),
        ({"scales": [float("inf")]}, "a scale is not a number above 0, got inf"),
        (
            {"zeros": [1, 2]},
            "scales and zero points differ in number, got '1 and 2'",
        ),
        (
            {"scales": [1.0, 1.0], "zeros": [0, 0]},
            "the number of scales fits no dimension",
        ),
        ({"zeros": [128]}, "a zero point is outside int8, got [128]"),
        ({"shape": [1, -1, 4, 2]}, "the shape is not fixed"),
        ({"shape": [1 << 20, 1 << 20, 1 << 20]}, "the tensor is too large"),
        ({"shape": [1] * 9}, "the tensor has too many dimensions, got 9"),
        ({"buffer": 77}, "not a sound .tflite file: it names buffer 77 of 2"),
        (
            {"buffer": 1},
            "not a sound .tflite file: (1, 4, 4, 2) of int8 has 36 bytes of content",
        ),
    ],
)
def test_unsound_tensor(values: dict[str, Any], message: str) -> None:
    assert f"m.tflite: tensor 0 't0', input 0 of the model: {message}" in _problem(_model(_with_tensor(**values)))


def test_cycle() -> None:
    builder = ModelBuilder()
    x, y, z = (builder.tensor((4,), 0.5) for _ in range(3))
    builder.op("ADD", [x, z], [y])
    builder.op("RELU", [y], [z])
    assert "operator 0 (ADD): not a sound .tflite file: tensor 2 is read before" in _problem(builder.finish([x], [z]))


def test_written_twice() -> None:
    builder = ModelBuilder()
    x, y = (builder.tensor((4,), 0.5) for _ in range(2))
    builder.op("RELU", [x], [y])
    builder.op("RELU", [x], [y])
    assert "tensor 1, which has its content already" in _problem(builder.finish([x], [y]))


def test_output_that_nothing_writes() -> None:
    builder = ModelBuilder()
    x, y = (builder.tensor((4,), 0.5) for _ in range(2))
    assert "output tensor 1 is never written" in _problem(builder.finish([x], [y]))


def test_tensor_numbers_out_of_range() -> None:
    builder = ModelBuilder()
    x = builder.tensor((4,), 0.5)
    beyond = replace(x, id=9)
    builder.op("RELU", [beyond], [x])
    assert "operator 0: not a sound .tflite file: inputs name tensor 9 of 1" in _problem(builder.finish([x], [x]))


def test_vectors_that_share_their_bytes_are_bounded() -> None:
    builder = ModelBuilder()
    x = builder.tensor((4,), 0.5)
    big = builder.constant(np.zeros(1 << 16, np.int8))
    builder._tensors += [builder._tensors[big.id]] * 4000  # 4000 tensors of one buffer
    y: Value = builder.tensor((4,), 0.5)
    builder.op("RELU", [x], [y])
    assert "share their bytes again and again" in _problem(builder.finish([x], [y]))


def test_the_larger_of_two_operator_codes_holds() -> None:
    for code in ({"BuiltinCode": 41}, {"DeprecatedBuiltinCode": 41}, {"BuiltinCode": 41, "DeprecatedBuiltinCode": 18}):
        file = File([FileTensor([4])] * 3, [FileOperator([0, 1], [2], 0)], [code], inputs=(0, 1), outputs=(2,))
        assert parse_model(file.data()).nodes[0].op == "SUB"


def test_a_constant_of_no_elements_is_a_constant() -> None:
    builder = ModelBuilder()
    x, y, shape = builder.tensor((1,), 0.5), builder.tensor((), 0.5), builder.constant(np.zeros(0, np.int32))
    builder.op("RESHAPE", [x, shape], [y])
    graph = parse_model(builder.finish([x], [y]))
    found = graph.tensors[shape.id].data
    assert found is not None
    assert (found.shape, found.dtype) == ((0,), np.int32)
    compile_model(graph, "m")


def test_a_tensor_that_nothing_writes() -> None:
    builder = ModelBuilder()
    x, y, z = (builder.tensor((4,), scale) for scale in (0.1, 0.2, 0.3))
    builder.op("ADD", [x, z], [y])
    problem = "m.tflite: operator 0 (ADD): nothing writes its input tensor 2 (int8[4] 't2'), which is no constant"
    assert _problem(builder.finish([x], [y])) == f"{problem}\n  hint: convert the model again"


def test_a_bias_with_the_axis_of_its_weights() -> None:
    builder = ModelBuilder()
    x, y = builder.tensor((1, 2), 0.5), builder.tensor((1, 2), 0.5)
    weights = builder.constant(np.ones((2, 2), np.int8), [0.1, 0.2])
    bias = builder.constant(np.ones(2, np.int32), [0.05, 0.1], axis=3)
    builder.op("FULLY_CONNECTED", [x, weights, bias], [y], version=4)
    graph = parse_model(builder.finish([x], [y]))
    found = graph.tensors[bias.id].quantization
    assert found is not None
    assert found.axis == 0
    compile_model(graph, "m")


def test_the_tensor_and_its_operator_are_named() -> None:
    def change(builder: ModelBuilder) -> None:
        builder._tensors[1]["scales"] = [0.1, 0.0]

    place = "m.tflite: tensor 1 't1', read by operator 0 (CONV_2D): a scale is not a number above 0, got 0.0"
    assert _problem(_model(change)).startswith(place)


def test_constants_of_a_file_that_can_be_written_are_written_to_it() -> None:
    file = bytearray(MODEL)
    tensor = parse_model(file).tensors[1]
    assert tensor.data is not None
    assert tensor.quantization is not None
    tensor.data[0], tensor.quantization.scales[1] = 7, 4.0
    again = parse_model(bytes(file)).tensors[1]
    assert again.data is not None
    assert again.quantization is not None
    assert np.all(again.data[0] == 7)
    assert again.quantization.scales[1] == 4.0


def test_a_file_beyond_two_gigabytes(tmp_path: Path) -> None:
    with (tmp_path / "big.tflite").open("wb") as file:
        file.truncate(1 << 31)  # sparse: takes no room
    with pytest.raises(UserError, match="the file is too large: weights beyond 2 GiB lie outside the flatbuffer"):
        read_model(tmp_path / "big.tflite")


def _with_signature(signature: list[int], shape: tuple[int, ...]) -> bytes:
    tensors = [FileTensor(shape, name="audio", shape_signature=signature), FileTensor(shape)]
    return File(tensors, [FileOperator([0], [1])], [{"BuiltinCode": 19}]).data()


def test_an_input_of_dynamic_length() -> None:
    assert _problem(_with_signature([1, -1, 40], (1, 1, 40))) == (
        "m.tflite: tensor 0 'audio', input 0 of the model: its length is not fixed, got [1, -1, 40], allowed: -1 for "
        "the batch alone\n  hint: convert with a fixed input shape, for instance "
        "keras.Input(shape=(49, 40), batch_size=1)"
    )


def test_an_open_batch_is_one() -> None:
    assert parse_model(_with_signature([-1, 49, 40], (1, 49, 40))).tensors[0].shape == (1, 49, 40)
    assert parse_model(_with_signature([1, -1, 40], (1, 49, 40))).tensors[0].shape == (1, 49, 40)  # resized and kept


def test_several_inputs_and_outputs_are_in_the_order_of_the_file() -> None:
    operators = [FileOperator([3, 0], [1]), FileOperator([0, 3], [2])]
    file = File([FileTensor([4])] * 4, operators, [{"BuiltinCode": 41}], inputs=(3, 0), outputs=(2, 1))
    file.signatures = (("serving_default", {"b": 0, "a": 3}, {"y": 1, "z": 2}),)
    graph = parse_model(file.data())
    assert (graph.inputs, graph.outputs) == ((3, 0), (2, 1))
