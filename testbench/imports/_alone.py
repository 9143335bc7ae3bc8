"""A converter alone: a model to int8 as its documentation says, with nothing of Edgewright. Runs where it is installed.

    python _alone.py tensorflow|onnx|torch MODEL INPUTS.npy FOLDER

INPUTS are examples [N, ...] with channels last. `torch` writes FOLDER/net.onnx and no more.
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


def onnx(model: str, inputs: str, folder: Path) -> None:
    """By onnx2tf."""
    made: Any = importlib.import_module("onnx2tf")
    name = importlib.import_module("onnx").load(model, load_external_data=False).graph.input[0].name
    np.save(folder / "x.npy", np.load(inputs).astype(np.float32))
    calibration = [[name, str(folder / "x.npy"), [0.0], [1.0]]]
    made.convert(
        input_onnx_file_path=model,
        output_folder_path=str(folder),
        output_integer_quantized_tflite=True,
        custom_input_op_name_np_data_path=calibration,
        non_verbose=True,
    )


def torch(model: str, _inputs: str, folder: Path) -> None:
    """By torch, to ONNX."""
    made: Any = importlib.import_module("torch")
    made.onnx.export(made.export.load(model), f=folder / "net.onnx", dynamo=True, verbose=False, external_data=False)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    kind, given_model, given_inputs, given_folder = sys.argv[1:]
    {"tensorflow": tensorflow, "onnx": onnx, "torch": torch}[kind](given_model, given_inputs, Path(given_folder))
