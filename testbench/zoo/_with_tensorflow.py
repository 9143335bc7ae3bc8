"""Converts networks with TFLiteConverter, and after quantization-aware training with tfmot."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np

from edgewright.training import tensorflow
from testbench.zoo import _child
from testbench.zoo.keras_networks import SEED, build, samples

_EPOCHS = 2


@functools.cache
def _tf() -> Any:
    return tensorflow.start(SEED)


def _converter(model: Any) -> Any:
    return _tf().lite.TFLiteConverter.from_keras_model(model)


def _calibrated(name: str, batch: int | None) -> Any:
    model = build(_tf().keras, name, batch)
    converter = _converter(model)
    converter.optimizations = [_tf().lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: iter(samples(model))
    return converter


def float32(name: str) -> Any:
    """As it is."""
    return _converter(build(_tf().keras, name, 1))


def dynamic(name: str) -> Any:
    """Its weights alone in int8."""
    converter = float32(name)
    converter.optimizations = [_tf().lite.Optimize.DEFAULT]
    return converter


def default(name: str) -> Any:
    """int8 between float inputs and outputs, of an open batch: what a script without further options makes."""
    return _calibrated(name, None)


def ends(dtype: str, name: str) -> Any:
    """int8 between inputs and outputs of a type, of a batch of 1; integer inputs stay."""
    converter = _calibrated(name, 1)
    converter.target_spec.supported_ops = [_tf().lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = getattr(_tf(), dtype)
    return converter


def int16x8(name: str) -> Any:
    """int16 activations, int8 weights."""
    converter = _calibrated(name, 1)
    mode = _tf().lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
    converter.target_spec.supported_ops = [mode]
    converter.inference_input_type = converter.inference_output_type = _tf().int16
    return converter


def qat(name: str) -> Any:
    """Trained for a moment with fake quantization."""
    import tensorflow_model_optimization as tfmot

    model = build(_tf().keras, name, 1)
    trained = tfmot.quantization.keras.quantize_model(model)
    trained.compile("sgd", "mse")
    given = [np.concatenate(arrays) for arrays in zip(*samples(model), strict=True)]
    wanted = [np.zeros((len(given[0]), *tensor.shape[1:])) for tensor in model.outputs]
    trained.fit(given, wanted, batch_size=1, epochs=_EPOCHS, verbose=0)
    converter = _converter(trained)
    converter.optimizations = [_tf().lite.Optimize.DEFAULT]
    converter.inference_input_type = converter.inference_output_type = _tf().int8
    return converter


WAYS = {
    "tf-float32": float32,
    "tf-dynamic": dynamic,
    "tf-default": default,
    "tf-int8": functools.partial(ends, "int8"),
    "tf-uint8": functools.partial(ends, "uint8"),
    "tf-int16x8": int16x8,
    "tfmot-qat": qat,
}


def _convert(way: str, name: str, _folder: Path) -> bytes:
    made: bytes = WAYS[way](name).convert()
    return made


if __name__ == "__main__":
    packages = {way: "tensorflow-model-optimization" if way == "tfmot-qat" else "tensorflow" for way in WAYS}
    _child.main(_convert, packages)
