"""ZEROS_LIKE: known at build time; data of any type. As in TensorFlow Lite Micro int8 gets 0, not the zero point."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.ops.families import checks
from edgewright.ops.families.known import Known
from edgewright.ops.families.move import TYPES, check_same_scale
from edgewright.tflite.graph import View


class ZerosLike(Known):
    """An output of zeros."""

    name = "ZEROS_LIKE"
    dtypes = TYPES

    def check(self, view: View) -> Iterator[str]:
        yield from checks.not_empty(view)
        yield from check_same_scale(view.input(0), view.outputs)
        yield from checks.shape(view.output(), "the output", view.input(0).shape)

    def value(self, view: View) -> NDArray[Any]:
        return np.zeros(view.output().shape, view.output().dtype)


OP = ZerosLike()
