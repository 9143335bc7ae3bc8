"""How the weights of each layer are stored: raw, or smaller and, as a rule, slower.

`auto` takes what runs in the fewest cycles (estimated, on Cortex-M4) of all that fits into the flash that the target
has, and into its RAM. A storage brings code of its own, the decoder above all, and that counts: for each set of
storages the layers begin with their fastest one and then give way where a byte costs the fewest cycles, until all fits;
the best set is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import combinations

from edgewright import ops
from edgewright.compiler.choose import Choice, choose
from edgewright.compiler.lowered import CompileOptions, Step
from edgewright.compiler.ways import Spare, Stored, Way, Ways, raw_way, ways
from edgewright.errors import UserError
from edgewright.kernels.call import Call
from edgewright.kernels.core import Core
from edgewright.kernels.unpack import why_not
from edgewright.kernels.weight_formats import STORAGES, UNPACKED
from edgewright.tflite.graph import View

BASE_CODE_BYTES, KERNEL_CODE_BYTES = 1000, 900
"""Code of a model, and of each kernel in it, at most: what was seen of whole firmware."""

CODE_BYTES = {
    "fully_connected_s8_dsp": 710,
    "fully_connected_s8_ref": 570,
    "conv_2d_s8_dsp": 1770,
    "conv_2d_s8_ref": 1370,
    "fully_connected_s8_lut": 1000,
    "fully_connected_s8_sparse": 300,
    "fully_connected_s8_coded": 600,
    "fully_connected_sums_s8_coded": 600,
    "conv_2d_s8_lut": 1600,
    "conv_2d_s8_sparse": 850,
    "conv_2d_s8_coded": 2000,
    "weights_decode": 900,
    "depthwise_conv_2d_s8_dsp": 700,
    "depthwise_conv_2d_s8_ref": 700,
    "sum_pool_s8_ref": 400,
    "fully_connected_sums_s8_dsp": 800,
    "fully_connected_sums_s8_ref": 600,
    "conv_dense_s8_dsp": 700,
    "conv_dense_s8_ref": 700,
}
"""Code of a kernel, decoder included, at most (`benchmarks/weights.py`)."""

UNPACK_CODE_BYTES = 900
"""Code that unpacks weights, at most."""

FASTER = 0.9
"""A storage takes the place of raw weights that fit if it needs at most this part of the cycles."""

Pick = dict[int, str]
"""Storage by id of the node: a rewrite may make two of one operator of the file."""


def assign(views: Iterable[View], core: Core, options: CompileOptions, spare: Spare) -> Mapping[int, Stored]:
    """By id of the node, all layers that are not to be stored raw.

    Raises:
        UserError: a layer cannot be stored as the options say.
    """
    if options.weights == "raw" and not options.layer_weights:
        return {}
    views = list(views)
    _check_unpacked(views, options)
    found = {id(view.node): ways(view, core, options, spare) for view in views}
    layers = {node: each for node, each in found.items() if len(each) > 1}
    _check_layers(views, layers, core, options)
    named = {id(v.node): options.layer_weights[v.node.index] for v in views if v.node.index in options.layer_weights}
    asked = {node: (storage, "asked for") for node, storage in named.items() if storage != "auto"}
    free = {node: found for node, found in layers.items() if named.get(node, options.weights) == "auto"}
    if free:
        fixed = {node: found for node, found in layers.items() if node not in free}
        given = [found[asked[node][0] if node in asked else "raw"] for node, found in fixed.items()]
        startup = 0 if "install" in named.values() else spare.startup
        asked |= _fitted(_sparing(free, spare, startup), _room(views, layers, given, core, options))
    uniform = [node for node in layers if node not in asked and node not in free]
    asked |= {node: picked for node in uniform if (picked := _uniform(layers[node], options.weights))}
    return {node: Stored(found[node][s], found[node]["raw"], why) for node, (s, why) in asked.items() if s != "raw"}


def _check_unpacked(views: Sequence[View], options: CompileOptions) -> None:
    """A model is unpacked once: to RAM or to flash."""
    asked = {options.weights, *options.layer_weights.values()}
    if asked >= set(UNPACKED):
        got = ", ".join(UNPACKED)
        raise UserError(
            f"{views[0].graph.name}: weights", "some are to be unpacked to RAM, some to flash", got=got, allowed="one"
        )


def _check_layers(views: Sequence[View], layers: Mapping[int, Ways], core: Core, options: CompileOptions) -> None:
    by_number = {view.node.index: view for view in views}
    for number, storage in options.layer_weights.items():
        view = by_number[number]
        if storage == "auto" or storage in layers.get(id(view.node), {"raw": None}):
            continue
        reason = "compile.variants names its kernel" if number in options.variants else None
        reason = reason or _refusal(view, storage, core, options)
        raise UserError(f"{view.where}: weights", f"cannot be stored {storage}: {reason}")


def _refusal(view: View, storage: str, core: Core, options: CompileOptions) -> str:
    op = ops.get_for(view)
    if storage in op.storages:
        return op.refuses(view, storage, core) or ""
    if storage in ("coded", *UNPACKED) and op.macs(view):
        return why_not([call for kernel in op.kernels_on(core) for call in _calls(view, kernel.name, core, options)])
    return "it has no such kernel"


def _calls(view: View, variant: str, core: Core, options: CompileOptions) -> tuple[Call, ...]:
    with suppress(UserError):
        return choose(ops.get_for(view), view, core, options, variant)[0].calls
    return ()


def _sparing(layers: Mapping[int, Ways], spare: Spare, startup: float) -> Mapping[int, Ways]:
    """The ways that need no more RAM than there is; none that is installed."""
    starting = _starting(layers, startup)

    def fits(node: int, way: Way) -> bool:
        if way.storage == "startup":
            return node in starting
        return way.storage == "raw" or (way.storage in STORAGES and way.ram <= spare.layers.get(node, float("inf")))

    return {node: {s: way for s, way in found.items() if fits(node, way)} for node, found in layers.items()}


def _starting(layers: Mapping[int, Ways], startup: float) -> set[int]:
    """The layers that may be unpacked at start-up: those where a byte of RAM saves most flash, while there is RAM."""
    ways = {node: found["startup"] for node, found in layers.items() if "startup" in found}
    saved = {node: (layers[node]["raw"].bytes - way.bytes) / way.unpacked_bytes for node, way in ways.items()}
    chosen = set()
    for node in sorted((node for node in ways if saved[node] > 0), key=lambda node: -saved[node]):
        if ways[node].unpacked_bytes <= startup:
            chosen.add(node)
            startup -= ways[node].unpacked_bytes
    return chosen


def _uniform(found: Ways, storage: str) -> tuple[str, str] | None:
    """The storage that all layers are to have, where it makes a layer smaller."""
    if storage not in found or found[storage].choice.constant_bytes >= found["raw"].bytes:
        return None
    return storage, "asked for"


def _room(
    views: Sequence[View], layers: Mapping[int, Ways], given: Iterable[Way], core: Core, options: CompileOptions
) -> float:
    """Bytes of flash that are left for the layers that may choose, with the code of their kernels."""
    if options.flash_bytes is None:
        return float("inf")
    others = [choose(ops.get_for(view), view, core, options)[0] for view in views if id(view.node) not in layers]
    kernels = {call.kernel for choice in others for call in choice.calls}
    code = BASE_CODE_BYTES + sum(CODE_BYTES.get(kernel, KERNEL_CODE_BYTES) for kernel in kernels)
    used = code + sum(choice.constant_bytes for choice in others)
    return options.flash_bytes - used - sum(way.bytes + _code([way]) for way in given)


def _code(picked: Sequence[Way]) -> int:
    """Of all kernels that are needed: raw ones are out of line as a rule, the others are there once for each shape."""
    calls = [call for way in picked for call in way.choice.calls]
    bodies = {(call.kernel, call.shape if call.kernel.endswith(STORAGES) else ()) for call in calls}
    unpacking = UNPACK_CODE_BYTES if any(way.storage in UNPACKED for way in picked) else 0
    return unpacking + sum(CODE_BYTES.get(kernel, KERNEL_CODE_BYTES) for kernel, _ in bodies)


def _fitted(layers: Mapping[int, Ways], room: float) -> dict[int, tuple[str, str]]:
    """The fastest pick that fits; the smallest where none does."""
    others = (*STORAGES, "startup")
    sets = [("raw", *some) for count in range(len(others) + 1) for some in combinations(others, count)]
    picks = [_give_way(layers, allowed, room) for allowed in sets]

    fitting = [pick for pick in picks if _size(layers, pick) <= room]
    best = min(fitting, key=lambda p: (_cycles(layers, p), _size(layers, p))) if fitting else None
    best = best or min(picks, key=lambda p: _size(layers, p))
    return {node: (storage, _why(layers[node], storage)) for node, storage in best.items()}


def _cycles(layers: Mapping[int, Ways], pick: Pick) -> float:
    return sum(layers[node][storage].cycles for node, storage in pick.items())


def _why(found: Ways, storage: str) -> str:
    way, raw = found[storage], found["raw"]
    if way.unpacked_bytes:
        return f"auto: saves {raw.bytes - way.bytes:,} bytes of flash for {way.unpacked_bytes:,} of RAM"
    if way.cycles <= raw.cycles:
        return f"auto: {raw.cycles - way.cycles:,.0f} cycles and {raw.bytes - way.bytes:,} bytes less than raw"
    return f"auto: saves {raw.bytes - way.bytes:,} bytes for {way.cycles - raw.cycles:,.0f} cycles more than raw"


def _give_way(layers: Mapping[int, Ways], allowed: Iterable[str], room: float) -> Pick:
    """Each layer's fastest storage of those allowed, then smaller ones until all fits, or else the smallest."""
    usable = {n: {s: way for s, way in found.items() if s in allowed} for n, found in layers.items()}
    pick = {node: _fastest(found) for node, found in usable.items()}
    seen = [pick]
    while _size(usable, pick) > room and (move := _best_move(usable, pick)):
        pick = {**pick, **move}
        seen.append(pick)
    return _back(usable, pick, room) if _size(usable, pick) <= room else min(seen, key=lambda p: _size(usable, p))


