"""What importers tell without opening a model, and how equal is held."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright import registry
from edgewright.errors import ToolError, UserError
from edgewright.importers import Brought, Input, _onnx_child
from edgewright.importers._borders import Borders
from edgewright.importers._keras3.known import stops
from edgewright.importers._tidied.apply import tidied
from edgewright.training import equal


@pytest.mark.parametrize(
    ("name", "importer"),
    [
        ("net.keras", "keras"),
        ("a/net.h5", "keras"),
        ("folder/", "saved-model"),
        ("nets:build", "function"),
        ("models/m/nets:build", "function"),
        ("net.onnx", "onnx"),
        ("net.pt2", "torch"),
        ("net.tflite", "tflite"),
        ("fashion_cnn", None),
        ("https://net", None),
    ],
)
def test_the_importer_of_a_name(name: str, importer: str | None) -> None:
    assert registry.importer_of(name) == importer


def layer(kind: str, module: str = "keras.layers", **config: object) -> dict[str, object]:
    return {"class_name": kind, "module": module, "config": {"name": "it", **config}, "registered_name": None}


def model(*layers: dict[str, object]) -> dict[str, object]:
    return {"class_name": "Functional", "module": "keras", "config": {"layers": list(layers)}}


def test_layers_that_tf_keras_lacks_are_named_wherever_they_stand() -> None:
    inside = layer("TimeDistributed", layer=layer("RMSNormalization"))
    found = stops(
        model(layer("Dense"), layer("Add", "keras.src.ops.numpy"), model(layer("Erf", "keras.src.ops.math")), inside)
    )
    assert found == ["it (Erf)", "it (RMSNormalization)"]


def test_a_class_of_the_project_is_not_keras_own_of_that_name() -> None:
    assert stops(model({**layer("Dense", "mine"), "registered_name": "mine>Dense"})) == ["it (Dense)"]


def brought(value: float) -> Brought:
    return Brought("a test", (Input("x", (1, 2), "float32"),), lambda x: [x[0] * value])


def test_an_import_is_equal_within_the_tolerance_or_refused() -> None:
    real = [np.ones((1, 2), np.float32)]
    facts = equal.errors(brought(1.0), lambda x: [x[0] + 5e-5], real, "net")
    assert facts["error"]["real"] == pytest.approx(5e-5, rel=1e-2)
    with pytest.raises(ToolError, match="other numbers in output 0, by up to"):
        equal.errors(brought(1.0), lambda x: [x[0] * 1.01], real, "net")
    with pytest.raises(ToolError, match="other numbers"):
        equal.errors(brought(1.0), lambda x: [x[0] * np.nan], (), "net")
    with pytest.raises(ToolError, match="other shapes"):
        equal.errors(brought(1.0), lambda x: [x[0], x[0]], (), "net")


def test_an_origin_whose_own_answers_are_no_numbers_is_told_so() -> None:
    with pytest.raises(UserError, match="the model itself gives NaN or infinity in output 0"):
        equal.errors(brought(np.nan), lambda x: [x[0]], (), "net")


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("[ONNXRuntimeError] : 1 : FAIL : Load model from /a/b.onnx failed:/c/d.cc:181 onnx::Model(f&&, (g)) No", "No"),
        (
            "[ONNXRuntimeError] : 10 : INVALID_GRAPH : Load model from b.onnx failed:This is an invalid",
            "This is an invalid",
        ),
        ("something else", "something else"),
    ],
)
def test_what_onnxruntime_says_is_told_without_its_own_places(said: str, left: str) -> None:
    assert _onnx_child._plainly(said) == left


def test_a_folder_without_a_slash_is_told_how_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    assert registry.unimported("model.toml", "net", tmp_path).hint == "a folder is written with / at its end: net/"
    assert registry.unimported("model.toml", "net.odd", tmp_path).hint is None


def test_what_a_converter_wrote_is_tidied_without_tensorflow() -> None:
    file = Path(__file__).parents[2] / "testbench/zoo/files/onnx2tf-float32/bidirectional.tflite"
    assert len(tidied(file.read_bytes())[0]) > 1000  # conftest.py fails the test that imports it


def test_outputs_of_another_layout_are_found_by_their_numbers() -> None:
    theirs = np.arange(8.0).reshape(1, 2, 2, 2)
    found = _onnx_child._outputs([theirs.transpose(0, 2, 3, 1)], [theirs])
    assert found == (0.0, [{"index": 0, "axes": [0, 2, 3, 1]}])


def test_an_origin_answers_in_the_layout_and_order_of_what_it_became() -> None:
    image = {
        "name": "image",
        "tensor": "a",
        "shape": [1, 4, 5, 3],
        "dtype": "float32",
        "axes": [0, 2, 3, 1],
        "index": 1,
    }
    numbers = {"name": "numbers", "tensor": "b", "shape": [1, 2], "dtype": "float32", "axes": [0, 1], "index": 0}
    known = {"inputs": [image, numbers], "outputs": [{"index": 1, "axes": [0, 2, 1]}]}
    borders = Borders.read(known)
    assert borders.as_json == known
    asked = []

    def ask(columns: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        asked.extend(column.shape for column in columns)
        return [np.zeros((1, 1, 9)), np.arange(6.0).reshape(1, 1, 2, 3)]

    found = borders.answer(ask)([np.zeros((1, 4, 5, 3)), np.zeros((1, 2))])
    assert asked == [(1, 1, 2), (1, 1, 3, 4, 5)]
    assert [value.tolist() for value in found] == [[[[0, 3], [1, 4], [2, 5]]]]
