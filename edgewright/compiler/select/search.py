"""The search: of all that a model can be compiled to, what costs least within the flash and RAM that there are.

From the outside in it is over
    channels: biases and factors beside codes coded or not, which brings a decoder (here);
    graphs: layers fused or apart (here). Fused layers (rewrites `pool_blocks` and `skip_unread`) keep fewer weights and
        run fewer products, but can be stored raw or coded alone, and a list of what is read does not become as small as
        the weights themselves;
    input: whole, or by rows, with the first layers so (by_rows.py);
    memory: how much RAM each layer may take beside what raw weights need, by the plan of the whole (ram.py);
    formats: of the weights of all layers together, with the code that each brings (layers.py, flash.py);
    kernels: of each layer, for each format (formats.py, kernels.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from edgewright.compiler.check import check
from edgewright.compiler.ir import CompileOptions
from edgewright.compiler.rewrites import ORDER, rewrite
from edgewright.compiler.select.by_rows import asked_for, by_rows
from edgewright.compiler.select.flash import totals
from edgewright.compiler.select.kernels import prices_of
from edgewright.compiler.select.price import CYCLES_PER_BYTE, cycles_per_byte, cycles_per_byte_of_ram
from edgewright.compiler.select.ram import Planned, within_ram
from edgewright.kernels.core import Core
from edgewright.tflite.graph import Graph

FUSING = frozenset({"pool_blocks", "skip_unread"})
PRICED = frozenset({"skip_unread"})

Selected = tuple[Planned, Sequence[Mapping[str, Any]]]


def select(graph: Graph, core: Core, options: CompileOptions) -> Selected:
    """A graph rewritten and planned, and what each rewrite did.

    Layers stay apart where the user names their operators, or formats that only they have.

    Raises:
        UserError: the model holds what is not supported, or an option fits nothing.
    """
    if options.weights != "coded" or not options.coded_channels:
        return _fused_or_apart(graph, core, options)
    both = [_fused_or_apart(graph, core, replace(options, coded_channels=each)) for each in (True, False)]
    sized = _sized(options, graph)
    return min(both, key=lambda found: _price(found[0], core, sized))


def _fused_or_apart(graph: Graph, core: Core, options: CompileOptions) -> Selected:
    if options.layer_weights or options.weights in ("lut", "sparse"):
        return _made(graph, core, options, FUSING)
    fused = _made(graph, core, options, frozenset())
    did = [frozenset({facts["name"]}) for facts in fused[1] if _did(facts)]
    if options.weights not in ("auto", "coded") or not did:
        return fused
    others = [_made(graph, core, options, without) for without in (*did, FUSING)]
    sized = _sized(options, graph)
    return min(fused, *others, key=lambda found: _price(found[0], core, sized))


def _made(graph: Graph, core: Core, options: CompileOptions, without: frozenset[str]) -> Selected:
    apart, facts = rewrite(graph, options.without | without, check)
    sized = _sized(options, apart)
    others = frozenset(ORDER) - PRICED
    found, priced = rewrite(apart, options.without | without | others, prices=prices_of(core, sized))
    whole = within_ram(found, core, sized)
    planned = by_rows(whole, core, sized) if asked_for(whole, sized) else whole
    return planned, [*facts, *priced]


def _sized(options: CompileOptions, graph: Graph) -> CompileOptions:
    """The options, with the bytes of a graph's constants."""
    return replace(options, constant_bytes=options.beside_bytes + graph.constant_bytes)


def _did(facts: Mapping[str, Any]) -> bool:
    return facts["name"] in FUSING and len(facts) > 1


def _price(found: Planned, core: Core, options: CompileOptions) -> tuple[float, ...]:
    """What is to be least: bytes that do not fit, then cycles and bytes, those of codes as under "size"."""
    cycles, flash = totals(found.schedule.steps, core)
    over_flash = 0 if options.flash_bytes is None else max(flash - options.flash_bytes, 0)
    over_ram = 0 if options.ram_bytes is None else max(found.ram_bytes - options.ram_bytes, 0)
    coded = options.weights == "coded"
    of_flash = CYCLES_PER_BYTE["size"] if coded else cycles_per_byte(options)
    price = cycles + of_flash * flash + cycles_per_byte_of_ram(options) * found.plan.arena_bytes
    return (over_ram, over_flash, price) if coded else (over_flash, over_ram, price)
