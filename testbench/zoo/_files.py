"""The frozen files: which they are, and who made them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from edgewright.files import read_json

FILES = Path(__file__).with_name("files")
MANIFEST = FILES / "manifest.json"
"""By way of conversion: `version`, `files` (hash by network), `failed` (the converter's own words by network)."""

WAYS: Mapping[str, str] = {
    "tf-int8": "TFLiteConverter, int8 inputs and outputs, batch of 1",
    "tf-uint8": "TFLiteConverter, int8 with uint8 inputs and outputs, batch of 1",
    "tf-default": "TFLiteConverter with a representative data set and nothing else: int8 between float inputs and "
    "outputs, batch open",
    "tf-int16x8": "TFLiteConverter, int16 activations and int8 weights",
    "tf-dynamic": "TFLiteConverter without data: int8 weights alone",
    "tf-float32": "TFLiteConverter, not quantized",
    "tfmot-qat": "quantization-aware training of tfmot, then TFLiteConverter",
    "ai-edge-quantizer-int8": "ai-edge-quantizer, recipe static_wi8_ai8, of tf-float32",
    "ai-edge-quantizer-int16x8": "ai-edge-quantizer, recipe static_wi8_ai16, of tf-float32",
    "ai-edge-quantizer-dynamic": "ai-edge-quantizer, recipe dynamic_wi8_afp32, of tf-float32",
    "litert-quantizer-int8": "litert-quantizer, recipe static_wi8_ai8, of tf-float32",
    "onnx2tf-int8": "onnx2tf of an ONNX file, full_integer_quant",
    "onnx2tf-default": "onnx2tf of an ONNX file, integer_quant: float inputs and outputs",
    "onnx2tf-int16x8": "onnx2tf of an ONNX file, full_integer_quant_with_int16_act",
    "onnx2tf-float32": "onnx2tf of an ONNX file, not quantized",
    "keras-export": "Keras 3, model.export(format='litert'), not quantized",
}
"""What they are, in the order of the page."""


@dataclass(frozen=True)
class File:
    """One of them.

    Attributes:
        way: how it was converted; see WAYS.
        network: what it was made of.
    """

    way: str
    network: str

    @property
    def name(self) -> str:
        """As the results call it."""
        return f"{self.way}/{self.network}"

    @property
    def path(self) -> Path:
        """Where it lies."""
        return FILES / self.way / f"{self.network}.tflite"


@cache
def manifest() -> Mapping[str, Any]:
    """What `make` wrote."""
    found: Mapping[str, Any] = read_json(MANIFEST)
    return found


def files() -> Iterator[File]:
    """All, by way and network."""
    for way in WAYS:
        yield from (File(way, network) for network in manifest()[way]["files"])


def board_of(file: File, boards: Sequence[str]) -> str:
    """The board that a file runs on where it does not run on all: they take turns, by way and by network."""
    networks = sorted({name for facts in manifest().values() for name in (*facts["files"], *facts["failed"])})
    return boards[(list(WAYS).index(file.way) + networks.index(file.network)) % len(boards)]
