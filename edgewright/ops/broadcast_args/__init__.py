"""BROADCAST_ARGS: the shape that two shapes broadcast to; constant shapes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.broadcast import broadcast_shape
from edgewright.kernels.constant import constant_data
from edgewright.ops.families import checks
from edgewright.ops.families.known import Known
from edgewright.tflite.graph import View


class BroadcastArgs(Known):
    """Two shapes."""

    name = "BROADCAST_ARGS"
    dtypes = ("int32", "int64")
    inputs = range(2, 3)

    def check(self, view: View) -> Iterator[str]:
        faults = []
        for tensor, what in ((view.input(0), "first shape"), (view.input(1), "second shape")):
            faults += [*checks.dtype(tensor, what, *self.dtypes), *checks.constant(tensor, what)]
        faults += checks.dtype(view.output(), "output", view.input(0).dtype)
        if faults:
            yield from faults
            return
        found = broadcast_shape(*_shapes(view))
        if found is None:
            yield "shapes {} and {} do not broadcast".format(*_shapes(view))
        else:
            yield from checks.shape(view.output(), "the output", (len(found),))

    def value(self, view: View) -> NDArray[Any]:
        return np.array(broadcast_shape(*_shapes(view)), view.output().dtype)


def _shapes(view: View) -> tuple[list[int], list[int]]:
    first, second = ([int(n) for n in constant_data(view.input(i)).reshape(-1)] for i in range(2))
    return first, second


OP = BroadcastArgs()
