"""Quantizes float models with ai-edge-quantizer, or with what it is called now, litert-quantizer."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from testbench.zoo import _child

WAYS = {
    "ai-edge-quantizer-int8": ("ai_edge_quantizer", "static_wi8_ai8"),
    "ai-edge-quantizer-int16x8": ("ai_edge_quantizer", "static_wi8_ai16"),
    "ai-edge-quantizer-dynamic": ("ai_edge_quantizer", "dynamic_wi8_afp32"),
    "litert-quantizer-int8": ("litert_quantizer", "static_wi8_ai8"),
}
"""The module, and which of its recipes."""
_SEED, _SAMPLES, _VOCABULARY = 5, 8, 8


def _sample(random: np.random.Generator, facts: Any) -> NDArray[Any]:
    if facts["dtype"] is np.int32:
        return random.integers(0, _VOCABULARY, facts["shape"]).astype(np.int32)
    return random.standard_normal(facts["shape"]).astype(np.float32)


def _given(model: bytes) -> dict[str, list[dict[str, NDArray[Any]]]]:
    """Samples by the names of the model's signature."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter, random = Interpreter(model_content=model), np.random.default_rng(_SEED)
    found = {}
    for key in interpreter.get_signature_list():
        inputs = interpreter.get_signature_runner(key).get_input_details()
        found[key] = [{name: _sample(random, facts) for name, facts in inputs.items()} for _ in range(_SAMPLES)]
    return found


def _convert(way: str, name: str, folder: Path) -> bytes:
    module, recipe = WAYS[way]
    quantizer = importlib.import_module(f"{module}.quantizer")
    recipes = importlib.import_module(f"{module}.recipe")
    model = (folder / "tf-float32" / f"{name}.tflite").read_bytes()
    work = quantizer.Quantizer(bytearray(model), getattr(recipes, recipe)())
    ranges = work.calibrate(_given(model)) if work.need_calibration else None
    return bytes(work.quantize(ranges).quantized_model)


if __name__ == "__main__":
    _child.main(_convert, {way: module.replace("_", "-") for way, (module, _) in WAYS.items()})
