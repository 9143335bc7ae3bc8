"""float32 pooling."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call
from edgewright.kernels.window import read_window
from edgewright.ops.base import Op
from edgewright.ops.families import checks, shape_checks
from edgewright.ops.families.float32 import IN, OUT, clamp_of, float32_ends
from edgewright.tflite.graph import View

_MAX_TAPS = 1 << 24


class PoolFloat(Op):
    """Of what lies inside the image: the mean, the largest, the root of the mean of squares."""

    dtypes = ("float32",)

    def __init__(self, name: str) -> None:
        self.name, self.versions = name, range(1, 4)  # type: ignore[misc]

    @property
    def files(self) -> tuple[str, ...]:
        return (f"{self.name.lower()}_f32_ref",)

    def check(self, view: View) -> Iterator[str]:
        faults = list(shape_checks.images(view, (view.input(0), "input"), (view.output(), "output")))
        yield from [*faults, *float32_ends(view), *checks.activation(view)] or shape_checks.pooled(view, _MAX_TAPS)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        of = read_window(view, view.option("filter_height"), view.option("filter_width"))
        shape = (("batches", view.input(0).shape[0]), *of.fields)
        return (Call(self.files[0], "ew_pool_2d_s8_shape", shape, (IN, OUT, *clamp_of(view))),)
