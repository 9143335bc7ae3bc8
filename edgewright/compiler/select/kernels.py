"""Which kernel runs a layer with raw weights, and why.

Of the variants that can do a node the first in the core's order is taken, unless an estimate says that another one is
worth more: the price of a variant is its estimated cycles, plus its bytes of constants, scratch and code at the rate
that `[compile] optimize` sets. So a faster kernel with larger weights (Winograd's) is taken where each byte saves
enough. Layers share code and RAM, so what these cost is known for all of them together: together.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from edgewright import ops
from edgewright.compiler.ir import CompileOptions
from edgewright.compiler.rewrites import Prices
from edgewright.compiler.select.candidate import RAW, Candidate
from edgewright.compiler.select.price import cycles_per_byte, estimate, is_counted
from edgewright.errors import UserError
from edgewright.kernels.core import Core
from edgewright.ops.base import Op
from edgewright.tflite.graph import View


@dataclass(frozen=True, eq=False)
class Kernels:
    """What may run a layer with raw weights.

    Attributes:
        found: the candidates, best first in the core's order.
        passed_over: why kernels before them cannot do the node; or that the user asked for this one.
    """

    found: tuple[Candidate, ...]
    passed_over: tuple[str, ...]

    def why(self, best: Candidate, options: CompileOptions, brought: Mapping[int, int]) -> str:
        """Why one was taken, in a few words; `brought`: by id, bytes beside constants that each brings."""
        return "; ".join([*self.passed_over, *_outbid(best, self.found, options, brought)])


def kernels_for(view: View, core: Core, options: CompileOptions, variant: str | None = None) -> Kernels:
    """What may run a node with raw weights. `variant` is the one to take, None for all.

    Raises:
        UserError: no variant can do the node, or not the one that is asked for here or by the options.
    """
    op, wanted = ops.get_for(view), variant or options.variants.get(view.node.index)
    names = (wanted,) if wanted else tuple(kernel.name for kernel in op.kernels_on(core))
    reasons = {name: _unsupported(op, view, name, core) for name in names}
    able = [each for each, reason in reasons.items() if reason is None]
    if not able:
        text = "; ".join(f"{each}: {reason}" for each, reason in reasons.items())
        raise UserError(view.where, f"no kernel variant can do it: {text}")
    passed_over = ("asked for",) if wanted else tuple(_passed_over(reasons))
    return Kernels(tuple(_comparable(op, view, able, core)), passed_over)


def best_kernel(view: View, core: Core, options: CompileOptions, variant: str | None = None) -> Candidate:
    """The candidate of a node with raw weights that is best by itself; as `kernels_for`."""
    rate = cycles_per_byte(options)
    return min(kernels_for(view, core, options, variant).found, key=lambda each: each.price(rate))


def prices_of(core: Core, options: CompileOptions) -> Prices:
    """What a rewrite weighs that trades memory for time: the price of nodes with their best kernels, and of a byte."""
    rate = cycles_per_byte(options)
    plain = CompileOptions(
        optimize=options.optimize, flash_bytes=options.flash_bytes, constant_bytes=options.constant_bytes
    )
    return Prices(lambda view: best_kernel(view, core, plain).price(rate), rate)


def _comparable(op: Op, view: View, able: Sequence[str], core: Core) -> Iterator[Candidate]:
    """The first variant, and those that can be compared with it: whose calls say how much they do."""
    for place, variant in enumerate(able):
        calls = op.lower(view, variant)
        counted = is_counted(calls, core)
        if place == 0 or counted:
            yield Candidate(RAW, variant, calls, estimate(view, calls, core))
        if place == 0 and not counted:
            return


def _unsupported(op: Op, view: View, name: str, core: Core) -> str | None:
    kernel = op.find_kernel(name)
    if kernel is None:
        return "no such kernel"
    return kernel.unsupported(view) if kernel.isa in core.isas else f"not for {core.name}"


def _passed_over(reasons: Mapping[str, str | None]) -> Iterator[str]:
    """Why kernels that there are cannot be used, up to the first that can."""
    for name, reason in reasons.items():
        if reason is None:
            return
        yield f"{name}: {reason}"


def _outbid(
    best: Candidate, found: Sequence[Candidate], options: CompileOptions, brought: Mapping[int, int]
) -> Iterator[str]:
    for other in found:
        if other is best:
            continue
        more = other.cycles - best.cycles
        larger = other.constant_bytes + brought[id(other)] - best.constant_bytes - brought[id(best)]
        if more > 0:
            yield f"{other.variant} takes {more:,.0f} more cycles and {_bytes_more(larger)}"
        elif larger > 0:
            rate = f"{-more / larger:.0f} cycles a byte, {options.optimize} asks for {cycles_per_byte(options):.0f}"
            yield f"{other.variant} would save {-more:,.0f} cycles for {larger:,} bytes: {rate}"


def shared_inputs(view: View, variant: str) -> set[int]:
    """Inputs that may lie where the output does."""
    op = ops.get_for(view)
    same = op.in_place(view, variant)
    return {*op.overlap(view, variant), *(() if same is None else (same,))}


def _bytes_more(larger: int) -> str:
    return f"{larger:,} more bytes" if larger > 0 else f"{-larger:,} fewer bytes"
