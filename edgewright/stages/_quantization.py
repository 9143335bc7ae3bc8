"""`[quantize]` as it comes in `--options`, with the defaults of the target file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantization:
    """`[quantize]`: "int8" (full integer) or "float32" (as it is, the reference of sizes)."""

    scheme: str = "int8"
    calibration_samples: int = 256
    seed: int = 0
