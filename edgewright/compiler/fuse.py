"""Layers fused or apart, where weights are not raw.

Fused layers (rewrites `pool_blocks` and `skip_unread`) keep fewer weights and run fewer products, but can be stored raw
or coded alone, and a list of what is read does not become as small as the weights themselves. So both are compiled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from edgewright.compiler.check import check
from edgewright.compiler.choose import CYCLES_PER_BYTE
from edgewright.compiler.fit_ram import Planned, planned
from edgewright.compiler.lowered import CompileOptions
from edgewright.compiler.rewrites import rewrite
from edgewright.compiler.storage import totals
from edgewright.kernels.core import Core
from edgewright.tflite.graph import Graph

FUSING = frozenset({"pool_blocks", "skip_unread"})

Found = tuple[Planned, Sequence[Mapping[str, Any]]]


def fused_or_not(graph: Graph, core: Core, options: CompileOptions) -> Found:
    """A graph rewritten and planned, and what each rewrite did.

    Layers stay apart where the user names their operators, or storages that only they have.

    Raises:
        UserError: the model holds what is not supported, or an option fits nothing.
    """
    if options.layer_weights or options.weights in ("lut", "sparse"):
        return _made(graph, core, options, FUSING)
    fused = _made(graph, core, options, frozenset())
    if options.weights not in ("auto", "coded") or not any(_did(facts) for facts in fused[1]):
        return fused
    return min(fused, _made(graph, core, options, FUSING), key=lambda found: _price(found[0], options))


def _made(graph: Graph, core: Core, options: CompileOptions, without: frozenset[str]) -> Found:
    found, facts = rewrite(graph, options.without | without, check, core, options.optimize)
    return planned(found, core, options), facts


def _did(facts: Mapping[str, Any]) -> bool:
    return facts["name"] in FUSING and len(facts) > 1


def _price(found: Planned, options: CompileOptions) -> tuple[float, ...]:
    """What is to be least: bytes of flash where all is to be coded or does not fit, else cycles and bytes."""
    cycles, flash = totals(found.problem.steps)
    over_flash = 0 if options.flash_bytes is None else max(flash - options.flash_bytes, 0)
    over_ram = 0 if options.ram_bytes is None else max(found.ram_bytes - options.ram_bytes, 0)
    if options.weights == "coded":
        return over_ram, flash, cycles
    return over_flash, over_ram, cycles + CYCLES_PER_BYTE[options.optimize] * (flash + found.plan.arena_bytes)
