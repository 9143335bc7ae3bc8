"""`[quantize]` as it comes in `--options`, with the defaults of the target file."""

from __future__ import annotations

from dataclasses import dataclass

from edgewright.errors import UserError

SCHEMES = ("int8", "int16x8", "float16", "dynamic", "float32")
CALIBRATED = ("int8", "int16x8")
"""Schemes whose activations have ranges, which examples set."""

LEAST_SAMPLES = 16


@dataclass(frozen=True)
class Quantization:
    """`[quantize]`; its keys are explained in edgewright/spec/target.py.

    `scheme`: "int8" and "int16x8" are full-integer (the second has activations of 16 bits), "float16" and "dynamic"
    store weights in 16 and 8 bits and compute with floats, "float32" is the model as it is, the reference of sizes.
    """

    scheme: str = "int8"
    calibration_samples: int = 256
    calibration: str = "minmax"
    percentile: float = 99.9
    seed: int = 0
    recurrent: str = "operator"
    int16_layers: tuple[str, ...] | list[str] = ()
    sensitivity: bool = False
    qat: str = "never"
    qat_kind: str = "auto"
    qat_threshold: float = 0.003
    qat_epochs: int = 2
    qat_learning_rate: float | None = None

    def check(self) -> None:
        """UserError for an unknown scheme, and for too few examples."""
        if self.scheme not in SCHEMES:
            raise UserError("[quantize] scheme", "unknown scheme", got=self.scheme, allowed=SCHEMES)
        if self.scheme in CALIBRATED and self.calibration_samples < LEAST_SAMPLES:
            allowed = f"at least {LEAST_SAMPLES}"
            problem = "too few to tell the ranges of activations"
            raise UserError("[quantize] calibration_samples", problem, got=self.calibration_samples, allowed=allowed)
