"""SIGNAL_FILTER_BANK: the custom operator SignalFilterBank: energies weighed and summed to channels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from edgewright.kernels.call import Call, Const
from edgewright.ops.families.signal import MOST, SignalOp, constants, ends, flat, has_elements
from edgewright.tflite.graph import View

_ARRAYS = ("weights", "unweights", "starts", "places", "widths")


class SignalFilterBank(SignalOp):
    """input: energies; weights, unweights, first energies, first weights and widths of channels + 1 bands."""

    name = "SIGNAL_FILTER_BANK"
    dtypes = ("uint32",)
    inputs = range(6, 7)
    types = (("input", "uint32"), *((name, "int16") for name in _ARRAYS))
    results = (("output", "uint64"),)
    options = (("num_channels", 1, MOST),)

    def check_shapes(self, view: View) -> Iterable[str]:
        channels = int(view.option("num_channels"))
        faults = [*constants(view, 1, 2, 3, 4, 5), *has_elements(view.output(), "the output", channels)]
        faults += has_elements(view.input(2), "unweights", view.input(1).elements)
        for place in (3, 4, 5):
            faults += has_elements(view.input(place), _ARRAYS[place - 1], channels + 1)
        yield from faults or _faults_of_bands(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        arrays = (Const(name, flat(view, 1 + i), f"{name} of the bands", "int16_t") for i, name in enumerate(_ARRAYS))
        fields = {"channels": view.option("num_channels")}
        return (self.call(fields.items(), (*ends("uint32_t", "uint64_t"), *arrays)),)


def _faults_of_bands(view: View) -> Iterator[str]:
    starts, places, widths = (flat(view, place).astype(int) for place in (3, 4, 5))
    if min(starts.min(), places.min(), widths.min()) < 0:
        yield "a start or width of a band is negative"
    elif (starts + widths).max() > view.input(0).elements:
        yield f"a band ends beyond the {view.input(0).elements} energies"
    elif (places + widths).max() > view.input(1).elements:
        yield f"a band ends beyond the {view.input(1).elements} weights"


OP = SignalFilterBank()
