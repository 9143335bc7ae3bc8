"""A candidate for every layer: the format of its weights that the options name, or that "auto" finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from edgewright import ops
from edgewright.compiler.ir import CompileOptions
from edgewright.compiler.select.candidate import RAW, Candidate, Candidates, Chosen
from edgewright.compiler.select.flash import fastest_that_fits
from edgewright.compiler.select.formats import candidates
from edgewright.compiler.select.headroom import Headroom
from edgewright.compiler.select.kernels import best_kernel
from edgewright.compiler.select.together import best_kernels
from edgewright.compiler.select.whole import code_bytes
from edgewright.errors import UserError
from edgewright.kernels.call import Call
from edgewright.kernels.core import Core
from edgewright.kernels.unpack import why_not
from edgewright.kernels.weight_formats import STORAGES, UNPACKED
from edgewright.tflite.graph import View

AUTO = "auto"


def choose(views: Sequence[View], core: Core, options: CompileOptions, headroom: Headroom) -> Mapping[int, Chosen]:
    """By id of the node, the candidate of every layer.

    Raises:
        UserError: no kernel can do a node, or a layer cannot be stored as the options say.
    """
    raw = {node: Chosen(best, best, why) for node, (best, why) in best_kernels(views, core, options).items()}
    if options.weights == RAW and not options.layer_weights:
        return raw
    _check_unpacked(views, options)
    found = {id(v.node): candidates(v, raw[id(v.node)].candidate, core, options, headroom) for v in views}
    asked = _formats(views, found, core, options, headroom)
    return {
        node: _taken(found[node], *asked[node]) if asked.get(node, (RAW, ""))[0] != RAW else each
        for node, each in raw.items()
    }


def _taken(found: Candidates, name: str, why: str) -> Chosen:
    return Chosen(found[name], found[RAW], why)


def _formats(
    views: Sequence[View],
    found: Mapping[int, Candidates],
    core: Core,
    options: CompileOptions,
    headroom: Headroom,
) -> Mapping[int, tuple[str, str]]:
    """(format, why) of the layers that have a choice, or had one."""
    layers = {node: each for node, each in found.items() if len(each) > 1}
    _check_layers(views, layers, core, options)
    named = {id(v.node): options.layer_weights[v.node.index] for v in views if v.node.index in options.layer_weights}
    asked = {node: (name, "asked for") for node, name in named.items() if name != AUTO}
    free = {node: each for node, each in layers.items() if named.get(node, options.weights) == AUTO}
    if free:
        given = [each[asked[node][0] if node in asked else RAW] for node, each in layers.items() if node not in free]
        startup = 0 if "install" in named.values() else headroom.startup
        others = [each[RAW] for node, each in found.items() if node not in layers]
        room = _room(others, given, core, options)
        pick = fastest_that_fits(_within(free, headroom, startup), room, core.costs)
        asked |= {node: (name, _why(free[node], name)) for node, name in pick.items()}
    uniform = [node for node in layers if node not in asked and node not in free]
    return asked | {node: picked for node in uniform if (picked := _uniform(layers[node], options.weights))}


def _check_unpacked(views: Sequence[View], options: CompileOptions) -> None:
    """A model is unpacked once: to RAM or to flash."""
    asked = {options.weights, *options.layer_weights.values()}
    if asked >= set(UNPACKED):
        got = ", ".join(UNPACKED)
        raise UserError(
            f"{views[0].graph.name}: weights", "some are to be unpacked to RAM, some to flash", got=got, allowed="one"
        )


def _check_layers(views: Sequence[View], layers: Mapping[int, Candidates], core: Core, options: CompileOptions) -> None:
    by_number = {view.node.index: view for view in views}
    for number, name in options.layer_weights.items():
        view = by_number[number]
        if name == AUTO or name in layers.get(id(view.node), {RAW: None}):
            continue
        reason = "compile.variants names its kernel" if number in options.variants else None
        reason = reason or _unsupported(view, name, core, options)
        raise UserError(f"{view.where}: weights", f"cannot be stored {name}: {reason}")


def _unsupported(view: View, name: str, core: Core, options: CompileOptions) -> str:
    op = ops.get_for(view)
    if name in op.storages:
        return op.unsupported(view, name, core) or ""
    if name in ("coded", *UNPACKED) and op.macs(view):
        return why_not([call for kernel in op.kernels_on(core) for call in _calls(view, kernel.name, core, options)])
    return "it has no such kernel"


def _calls(view: View, variant: str, core: Core, options: CompileOptions) -> tuple[Call, ...]:
    with suppress(UserError):
        return best_kernel(view, core, options, variant).calls
    return ()


def _within(layers: Mapping[int, Candidates], headroom: Headroom, startup: float) -> Mapping[int, Candidates]:
    """The candidates that need no more RAM than there is; none that is installed."""
    starting = _starting(layers, startup)

    def fits(node: int, each: Candidate) -> bool:
        if each.format == "startup":
            return node in starting
        room = headroom.layers.get(node, float("inf"))
        return each.format == RAW or (each.format in STORAGES and each.ram_bytes <= room)

    return {node: {name: each for name, each in found.items() if fits(node, each)} for node, found in layers.items()}


def _starting(layers: Mapping[int, Candidates], startup: float) -> set[int]:
    """The layers that may be unpacked at start-up: those where a byte of RAM saves most flash, while there is RAM."""
    able = {node: found["startup"] for node, found in layers.items() if "startup" in found}
    saved = {n: (layers[n][RAW].flash_bytes - each.flash_bytes) / each.unpacked_bytes for n, each in able.items()}
    chosen = set()
    for node in sorted((node for node in able if saved[node] > 0), key=lambda node: -saved[node]):
        if able[node].unpacked_bytes <= startup:
            chosen.add(node)
            startup -= able[node].unpacked_bytes
    return chosen


def _uniform(found: Candidates, name: str) -> tuple[str, str] | None:
    """The format that all layers are to have, where it makes a layer smaller."""
    if name not in found or found[name].constant_bytes >= found[RAW].flash_bytes:
        return None
    return name, "asked for"


def _room(others: Sequence[Candidate], given: Iterable[Candidate], core: Core, options: CompileOptions) -> float:
    """Bytes of flash that are left for the layers that may choose, with the code of their kernels."""
    if options.flash_bytes is None:
        return float("inf")
    code = core.costs.code.base + code_bytes(others, core.costs)
    used = code + sum(each.constant_bytes for each in others)
    return options.flash_bytes - used - sum(each.flash_bytes + code_bytes([each], core.costs) for each in given)


def _why(found: Candidates, name: str) -> str:
    each, raw = found[name], found[RAW]
    less = raw.flash_bytes - each.flash_bytes
    if each.unpacked_bytes:
        return f"auto: saves {less:,} bytes of flash for {each.unpacked_bytes:,} of RAM"
    if each.cycles <= raw.cycles:
        return f"auto: {raw.cycles - each.cycles:,.0f} cycles and {less:,} bytes less than raw"
    return f"auto: saves {less:,} bytes for {each.cycles - raw.cycles:,.0f} cycles more than raw"
