"""Operators whose output is known at build time: it is copied from a constant."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Call, Const, Output
from edgewright.ops.base import Op
from edgewright.ops.families.copy import copy_shape
from edgewright.tflite.graph import View


class Known(Op):
    """An operator with a constant for an output."""

    files = ("copy_s8_ref",)

    def value(self, view: View) -> NDArray[Any]:
        """What the output holds, of its type and shape."""
        raise NotImplementedError

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        data = np.ascontiguousarray(self.value(view)).reshape(-1).view(np.int8)
        source = Const("input", data, "what the output holds")
        return (Call("copy_s8_ref", "ew_copy_s8_shape", copy_shape(1, data.size), (source, Output("output"))),)
