"""Which kernel variant runs a layer, and why.

Of the variants that can do a node the first in the core's order is taken, unless an estimate says that another one is
worth more: the price of a variant is its estimated cycles, plus its bytes of constants and scratch at the rate that
`[compile] optimize` sets. So a faster kernel with larger weights (Winograd's) is taken where each byte saves enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edgewright.compiler.lowered import CompileOptions
from edgewright.errors import UserError
from edgewright.kernels.call import Call, Const
from edgewright.kernels.core import Core
from edgewright.kernels.unpack import pieces_of
from edgewright.ops.base import Op
from edgewright.tflite.graph import View

CYCLES_PER_BYTE = {"speed": 0.0, "balanced": 10.0, "size": 1000.0}
"""Cycles of an inference that a byte has to save, by `optimize`."""


@dataclass(frozen=True, eq=False)
class Choice:
    """A variant that can do a node.

    Attributes:
        variant: its name.
        calls: the node lowered.
        cycles: estimate of one run; None where there is none.
    """

    variant: str
    calls: tuple[Call, ...]
    cycles: float | None

    @property
    def constant_bytes(self) -> int:
        """Constants, as they are stored."""
        arrays = (a.data for call in self.calls for a in call.arguments if isinstance(a, Const) and a.data is not None)
        return sum(data.nbytes for data in arrays) + sum(piece.bytes for piece in pieces_of(self.calls))

    @property
    def scratch_bytes(self) -> int:
        """Scratch, which its calls share."""
        return max((call.scratch_bytes for call in self.calls), default=0)

    @property
    def bytes(self) -> int:
        """Constants and scratch."""
        return self.constant_bytes + self.scratch_bytes


def choose(op: Op, view: View, core: Core, options: CompileOptions, storage: str | None = None) -> tuple[Choice, str]:
    """(the variant for a node, why). `storage` is the variant that its weights are stored for, None for raw ones.

    Raises:
        UserError: no variant can do the node, or not the one that the options ask for.
    """
    wanted = storage or options.variants.get(view.node.index)
    names = (wanted,) if wanted else tuple(kernel.name for kernel in op.kernels_on(core))
    refusals = {name: _refusal(op, view, name, core) for name in names}
    able = [variant for variant, refusal in refusals.items() if refusal is None]
    if not able:
        reasons = "; ".join(f"{variant}: {refusal}" for variant, refusal in refusals.items())
        raise UserError(view.where, f"no kernel variant can do it: {reasons}")
    choices = list(_comparable(op, view, able))
    rate = CYCLES_PER_BYTE[options.optimize]
    best = min(choices, key=lambda choice: (choice.cycles or 0.0) + rate * choice.bytes)
    because = ["asked for"] if wanted else [*_refused(refusals), *_outbid(best, choices, options.optimize)]
    return best, "; ".join(because)


def _comparable(op: Op, view: View, able: list[str]) -> Iterator[Choice]:
    """The first variant, and those that can be compared with it."""
    for place, variant in enumerate(able):
        cycles = op.cycles(view, variant)
        if place == 0 or cycles is not None:
            yield Choice(variant, op.lower(view, variant), cycles)
        if place == 0 and cycles is None:
            return


def _refusal(op: Op, view: View, variant: str, core: Core) -> str | None:
    kernel = op.find_kernel(variant)
    if kernel is None:
        return "no such kernel"
    return kernel.unsupported(view) if kernel.isa in core.isas else f"not for {core.name}"


def _refused(refusals: dict[str, str | None]) -> Iterator[str]:
    """Why variants that there are cannot be used, up to the first that can."""
    for variant, refusal in refusals.items():
        if refusal is None:
            return
        yield f"{variant}: {refusal}"


def _outbid(best: Choice, choices: list[Choice], optimize: str) -> Iterator[str]:
    for other in choices:
        if other is best or other.cycles is None or best.cycles is None:
            continue
        more, larger = other.cycles - best.cycles, other.bytes - best.bytes
        if more > 0:
            yield f"{other.variant} takes {more:,.0f} more cycles and {-larger:,} fewer bytes"
        elif larger > 0:
            rate = f"{-more / larger:.0f} cycles a byte, {optimize} asks for {CYCLES_PER_BYTE[optimize]:.0f}"
            yield f"{other.variant} would save {-more:,.0f} cycles for {larger:,} bytes: {rate}"
