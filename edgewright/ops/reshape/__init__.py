"""RESHAPE: the same bytes under another shape; no code is made for it."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.copy import CopyOp
from edgewright.ops.families.move import TYPES
from edgewright.tflite.graph import View


class Reshape(CopyOp):
    """The output's shape stands in the file; the optional second input only repeats it."""

    name = "RESHAPE"
    dtypes = TYPES
    inputs = range(1, 3)

    def check(self, view: View) -> Iterator[str]:
        yield from checks.dtype(view.output(), "the output", view.input(0).dtype)
        if view.output().elements == 0:
            yield "the output is empty"
        if view.input(0).elements != view.output().elements:
            yield f"{list(view.input(0).shape)} and {list(view.output().shape)} differ in number of elements"

    def alias(self, view: View) -> int | None:
        return 0


OP: Op = Reshape()
