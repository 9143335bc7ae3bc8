"""Builds, quantizes and writes networks: `python -m tests.models.convert FOLDER`. One start of TensorFlow for all."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from edgewright.training import conversion, tensorflow, traced
from tests.models.networks import NETWORKS

SEED = 11
ENDS = ("float32", "uint8", "int8")
"""Types of input and output that the converter offers for an int8 model; float32 is what it takes unasked."""


def _settle(tf: Any, model: Any, samples: Any) -> None:
    """Weights that spread values over both signs, and batch normalisation that knows one sample."""
    random = np.random.default_rng(SEED)
    for weight in model.weights:
        if any(part in weight.name for part in ("bias", "beta")):
            weight.assign(random.uniform(-0.3, 0.3, weight.shape))
        elif "gamma" in weight.name:
            weight.assign(random.uniform(0.5, 1.5, weight.shape))
    model(samples[-1:], training=True)  # without momentum, averages are those of the last that was seen


def _with_ends(tf: Any, model: Any, samples: Any, ends: str) -> bytes:
    """An int8 model as the converter's documentation has it, with inputs and outputs of a type."""
    converter = traced.converter(tf, model, "ds_cnn")
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
    if ends != "float32":
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = getattr(tf, ends)
    made: bytes = converter.convert()
    return made


def main(folder: Path) -> None:
    for name, make in NETWORKS.items():
        tf = tensorflow.start(SEED)
        model = make(tf)
        samples = np.random.default_rng(SEED).standard_normal((8, *model.input_shape[1:])).astype(np.float32)
        _settle(tf, model, samples)
        (folder / f"{name}.tflite").write_bytes(conversion.int8(tf, model, samples, name))
        for ends in ENDS if name == "ds_cnn" else ():
            (folder / f"{name}_{ends}.tflite").write_bytes(_with_ends(tf, model, samples, ends))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
