"""PADV2, int8: with a constant value on the output's scale; constant paddings."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.ops.families import checks
from edgewright.ops.pad import Pad
from edgewright.tflite.graph import View


class PadV2(Pad):
    """input, paddings [rank, 2], value."""

    name = "PADV2"
    inputs = range(3, 4)
    dtypes = ("int8",)

    def check(self, view: View) -> Iterator[str]:
        value = view.input(2)
        faults = [*checks.int8(value, "value"), *checks.constant(value, "value")]
        faults += checks.same_quantization(value, view.output(), "value and output")
        faults += [] if value.elements == 1 else ["value is not one number"]
        yield from faults or super().check(view)


OP = PadV2()
