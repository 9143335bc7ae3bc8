"""The bytes that the weights of a model take on a device."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from edgewright import coding
from edgewright.tflite.graph import Tensor
from edgewright.tflite.reader import read_model

SCALE_BYTES = 4  # float32 in the file; a multiplier of 32 bits in generated C
FOR_CODES = ("prune", "cluster", "latent")
"""Passes that make a model no smaller until its weights are coded."""


def raw(tflite: Path) -> int:
    """Weights and biases as they lie in a quantized .tflite, and a scale for each channel of the weights.

    The scales of biases are products of others and kept nowhere; shapes, axes and the flatbuffer around are left out.
    """
    return sum(tensor.bytes + _scales(tensor) for tensor in _constants(tflite))


def coded(tflite: Path, stats: Mapping[str, Any]) -> int:
    """The same with the weights of each layer range-coded where that is shorter, tables and headers counted.

    A pass that codes the weights itself says in its statistics what it comes to: fewer latents than weights.
    """
    notes = stats.get("notes", {})
    if "bytes" in notes and "int8_bytes" in notes:
        return int(notes["bytes"])
    return sum(min(tensor.bytes, _code(tensor)) + _scales(tensor) for tensor in _constants(tflite))


def _constants(tflite: Path) -> Iterator[Tensor]:
    return (tensor for tensor in read_model(tflite).tensors.values() if tensor.is_constant and tensor.quantization)


def _scales(tensor: Tensor) -> int:
    if tensor.quantization is None or tensor.dtype == "int32":
        return 0
    return SCALE_BYTES * int(tensor.quantization.scales.size)


def _code(tensor: Tensor) -> int:
    """Bytes of a tensor's code; as it is where it is no int8."""
    if tensor.data is None or tensor.dtype != "int8":
        return tensor.bytes
    rows = [math.prod(tensor.shape[axis:]) for axis in range(1, len(tensor.shape))]
    return len(coding.encode(tensor.data, width=coding.best_width(tensor.data, rows)))
