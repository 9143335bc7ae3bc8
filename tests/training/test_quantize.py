from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import OWN_DATA

if TYPE_CHECKING:
    from testbench.stages import Stages


CONV = """
def build():
    return keras.Sequential([
        keras.layers.Conv2D(3, 3, activation="relu", input_shape=(6, 6, 1)),
        keras.layers.Flatten(),
        keras.layers.Dense(2, activation="softmax"),
    ])
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, stages: Stages) -> Path:
    """The model.py of a small network, which is trained: float.h5 beside it."""
    return stages.trained(tmp_path_factory.mktemp("small"), OWN_DATA + CONV)


def quantize(stages: Stages, source: Path, folder: Path, code: int = 0, **section: Any) -> str:
    files = ("--model", source.with_name("float.h5"), "--out", folder / "m.tflite", "--stats", folder / "q.json")
    return stages.run(
        "quantize", *files, "--source", source, code=code, data={"validation": 50}, quantize={"qat": "never", **section}
    )


def test_int8_model_is_described(tmp_path: Path, stages: Stages, source: Path) -> None:
    printed = quantize(stages, source, tmp_path, calibration_samples=50)
    stats = json.loads((tmp_path / "q.json").read_text())
    tflite = (tmp_path / "m.tflite").read_bytes()
    assert stats["ops"] == ["CONV_2D", "RESHAPE", "FULLY_CONNECTED", "SOFTMAX"]
    [entry], [result] = stats["inputs"], stats["outputs"]
    assert (entry["shape"], entry["dtype"], entry["zero_point"]) == ([1, 6, 6, 1], "int8", -128)
    assert 0.95 / 255 < entry["scale"] <= 1.0001 / 255
    assert (result["shape"], result["dtype"], result["scale"], result["zero_point"]) == ([1, 2], "int8", 1 / 256, -128)
    assert stats["weights"] == 3 * 9 + 3 + 48 * 2 + 2
    assert 0 < stats["nonzero_weights"] <= stats["weights"]
    assert stats["tflite_bytes"] == len(tflite)
    assert gzip.decompress(gzip.compress(tflite, 9, mtime=0)) == tflite
    assert stats["tflite_gzip_bytes"] == len(gzip.compress(tflite, 9, mtime=0))
    assert printed == f"quantize m: int8, {len(tflite):,} bytes ({stats['tflite_gzip_bytes']:,} gzipped)\n"


def test_float32_is_the_reference_of_sizes(tmp_path: Path, stages: Stages, source: Path) -> None:
    quantize(stages, source, tmp_path, scheme="float32")
    stats = json.loads((tmp_path / "q.json").read_text())
    assert stats["inputs"][0]["dtype"] == "float32"
    assert stats["weights"] == 3 * 9 + 3 + 48 * 2 + 2
    assert stats["tflite_bytes"] > 4 * stats["weights"]
    assert stats["calibration_samples"] == 0


def test_a_float_tensor_that_stays_is_named(tmp_path: Path, stages: Stages, model_py: Any) -> None:
    source = model_py("""
        import tensorflow as tf

        @keras.utils.register_keras_serializable()
        class Sine(keras.layers.Layer):
            def call(self, x):
                return tf.sin(x)

        def build():
            return keras.Sequential([
                Sine(input_shape=(6, 6, 1)), keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax"),
            ])
        """)
    stages.train(source, source.with_name("float.h5"), epochs=1)
    printed = quantize(stages, source, tmp_path, code=2, calibration_samples=16)
    assert (
        "not full-integer: the converter leaves float tensors: sequential/sine/Sin (float32, made by SIN)\n" in printed
    )
    assert "Traceback" not in printed
    assert not (tmp_path / "m.tflite").exists()


def test_no_more_examples_than_there_are_set_the_ranges(tmp_path: Path, stages: Stages, source: Path) -> None:
    quantize(stages, source, tmp_path, calibration_samples=251)
    assert json.loads((tmp_path / "q.json").read_text())["calibration_samples"] == 250


def test_mistakes_are_told(tmp_path: Path, stages: Stages, source: Path) -> None:
    assert "unknown value, got 'int4'" in quantize(stages, source, tmp_path, code=2, scheme="int4")
    assert "did you mean 'scheme'?" in quantize(stages, source, tmp_path, code=2, shceme="int8")
    own = tmp_path / "model.py"
    own.write_text(source.read_text())
    (tmp_path / "float.h5").write_bytes(b"no model")
    assert "float.h5: cannot be read as a Keras model" in quantize(stages, own, tmp_path, code=2)
    (tmp_path / "float.h5").unlink()
    assert "float.h5: no such file" in quantize(stages, own, tmp_path, code=2)
