"""What ARG_MAX and ARG_MIN have in common."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call, Input, Output
from edgewright.ops.families import checks
from edgewright.ops.families.reduce import Reduce, axes_of
from edgewright.tflite.graph import View


class Arg(Reduce):
    """input, axis; the place of the first of the greatest or least elements along one dimension."""

    def check(self, view: View) -> Iterator[str]:
        faults = [*checks.not_empty(view), *checks.int8(view.input(0), "input")]
        faults += checks.dtype(view.output(), "output", "int32")
        faults += [f"{view.input(1).elements} axes, expected one"] if view.input(1).elements != 1 else []
        yield from faults or self.check_axes(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        shape = view.input(0).shape
        (axis,) = axes_of(view)
        sizes = {"outer": 1, "depth": shape[axis], "inner": 1}
        for i, size in enumerate(shape):
            sizes["outer"] *= size if i < axis else 1
            sizes["inner"] *= size if i > axis else 1
        arguments = (Input("input"), Output("output", ctype="int32_t"))
        return (Call(f"{self.kernel_stem(view)}_ref", "ew_arg_s8_shape", tuple(sizes.items()), arguments),)
