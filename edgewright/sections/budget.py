"""`[budget]` of a target."""

from __future__ import annotations

from pydantic import Field

from edgewright.sections.section import Section
from edgewright.units import Bytes, Loss, Microseconds


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
    metric_loss: Loss | None = Field(
        default=None,
        description="how much worse than the float model: 1 % is a point of a metric that is a share, and a hundredth"
        " of the float model's value of any other; a number is in the metric's own terms, of a share 0.01 is a point",
        examples=["1 %"],
    )
    metric: float | None = Field(
        default=None,
        description="the quantized model's own: at least so much, or at most, as is better of its metric",
        examples=[0.9],
    )
