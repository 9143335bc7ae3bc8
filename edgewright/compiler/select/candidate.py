"""What a layer can be: a kernel, the format of its weights, and what both cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from edgewright.compiler.ir import Weights
from edgewright.kernels.call import Call, Const
from edgewright.kernels.core import Core
from edgewright.kernels.unpack import DECODER, decoding_work, pieces_of
from edgewright.kernels.weight_formats import STORAGES, UNPACKED

RAW = "raw"

Body = tuple[str, object]
"""Code that there is once, however many layers have it: a kernel, and of weights in other formats each shape of it."""

UNPACKING: Body = ("", ())
"""What unpacks before the model runs, which is no kernel."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A kernel for a layer with a format for its weights.

    Attributes:
        format: how its weights are stored: "raw", "lut", "sparse", "coded", "startup", "install".
        variant: of the kernel.
        calls: the node lowered.
        cycles: estimate of a run, by the costs of the core.
        ram_bytes: RAM that the layer needs more than with raw weights, at most.
    """

    format: str
    variant: str
    calls: tuple[Call, ...]
    cycles: float
    ram_bytes: int = 0

    @cached_property
    def constant_bytes(self) -> int:
        """Constants, as they are stored."""
        arrays = (a.data for call in self.calls for a in call.arguments if isinstance(a, Const) and a.data is not None)
        return sum(array.nbytes for array in arrays) + sum(piece.bytes for piece in pieces_of(self.calls))

    @cached_property
    def scratch_bytes(self) -> int:
        """Scratch, which its calls share."""
        return max((call.scratch_bytes for call in self.calls), default=0)

    @property
    def memory_bytes(self) -> int:
        """Constants and scratch."""
        return self.constant_bytes + self.scratch_bytes

    @cached_property
    def unpacked_bytes(self) -> int:
        """What codes are unpacked to before the model runs."""
        return sum(len(piece.image) for piece in pieces_of(self.calls))

    @cached_property
    def flash_bytes(self) -> int:
        """Constants, and in flash what they are unpacked to."""
        return self.constant_bytes + (self.unpacked_bytes if self.format == "install" else 0)

    @cached_property
    def bodies(self) -> frozenset[Body]:
        """Its code: raw kernels are out of line as a rule, the others are there once for each shape."""
        kernels = ((call.kernel, call.shape if call.kernel.endswith(STORAGES) else ()) for call in self.calls)
        return frozenset((*kernels, UNPACKING) if self.format in UNPACKED else kernels)

    def price(self, cycles_per_byte: float) -> float:
        """Cycles, and bytes of memory at a rate."""
        return self.cycles + cycles_per_byte * self.memory_bytes


Candidates = Mapping[str, Candidate]
"""Of a layer, by format; always with "raw"."""


@dataclass(frozen=True, eq=False)
class Chosen:
    """The candidate that was taken, the one with raw weights, and why."""

    candidate: Candidate
    raw: Candidate
    why: str

    def facts(self, core: Core) -> Weights:
        """How the weights are stored, and what that costs."""
        found, raw = self.candidate, self.raw
        unpacking = sum(core.costs.cycles(DECODER, decoding_work(piece)) for piece in pieces_of(found.calls))
        return Weights(
            storage=found.format,
            bytes=found.constant_bytes,
            raw_bytes=raw.flash_bytes,
            extra_scratch_bytes=found.scratch_bytes - raw.scratch_bytes,
            cycles=round(found.cycles),
            raw_cycles=round(raw.cycles),
            unpacked_bytes=found.unpacked_bytes,
            unpack_cycles=round(unpacking),
        )
