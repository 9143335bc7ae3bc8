"""A converter alone: a model to int8 as its documentation says, with nothing of Edgewright. Runs where it is installed.

    python _alone.py tensorflow|onnx|torch|tflite MODEL INPUTS.npy FOLDER

INPUTS are examples [N, ...] with channels last. `torch` writes FOLDER/net.onnx and no more, `onnx` FOLDER/float.tflite,
`tflite` makes int8 of that.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np


def tensorflow(model: str, inputs: str, folder: Path) -> None:
    """Keras of the version that TF_USE_LEGACY_KERAS says, or a SavedModel, by TensorFlow's converter."""
    tf: Any = importlib.import_module("tensorflow")

    def examples() -> Iterator[list[Any]]:
        yield from ([x[None].astype(np.float32)] for x in np.load(inputs))

    if model.endswith("/"):
        converter = tf.lite.TFLiteConverter.from_saved_model(model)
    else:
        converter = tf.lite.TFLiteConverter.from_keras_model(tf.keras.models.load_model(model, compile=False))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = examples
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    (folder / "net.tflite").write_bytes(converter.convert())


def onnx(model: str, _inputs: str, folder: Path) -> None:
    """By onnx2tf, in float: its own quantization ends with an error on MobileNetV2."""
    made: Any = importlib.import_module("onnx2tf")
    made.convert(input_onnx_file_path=model, output_folder_path=str(folder / "made"), non_verbose=True)
    next((folder / "made").glob("*_float32.tflite")).rename(folder / "float.tflite")


def tflite(model: str, inputs: str, folder: Path) -> None:
    """A float .tflite by TensorFlow's calibrator and quantizer."""
    tf: Any = importlib.import_module("tensorflow")
    made: Any = importlib.import_module("tensorflow.lite.python.optimize.calibrator")

    def examples() -> Iterator[list[Any]]:
        yield from ([x[None].astype(np.float32)] for x in np.load(inputs))

    calibrator = made.Calibrator(Path(model).read_bytes())
    whole = calibrator.calibrate_and_quantize(examples, tf.int8, tf.int8, False)
    (folder / "net.tflite").write_bytes(whole)


def torch(model: str, _inputs: str, folder: Path) -> None:
    """By torch, to ONNX."""
    made: Any = importlib.import_module("torch")
    made.onnx.export(made.export.load(model), f=folder / "net.onnx", dynamo=True, verbose=False, external_data=False)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    kind, given_model, given_inputs, given_folder = sys.argv[1:]
    does = {"tensorflow": tensorflow, "onnx": onnx, "torch": torch, "tflite": tflite}
    does[kind](given_model, given_inputs, Path(given_folder))
