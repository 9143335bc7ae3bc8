"""ROWS: layers of a convolutional network, one after another, that run by rows of their images.

No file holds this operator: the compiler puts it in the place of the first layers (compiler/select/by_rows.py). Its
calls are one run of each layer; the code around them runs each as often as it has rows (kernels/rows.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call
from edgewright.kernels.rows import Rows
from edgewright.ops.base import Op
from edgewright.tflite.graph import View

ROWS = "rows"
"""Option: `kernels.rows.Rows`, what runs."""

MACS = "macs"
"""Option: multiply-accumulates of all layers."""


class ByRows(Op):
    """input [1, h, w, c], output [1, h', w', c']."""

    name = "ROWS"

    @property
    def files(self) -> tuple[str, ...]:
        """Headers are those of the kernels of its layers."""
        return ()

    def check(self, view: View) -> Iterator[str]:
        if not isinstance(view.option(ROWS), Rows):
            yield "the layers that it stands for are missing"

    def macs(self, view: View) -> int:
        return int(view.option(MACS))

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        found: Rows = view.option(ROWS)
        return found.calls


TYPED = (ByRows(),)
