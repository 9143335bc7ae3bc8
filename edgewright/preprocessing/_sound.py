"""What front ends of sound share: their keys, and the plan of a graph that makes bands of frames."""

from __future__ import annotations

from pydantic import Field, model_validator

from edgewright.preprocessing._plan import LEVELS, Mix, Plan, Raw, Scaling, Stream
from edgewright.sections.section import Section, fault

_MOST_SAMPLES = 4096
_FULL = 32768
_ANSWERS = 8
"""Answers a second, or so, that the example on the device asks for."""


class Sound(Section):
    """Sound becomes frames of mel bands, by whole numbers alone: the same on every machine."""

    rate: int = Field(ge=1000, le=192_000, description="samples a second", examples=[16_000])
    window_ms: float = Field(default=32.0, gt=0, le=1000, description="length of a frame, in milliseconds")
    step_ms: float = Field(default=16.0, gt=0, le=1000, description="from one frame to the next, in milliseconds")
    bands: int = Field(default=32, ge=2, le=128, description="mel bands of a frame")
    low_hz: float = Field(default=100.0, ge=0, description="where the lowest band begins")
    high_hz: float | None = Field(
        default=None, gt=0, description="where the highest band ends; left out: at half the rate", examples=[3800.0]
    )
    noise_reduction: bool = Field(
        default=False, description="take a running mean of each band, the noise, off it before the logarithm"
    )
    gain_control: bool = Field(
        default=False,
        description="divide each band by its noise before the logarithm (PCAN), for loud and far speakers",
    )

    @model_validator(mode="after")
    def _fits(self) -> Sound:
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


def sound_plan(options: Sound, numbers: int, bounds: tuple[int, int], mix: Mix | None = None) -> Plan:
    """The plan of a front end.

    Args:
        options: its keys.
        numbers: that a frame gives.
        bounds: of the levels.
        mix: what the logarithms of the bands go through.

    Raises:
        UserError: a band holds no bin of the transform.
    """
    from edgewright.preprocessing._mel import front_end

    return Plan(
        # SignalFftAutoScale takes a sample of -32768 for the quietest of all
        raw=Raw("int16", 1 / _FULL, lowest=1 - _FULL, rate=options.rate, what="sounds"),
        takes=(options.step,),
        gives=(numbers, 1),
        scaling=Scaling((0.0,), (1 / LEVELS,), bounds),
        graph=front_end(options),
        mix=mix,
        stream=Stream(rows=None, every=max(1, round(options.rate / options.step / _ANSWERS))),
    )
