"""`[budget]` of a target."""

from __future__ import annotations

from pydantic import Field

from edgewright.sections.section import Section
from edgewright.units import Bytes, Microseconds


class MemoryBudget(Section):
    """Limits of a microcontroller's memory, as far as the compiler can do something about them."""

    flash: Bytes | None = Field(default=None, gt=0, description="flash of start-up and model, without a harness")
    ram: Bytes | None = Field(default=None, gt=0, description="RAM of the same, with stack")


class Budget(MemoryBudget):
    """Limits; a figure above one fails the build."""

    size: Bytes | None = Field(default=None, gt=0, description="the .tflite file")
    latency: Microseconds | None = Field(default=None, gt=0, description="time of one inference")
    latency_instructions: int | None = Field(
        default=None, gt=0, description="instructions of one inference", examples=[2_000_000]
    )
    metric_loss: float | None = Field(
        default=None,
        ge=0,
        description="how much worse than the float model, in its metric's own terms: 0.01 of a share is a point",
        examples=[0.01],
    )
    metric: float | None = Field(
        default=None,
        description="the quantized model's own: at least so much, or at most, as is better of its metric",
        examples=[0.9],
    )
