"""What onnx2tf writes, without what only it needed: the same numbers, and no TRANSPOSE that was not the network's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright.importers._tidied import along
from edgewright.importers._tidied.apply import tidied
from edgewright.passes.tflite_model import quantizable
from edgewright.passes.tflite_model.model import Model
from edgewright.passes.tflite_model.moves import as_transposed
from edgewright.tflite.graph import Graph
from edgewright.tflite.reader import parse_model
from edgewright.training import conversion, from_tflite, leftovers
from testbench.imports.__main__ import FILES

RAW = FILES / "onnx2tf"
"""Its files of networks of testbench/zoo/torch_networks.py, as it writes them."""


def answer(model: bytes, x: NDArray[Any]) -> NDArray[Any]:
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(model_content=model)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
    interpreter.invoke()
    found: NDArray[Any] = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    return found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["causal", "over_time", "slopes", "group_norm"])
def test_a_converted_network_keeps_its_numbers_and_no_transpose_of_the_converter(name: str) -> None:
    raw = Path(RAW / f"{name}.tflite").read_bytes()
    model, inputs, outputs = tidied(raw)
    assert (inputs, outputs) == ({}, {})
    before, after = parse_model(raw, name), parse_model(model, name)
    ops = [node.op for node in after.nodes]
    assert ops.count("TRANSPOSE") <= (name == "group_norm")  # its groups of channels do not lie beside each other
    assert len(ops) < len(before.nodes) or name == "group_norm"
    assert not {"SQRT", "DIV", "SQUARE"} & set(ops)
    x = np.random.default_rng(0).standard_normal(before.tensors[before.inputs[0]].shape).astype(np.float32)
    np.testing.assert_allclose(answer(model, x), answer(raw, x), atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "axes", "after", "wanted"),
    [
        ((1, 6, 4), (0, 2, 1), (1, 4, 1, 6), ((1, 6, 4, 1), (0, 2, 3, 1))),
        ((1, 1, 16, 6), (0, 3, 1, 2), (1, 6, 16), ((1, 16, 6), (0, 2, 1))),
        ((1, 4, 6), (0, 2, 1), (1, 24), None),
        ((2, 3, 4), (2, 1, 0), (4, 3, 2), ((2, 3, 4), (2, 1, 0))),
    ],
)
def test_moves_are_one_transposition_of_another_shape_or_none(
    shape: tuple[int, ...], axes: tuple[int, ...], after: tuple[int, ...], wanted: Any
) -> None:
    x = np.arange(np.prod(shape))
    found = x.reshape(shape).transpose(axes).reshape(after)
    made = as_transposed(found)
    assert (made is None) == (wanted is None)
    if made is not None:
        assert np.array_equal(x.reshape(made[0]).transpose(made[1]), found)
        assert made[0] == wanted[0] or np.prod(made[0]) == np.prod(wanted[0])


def int8(model: bytes) -> Graph:
    """What it is as int8, with ranges of random inputs."""
    import tensorflow as tf

    graph, random = parse_model(model, "net"), np.random.default_rng(0)
    shape = graph.tensors[graph.inputs[0]].shape
    feeds = [[random.standard_normal(shape).astype(np.float32)] for _ in range(8)]
    return parse_model(conversion.from_calibrated(tf, from_tflite.calibrated(model, feeds, "net"), "net"), "net")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "kept"), [("lstm", {"UNIDIRECTIONAL_SEQUENCE_LSTM"}), ("slopes", {"PRELU", "ELU", "LEAKY_RELU"})]
)
def test_operators_that_the_quantizer_takes_in_another_form_become_int8(name: str, kept: set[str]) -> None:
    graph = int8(tidied(Path(RAW / f"{name}.tflite").read_bytes())[0])
    assert kept <= {node.op for node in graph.nodes}
    assert not {"DEQUANTIZE", "QUANTIZE"} & {node.op for node in graph.nodes}
    assert graph.tensors[graph.inputs[0]].shape[0] == 1


@pytest.mark.filterwarnings("ignore")
def test_a_square_that_the_quantizer_would_leave_in_float_multiplies() -> None:
    import tensorflow as tf

    traced = tf.function(tf.square, input_signature=[tf.TensorSpec((1, 6), tf.float32)]).get_concrete_function()
    model = tf.lite.TFLiteConverter.from_concrete_functions([traced]).convert()
    assert [node.op for node in parse_model(model, "net").nodes] == ["SQUARE"]
    assert [node.op for node in int8(model).nodes] == ["MUL"]
    assert quantizable.with_ranges(model) != model
    assert leftovers.closed(model) == model


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("shape", [(1, 3, 2, 2), (1, 4, 3)])
def test_repeated_pixels_and_steps_are_one_operator_and_signs_multiply(shape: tuple[int, ...]) -> None:
    import tensorflow as tf

    def repeat(x: Any) -> Any:
        x = -x
        for axis in range(1, len(shape) - 1):
            x = tf.repeat(x, 1 + axis, axis)
        return x

    model = converted(repeat, shape)
    assert {"TILE", "NEG"} <= set(kinds(model))
    made = quantizable.quantizable(model)
    assert set(kinds(made)) <= {"RESIZE_NEAREST_NEIGHBOR", "RESHAPE", "MUL"}
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    assert np.array_equal(answer(made, x), answer(model, x))
    assert {tensor.dtype for tensor in int8(made).tensors.values()} <= {"int8", "int32"}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("axis", [0, 2])
def test_what_repeats_otherwise_stays(axis: int) -> None:
    import tensorflow as tf

    model = converted(lambda x: tf.tile(x, [2 if place == axis else 1 for place in range(3)]), (1, 4, 3))
    assert kinds(quantizable.quantizable(model)) == kinds(model) == ["TILE"]


@pytest.mark.filterwarnings("ignore")
def test_an_lstm_of_both_directions_is_two() -> None:
    raw = Path("testbench/zoo/files/onnx2tf-float32/bidirectional.tflite").read_bytes()
    made = quantizable.quantizable(raw)
    x = np.random.default_rng(0).standard_normal((1, 4, 4)).astype(np.float32)
    np.testing.assert_allclose(answer(made, x), answer(raw, x), atol=1e-6)
    ops = [node.op for node in int8(made).nodes]
    assert ops.count("UNIDIRECTIONAL_SEQUENCE_LSTM") == ops.count("REVERSE_V2") == 2
    assert not {"DEQUANTIZE", "QUANTIZE"} & set(ops)


def converted(function: Callable[[Any], Any], shape: tuple[int, ...]) -> bytes:
    import tensorflow as tf

    traced = tf.function(function, input_signature=[tf.TensorSpec(shape, tf.float32)]).get_concrete_function()
    return bytes(tf.lite.TFLiteConverter.from_concrete_functions([traced]).convert())


def kinds(model: bytes) -> list[str]:
    return [node.op for node in parse_model(model, "net").nodes]


@pytest.mark.filterwarnings("ignore")
def test_a_clamp_to_0_and_1_is_two_operators() -> None:
    import tensorflow as tf

    model = Model(converted(tf.nn.relu, (1, 9)))
    [node] = model.graph.operators
    model.become(node, "RELU_0_TO_1", node.inputs)
    made = tidied(model.bytes())[0]
    assert kinds(made) == ["RELU", "MINIMUM"]
    x = np.linspace(-1, 2, 9, dtype=np.float32)[None]
    assert np.array_equal(answer(made, x), np.clip(x, 0, 1))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("from_zero", [True, False])
def test_the_padding_of_a_maximum_is_0_where_nothing_is_less(*, from_zero: bool) -> None:
    import tensorflow as tf

    def pool(x: Any) -> Any:
        edges = [[0, 0], [1, 1], [1, 1], [0, 0]]
        padded = tf.pad(tf.nn.relu(x) if from_zero else x, edges, constant_values=np.finfo(np.float32).min)
        return tf.nn.max_pool2d(padded, 3, 2, "VALID")

    model = converted(pool, (1, 6, 6, 2))
    assert "PADV2" in kinds(model)
    made = tidied(model)[0]
    assert ("PAD" if from_zero else "PADV2") in kinds(made)
    x = np.random.default_rng(0).standard_normal((1, 6, 6, 2)).astype(np.float32)
    assert np.array_equal(answer(made, x), answer(model, x))


@pytest.mark.filterwarnings("ignore")
def test_squeeze_and_excite_of_channels_first_keeps_no_transpose() -> None:
    """TRANSPOSE that a mean and a product read, whose other factor is a vector that comes out of that mean."""
    import tensorflow as tf

    def net(x: Any) -> Any:
        moved = tf.transpose(tf.abs(x), (0, 3, 1, 2))
        gate = tf.sigmoid(tf.reshape(tf.reduce_mean(moved, (2, 3), keepdims=True), (1, 5, 1, 1)))
        return tf.abs(tf.transpose(moved * gate, (0, 2, 3, 1)))

    traced = tf.function(net, input_signature=[tf.TensorSpec((1, 4, 3, 5), tf.float32)]).get_concrete_function()
    raw = tf.lite.TFLiteConverter.from_concrete_functions([traced]).convert()
    assert [node.op for node in parse_model(raw, "net").nodes].count("TRANSPOSE") == 2
    model = tidied(raw)[0]
    assert "TRANSPOSE" not in [node.op for node in parse_model(model, "net").nodes]
    x = np.random.default_rng(0).standard_normal((1, 4, 3, 5)).astype(np.float32)
    np.testing.assert_allclose(answer(model, x), answer(raw, x), atol=1e-6)


def rows_of(kind: str, x: Any) -> Any:
    """An operator on [1, 6, 5, 4] that takes some places of its axes, or names some; all of it in one output."""
    import tensorflow as tf

    made: dict[str, Callable[[], Any]] = {
        "SLICE": lambda: tf.slice(x, [0, 1, 2, 0], [-1, 3, -1, 2]),
        "STRIDED_SLICE": lambda: x[:, 4:1:-1, :, 1::2],
        "PAD": lambda: tf.pad(x, [[0, 0], [1, 2], [3, 0], [0, 1]]),
        "PADV2": lambda: tf.pad(x, [[0, 0], [1, 2], [3, 0], [0, 1]], constant_values=7),
        "MIRROR_PAD": lambda: tf.pad(x, [[0, 0], [1, 2], [3, 0], [0, 1]], "REFLECT"),
        "TILE": lambda: tf.tile(x, [1, 2, 1, 3]),
        "REVERSE_V2": lambda: tf.reverse(x, [1]),
        "CUMSUM": lambda: tf.cumsum(x, 1),
        "GATHER": lambda: tf.gather(x, [0, 3, 1, 4, 2, 5], axis=1),
        "SPLIT": lambda: tf.concat(list(reversed(tf.split(x, 3, 1))), 1),
        "SPLIT_V": lambda: tf.concat(list(reversed(tf.split(x, [4, 2], 1))), 1),
    }
    return made[kind]()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", sorted(along.KINDS))
def test_transpose_goes_past_what_takes_places_of_axes(kind: str) -> None:
    import tensorflow as tf

    def net(x: Any) -> Any:
        moved = tf.transpose(x, (0, 3, 1, 2))
        return tf.transpose(tf.abs(rows_of(kind, tf.abs(moved))), (0, 2, 3, 1))

    raw = converted(net, (1, 5, 4, 6))
    assert kind in kinds(raw)
    assert kinds(raw).count("TRANSPOSE") == 2
    model, *turns = tidied(raw)
    assert turns == [{}, {}]
    assert kind in kinds(model)
    assert "TRANSPOSE" not in kinds(model)
    x = np.random.default_rng(0).standard_normal((1, 5, 4, 6)).astype(np.float32)
    np.testing.assert_allclose(answer(model, x), answer(raw, x), rtol=1e-6)


@pytest.mark.filterwarnings("ignore")
def test_halves_of_shuffled_channels_keep_no_transpose() -> None:
    """As in ShuffleNet: both halves and the whole are read, two times over."""
    import tensorflow as tf

    def shuffled(x: Any) -> Any:
        whole = tf.gather(tf.transpose(x, (0, 3, 1, 2)), [0, 3, 1, 4, 2, 5], axis=1)
        half = tf.slice(whole, [0, 0, 0, 0], [-1, 3, -1, -1])
        own = tf.transpose(
            tf.abs(tf.transpose(tf.slice(whole, [0, 3, 0, 0], [-1, 3, -1, -1]), (0, 2, 3, 1))), (0, 3, 1, 2)
        )
        return tf.transpose(tf.concat([half, own], 1), (0, 2, 3, 1))

    raw = converted(lambda x: shuffled(tf.exp(shuffled(tf.abs(x)))), (1, 5, 4, 6))
    model = tidied(raw)[0]
    assert "TRANSPOSE" in kinds(raw)
    assert "TRANSPOSE" not in kinds(model)
    x = np.random.default_rng(0).standard_normal((1, 5, 4, 6)).astype(np.float32)
    np.testing.assert_allclose(answer(model, x), answer(raw, x), rtol=1e-6)


@pytest.mark.filterwarnings("ignore")
def test_a_slice_of_all_that_is_left_keeps_its_lengths_in_int8() -> None:
    import tensorflow as tf

    graph = int8(converted(lambda x: tf.abs(tf.slice(tf.abs(x), [0, 0, 1], [-1, 3, -1])), (1, 4, 5)))
    [node] = [node for node in graph.nodes if node.op == "SLICE"]
    assert graph.tensors[node.outputs[0]].shape == graph.tensors[graph.outputs[0]].shape == (1, 3, 4)
