"""The bytes that the weights of a model take on a device."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgewright.tflite.reader import read_model

SCALE_BYTES = 4  # float32 in the file; a multiplier of 32 bits in generated C


def raw(tflite: Path) -> int:
    """Weights and biases as they lie in a quantized .tflite, and a scale for each channel of the weights.

    The scales of biases are products of others and kept nowhere; shapes, axes and the flatbuffer around are left out.
    """
    graph = read_model(tflite)
    constants = [tensor for tensor in graph.tensors.values() if tensor.is_constant and tensor.quantization]
    scales = sum(t.quantization.scales.size for t in constants if t.quantization and t.dtype != "int32")
    return sum(tensor.bytes for tensor in constants) + SCALE_BYTES * scales


def coded(stats: Mapping[str, Any]) -> int | None:
    """Codes, tables, scales, biases and decoder weights of a pass that codes the weights; None of another."""
    notes = stats.get("notes", {})
    return int(notes["bytes"]) if "bytes" in notes and "int8_bytes" in notes else None
