"""FULLY_CONNECTED, float32."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright.kernels.call import Call
from edgewright.kernels.constant import constant_data
from edgewright.kernels.window import Window
from edgewright.ops.base import Op
from edgewright.ops.families import checks, shape_checks
from edgewright.ops.families.float32 import float32_ends
from edgewright.ops.families.weighted_float32 import WeightedFloat, quads_record
from edgewright.tflite.graph import View


class FullyConnectedFloat(WeightedFloat):
    """Rows of the input's last dimension."""

    name = "FULLY_CONNECTED"
    versions = range(1, 14)
    inputs = range(2, 4)

    def check(self, view: View) -> Iterator[str]:
        faults = [*checks.rank(view.input(1), "weights", 2), *checks.not_empty(view), *float32_ends(view)]
        yield from faults or self._deeper(view)

    def _deeper(self, view: View) -> Iterator[str]:
        yield from self.check_numbers(view, view.input(1).shape[0])
        yield from shape_checks.fully_connected(view)

    def macs(self, view: View) -> int:
        return view.output().elements * view.input(1).shape[1]

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        return (self.call(view, _window(view), 1, constant_data(view.input(1)), 1),)


def _window(view: View) -> Window:
    """A row is a pixel."""
    out_c, depth = view.input(1).shape
    rows = view.output().elements // out_c
    return Window(rows, 1, depth, rows, 1, 1, 1)


_OP = FullyConnectedFloat()
TYPED: tuple[Op, ...] = (_OP,)
KERNELS = (
    quads_record(
        "FULLY_CONNECTED",
        lambda _: None,
        lambda view: _OP.quads(view, _window(view), constant_data(view.input(1)), 1),
    ),
)
