"""SIGNAL_ENERGY: the custom operator SignalEnergy: squares of the lengths of complex numbers.

Outside of start_index..end_index, where TensorFlow Lite Micro leaves what was there, they are 0.
"""

from __future__ import annotations

from collections.abc import Iterable

from edgewright.kernels.call import Call
from edgewright.ops.families.signal import MOST, SignalOp, ends, has_elements
from edgewright.tflite.graph import View


class SignalEnergy(SignalOp):
    """input [2 * count]: real and imaginary parts in turn; output [count]."""

    name = "SIGNAL_ENERGY"
    dtypes = ("int16",)
    types = (("input", "int16"),)
    results = (("output", "uint32"),)
    options = (("start_index", 0, MOST), ("end_index", 0, MOST))

    def check_shapes(self, view: View) -> Iterable[str]:
        count = view.output().elements
        yield from has_elements(view.input(0), "the input", 2 * count)
        if view.option("end_index") > count:
            yield f"end_index {view.option('end_index')} is beyond the output's {count}"

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        fields = {"count": view.output().elements, "first": view.option("start_index"), "end": view.option("end_index")}
        return (self.call(fields.items(), ends(output="uint32_t")),)


OP = SignalEnergy()
