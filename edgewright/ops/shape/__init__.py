"""SHAPE: known at build time, for all shapes are fixed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.ops.families import checks
from edgewright.ops.families.known import Known
from edgewright.ops.families.move import TYPES
from edgewright.tflite.graph import View


class Shape(Known):
    """The sizes of the input's dimensions."""

    name = "SHAPE"
    dtypes = TYPES

    def check(self, view: View) -> Iterator[str]:
        yield from checks.dtype(view.output(), "output", "int32", "int64")
        yield from checks.shape(view.output(), "the output", (len(view.input(0).shape),))

    def value(self, view: View) -> NDArray[Any]:
        return np.array(view.input(0).shape, view.output().dtype)


OP = Shape()
