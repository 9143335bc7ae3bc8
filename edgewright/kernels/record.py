"""The record of a kernel: what it is, which nodes it does, and how these are lowered to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edgewright.kernels.call import Call
from edgewright.tflite.graph import View

REF = "ref"
"""The instruction set of portable C."""

DIRECT = "direct"
"""The algorithm that follows the operator's definition."""

RAW = "raw"
"""Weights as bytes, in the order that a kernel wants."""


def _nothing(_: View) -> None:
    return None


def _apart(_: View) -> Mapping[int, int]:
    return {}


@dataclass(frozen=True, eq=False)
class Kernel:
    """One way to run an operator.

    A record stands in KERNELS of a module in the operator's folder, or of one that another package names as an entry
    point of `edgewright.kernels`. Its functions are pure, and are called with checked nodes only; all but `unsupported`
    with nodes that this lets through.

    Attributes:
        op: TFLite's name of the operator.
        files: headers of the C functions that its calls name, without their suffix (`Call.kernel`).
        lower: the calls: one for most nodes, several where an operator works piece by piece.
        isa: the instruction set that it needs: REF for none, or one of `Core.isas`.
        algorithm: DIRECT, or a name of its own.
        storage: how it finds its weights: RAW, or one of `weight_formats.STORAGES`.
        dtypes: types of the data, as `Op.dtypes`.
        unsupported: why it cannot do a node, None where it can.
        overlap: how far an input and output 0 may share memory while it runs, by input index.
            The value d says: it is safe when `address(input) - address(output) >= d`, and when they do not overlap at
            all. d <= 0 includes in place (equal addresses). Inputs that are not in the mapping must not overlap the
            output. d holds for each input by itself while the others stay clear of the output; two inputs may both
            overlap the output when both keep their distance. It comes from the exact order of the kernel's reads and
            writes (overlap.py).
        in_place: the input that may have the very address of output 0 where `overlap` allows nothing nearby, or None.
            For kernels that go through memory in an order that only equal addresses survive. The output is no larger
            than the input. The compiler gives both one buffer where the node is the input's last reader.
    """

    op: str
    files: tuple[str, ...]
    lower: Callable[[View], tuple[Call, ...]]
    isa: str = REF
    algorithm: str = DIRECT
    storage: str = RAW
    dtypes: tuple[str, ...] = ("int8",)
    unsupported: Callable[[View], str | None] = _nothing
    overlap: Callable[[View], Mapping[int, int]] = _apart
    in_place: Callable[[View], int | None] = _nothing

    @property
    def name(self) -> str:
        """What people call it, unique among the kernels of an operator: "winograd", "dsp", "lut", "ref"."""
        if self.storage != RAW:
            return self.storage
        return self.isa if self.algorithm == DIRECT else self.algorithm