def _size(layers: Mapping[int, Ways], pick: Pick) -> float:
    """Constants and code."""
    chosen = [layers[node][storage] for node, storage in pick.items()]
    return sum(way.bytes for way in chosen) + _code(chosen)


def _best_move(layers: Mapping[int, Ways], pick: Pick) -> Pick:
    """The layer, and its smaller storage, where a byte costs the fewest cycles; empty when there is none."""
    moves = [
        ((way.cycles - now.cycles) / (now.bytes - way.bytes), node, storage)
        for node, found in layers.items()
        for now in (found[pick[node]],)
        for storage, way in found.items()
        if way.bytes < now.bytes
    ]
    return {min(moves)[1]: min(moves)[2]} if moves else {}


def totals(steps: Sequence[Step]) -> tuple[float, int]:
    """(estimated cycles of all layers, bytes of their constants and code)."""
    found = [_way_of(step) for step in steps]
    return sum(way.cycles for way in found), sum(way.bytes for way in found) + BASE_CODE_BYTES + _code(found)


def _way_of(step: Step) -> Way:
    choice = Choice(step.variant, step.calls, ops.get_for(step.view).cycles(step.view, step.variant))
    if step.weights is None:
        return raw_way(step.view, choice)
    return Way(step.weights.storage, choice, step.weights.cycles)


def _back(layers: Mapping[int, Ways], pick: Pick, room: float) -> Pick:
    """The pick with layers that gave way for nothing as they were: the last steps made more room than was needed."""
    for node, found in layers.items():
        faster = {**pick, node: _fastest(found)}
        if _size(layers, faster) <= room:
            pick = faster
    return pick


def _fastest(found: Ways) -> str:
    best = min(found.values(), key=lambda way: way.cycles)
    is_better = best.cycles <= FASTER * found["raw"].cycles and best.bytes < found["raw"].bytes
    return best.storage if is_better else "raw"
