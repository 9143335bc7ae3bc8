"""What kernels cost: cycles by the costs of the core, and bytes at the rate that `[compile] optimize` sets."""

from __future__ import annotations

from collections.abc import Sequence

from edgewright import ops
from edgewright.compiler.ir import CompileOptions
from edgewright.kernels.call import Call
from edgewright.kernels.core import Core
from edgewright.tflite.graph import View

CYCLES_PER_BYTE = {"speed": 0.0, "balanced": 45.0, "size": 1000.0}
"""Cycles of an inference that a byte has to save, by `optimize`; "balanced" at most, see `cycles_per_byte`."""

FLASH_BYTES = 64 << 10
"""Flash that "balanced" reckons with, where no budget says that there is less."""

FULL_SHARE = 1 / 4
"""Of that flash: from such constants on "balanced" counts a byte in full."""

WITHOUT_BUDGET = 5
"""How often a byte of RAM counts where no budget says how much there is: what a layer unpacks may need all of it."""


def cycles_per_byte(options: CompileOptions) -> float:
    """Cycles that a byte has to save.

    No byte of a small model is scarce: "balanced" counts it by the square of what the model's constants take of the
    flash, so that one of half the size pays a quarter.
    """
    full = CYCLES_PER_BYTE[options.optimize]
    if options.optimize != "balanced" or options.constant_bytes is None:
        return full
    flash = min(FLASH_BYTES, options.flash_bytes or FLASH_BYTES)
    return full * min(1.0, options.constant_bytes / (FULL_SHARE * flash)) ** 2


def cycles_per_byte_of_ram(options: CompileOptions) -> float:
    """Cycles that a byte of RAM has to save, where weights are not raw."""
    return cycles_per_byte(options) * (1 if options.ram_bytes is not None else WITHOUT_BUDGET)


def is_counted(calls: Sequence[Call], core: Core) -> bool:
    """Whether all of the calls say how much they do, and the core's costs have a row for each."""
    return all(call.work is not None and core.costs.has(call.kernel, call.work) for call in calls)


def estimate(view: View, calls: Sequence[Call], core: Core) -> float:
    """Cycles of a run of a node's calls.

    What calls say that they do is priced. Those that say nothing are priced together, by the multiply-accumulates and
    outputs of the node.
    """
    silent = [call.kernel for call in calls if not is_counted([call], core)]
    counted = sum(core.costs.cycles(call.kernel, call.work or {}) for call in calls if call.kernel not in silent)
    if not silent:
        return counted
    return counted + core.costs.of_macs(silent[0], ops.get_for(view).macs(view), view.output().elements)
