"""`[preprocess]` of a model: what is done to the examples before the model sees them, in training as on the device."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from edgewright.sections.section import Section, fault

_MOST_SAMPLES = 4096


class Preprocess(Section):
    """Sound becomes frames of a log-mel spectrum, by whole numbers alone: the same on every machine."""

    kind: Literal["log-mel"] = Field(description="what is done; log-mel: energies of mel bands, as logarithms")
    rate: int = Field(ge=1000, le=192_000, description="samples a second", examples=[16_000])
    window_ms: float = Field(default=32.0, gt=0, le=1000, description="length of a frame, in milliseconds")
    step_ms: float = Field(default=16.0, gt=0, le=1000, description="from one frame to the next, in milliseconds")
    bands: int = Field(default=32, ge=2, le=128, description="mel bands of a frame: what the model sees of it")
    low_hz: float = Field(default=100.0, ge=0, description="where the lowest band begins")
    high_hz: float | None = Field(
        default=None, gt=0, description="where the highest band ends; left out: at half the rate", examples=[3800.0]
    )
    noise_reduction: bool = Field(
        default=False, description="take a running mean of each band, the noise, off it before the logarithm"
    )

    @model_validator(mode="after")
    def _fits(self) -> Preprocess:
        if not 1 <= self.step <= self.window <= _MOST_SAMPLES:
            got = f"step_ms is {self.step} samples and window_ms {self.window} at this rate"
            raise fault(got, allowed=f"1 <= step <= window <= {_MOST_SAMPLES} samples")
        if not self.low_hz < self.top_hz <= self.rate / 2:
            raise fault(
                f"bands from {self.low_hz:g} to {self.top_hz:g} Hz do not fit the rate",
                allowed=f"low_hz < high_hz <= {self.rate / 2:g} Hz, half the rate",
            )
        return self

    @property
    def window(self) -> int:
        """Samples of a frame."""
        return round(self.window_ms * self.rate / 1000)

    @property
    def step(self) -> int:
        """Samples from one frame to the next."""
        return round(self.step_ms * self.rate / 1000)

    @property
    def top_hz(self) -> float:
        """Where the highest band ends."""
        return self.rate / 2 if self.high_hz is None else self.high_hz

    @property
    def length(self) -> int:
        """Of the transform: the power of two that holds a frame."""
        return max(8, 1 << (self.window - 1).bit_length())
