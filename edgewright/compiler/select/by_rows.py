"""The first layers of a network by rows of their images, so that none of these is whole in RAM, nor the model's input.

Convolutions, pooling and sums from the input on run as one operator, ROWS (ops/made/rows): each layer
keeps the rows that its windows still need (kernels/rows.py), and the model is given its input row by row. Every run of
a layer is a call of the kernels that there are, on a band of rows. This is line-buffered, depth-first execution: the
patches of Lin et al., "MCUNetV2: memory-efficient patch-based inference for tiny deep learning", 2021
(arXiv:2110.15352), as wide as the image, so that no value is computed twice.

How many layers run so, and how many rows at a time, is a choice between RAM and cycles: the fewest cycles of what fits
into `[budget] ram`, or the least RAM where nothing does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from edgewright import ops
from edgewright.compiler.ir import ALIGNMENT, CompileOptions, Step
from edgewright.compiler.memory.items import items_of, step_sums
from edgewright.compiler.select.candidate import RAW, Candidate
from edgewright.compiler.select.kernels import best_kernel
from edgewright.compiler.select.price import CYCLES_PER_BYTE, cycles_per_byte, estimate
from edgewright.compiler.select.ram import Planned, within_ram
from edgewright.errors import UserError
from edgewright.kernels.core import Core
from edgewright.kernels.quant import zero_point
from edgewright.kernels.rows import INPUT, MOST, Band, Layer, lay_out
from edgewright.kernels.window import Window, read_window
from edgewright.ops.made.rows import MACS, ROWS
from edgewright.tflite.graph import NONE, Graph, Node, Tensor, View

WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D")
POOLS = ("MAX_POOL_2D", "AVERAGE_POOL_2D")
SUMS = ("ADD",)

_READERS = 2
"""Layers that may read one image: ew_rows.h has a band for the first, and a copy for the other."""

AT_A_TIME = (1, 2, 4)
"""Rows that a layer may make in one run, at most."""

_RUN, _KEPT_BYTE = 300, 3
"""Cycles of a run beside its kernel, and of a byte of the rows that it reads once more and moves: what they came to on
Cortex-M4."""

_PLANS = 4
"""Memory plans that are made to see whether they fit."""


@dataclass(frozen=True, eq=False)
class _Way:
    """So many layers by rows.

    Attributes:
        layers: that run so.
        views: of these, in the graph.
        cycles: estimate of what they take more than over whole images.
        ram_bytes: estimate of the arena.
    """

    layers: tuple[Layer, ...]
    views: tuple[View, ...]
    cycles: float
    ram_bytes: int


def by_rows(whole: Planned, core: Core, options: CompileOptions) -> Planned:
    """The graph of a plan with its first layers by rows.

    Raises:
        UserError: the model's first layers cannot run so.
    """
    graph = whole.graph
    ways = list(_ways(whole, core, options))
    if not ways:
        raise UserError(f"{graph.name}: compile.input", f"cannot come by rows: {_why_not(graph, options)}")
    found = list[Planned]()
    for way in _best(ways, options):
        found.append(_planned(way, whole, core, options))
        if found[-1].ram_bytes <= _limit(options):
            return found[-1]
    return min(found, key=lambda each: each.plan.arena_bytes)


def least_bytes(whole: Planned, core: Core, options: CompileOptions) -> int | None:
    """An estimate of the least arena that a model with its first layers by rows has; None where that saves nothing."""
    least = min((way.ram_bytes for way in _ways(whole, core, options)), default=whole.plan.arena_bytes)
    return least if least < whole.plan.arena_bytes else None


def asked_for(whole: Planned, options: CompileOptions) -> bool:
    """Whether a plan of the whole input is not what the options ask for."""
    if options.input != "auto":
        return options.input == "rows"
    return whole.ram_bytes > _limit(options) and not _why_not(whole.graph, options)


def _limit(options: CompileOptions) -> float:
    return float("inf") if options.ram_bytes is None else options.ram_bytes


def _best(ways: Sequence[_Way], options: CompileOptions) -> list[_Way]:
    """The ways to plan, best first: what fits by its cycles, then what does not by its RAM."""
    rate = max(cycles_per_byte(options), CYCLES_PER_BYTE["balanced"]) if options.ram_bytes is None else 0.0
    room = _limit(options)
    fitting = sorted((w for w in ways if w.ram_bytes <= room), key=lambda w: w.cycles + rate * w.ram_bytes)
    others = sorted((w for w in ways if w.ram_bytes > room), key=lambda w: (w.ram_bytes, w.cycles))
    return [*fitting, *others][:_PLANS]


def _ways(whole: Planned, core: Core, options: CompileOptions) -> Iterator[_Way]:
    chain = _able(whole.graph) if _refused(whole.graph, options) is None else []
    ends = _ends(whole.graph, chain)
    steps = {id(step.view.node): step for step in whole.schedule.steps}
    sums = dict(step_sums(items_of(whole.schedule, ALIGNMENT), len(steps)))
    needs = [sums[number] - _shared(step) for number, step in enumerate(whole.schedule.steps)]
    taken = {id(step.view.node): estimate(step.view, step.calls, core) for step in whole.schedule.steps}
    order = [id(step.view.node) for step in whole.schedule.steps]
    least, room = whole.plan.arena_bytes, min(_limit(options), whole.plan.arena_bytes)
    for most in AT_A_TIME:
        layers: list[Layer] = []
        cycles = 0.0
        for count, view in enumerate(chain, 1):
            made = _by_rows(view, chain[: count - 1], steps[id(view.node)], most, core, options)
            if made is None:
                break
            layers.append(made[0])
            kept = sum(band.kept_bytes for band in made[0].bands)
            cycles += made[0].runs * (made[1].cycles + _RUN + _KEPT_BYTE * kept) - taken[id(view.node)]
            if view not in ends:
                continue
            last = order.index(id(view.node))
            rest = max(needs[last + 1 :], default=0)
            bands = lay_out(layers).bytes
            if bands > max(least, room):
                break  # they become no smaller with more layers
            ram = max(bands + view.output().bytes, rest)
            least = min(least, ram)
            yield _Way(tuple(layers), tuple(chain[:count]), cycles, ram)


def _shared(step: Step) -> int:
    """Bytes that an input and the output of a step may have in common."""
    out = step.view.output().bytes
    sizes = ((step.view.input(index).bytes, distance) for index, distance in step.overlap.items())
    return max((size + out - max(size + max(distance, 0), out) for size, distance in sizes), default=0)


def _planned(way: _Way, whole: Planned, core: Core, options: CompileOptions) -> Planned:
    made = within_ram(_replaced(whole.graph, way), core, options)
    first, last = way.layers[0].operator, way.layers[-1].operator
    why = (
        f"operators {first} to {last} by rows: arena {made.plan.arena_bytes:,} bytes beside the input,"
        f" {whole.plan.arena_bytes:,} with the whole of it"
    )
    steps = tuple(replace(each, why=why) if each.view.node.op == "ROWS" else each for each in made.schedule.steps)
    return replace(made, schedule=replace(made.schedule, steps=steps))


def _replaced(graph: Graph, way: _Way) -> Graph:
    gone, last = {id(view.node) for view in way.views}, way.views[-1].node
    macs = sum(ops.get_for(view).macs(view) for view in way.views)
    options = {ROWS: lay_out(way.layers), MACS: macs}
    node = Node(way.views[0].node.index, "ROWS", 1, way.views[0].node.inputs[:1], last.outputs, options)
    nodes = [node if each is last else each for each in graph.nodes if each is last or id(each) not in gone]
    return graph.with_(nodes=tuple(nodes))


def _refused(graph: Graph, options: CompileOptions) -> str | None:
    """Why no layer of a model can run by rows, whatever it is."""
    if options.weights != RAW or options.layer_weights:
        return "compile.weights is not raw"
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        return (
            f"the model has {len(graph.inputs)} inputs and {len(graph.outputs)} outputs, one of each is what it takes"
        )
    if graph.states:
        return "the model keeps a state"
    shape = graph.tensors[graph.inputs[0]].shape
    if len(shape) != 4 or shape[0] != 1 or graph.tensors[graph.inputs[0]].dtype != "int8":
        return f"the input {list(shape)} is no image of int8"
    return None


def _why_not(graph: Graph, options: CompileOptions) -> str | None:
    refused = _refused(graph, options)
    if refused is not None or _ends(graph, _able(graph)):
        return refused
    readers = ", ".join(f"operator {node.index} ({node.op})" for node in graph.consumers(graph.inputs[0]))
    return (
        f"after {readers or 'no operator'} there is no image that all else is made of, or its rows are no whole words"
    )


def _able(graph: Graph) -> list[View]:
    """The layers that could run by rows, from the input on, each behind those that it reads."""
    found: list[View] = []
    known = {graph.inputs[0]}
    for view in graph.views():
        read = [n for n in view.node.inputs if n != NONE and not graph.tensors[n].is_constant]
        if not known.issuperset(read) or view.node.outputs[0] in graph.outputs or not _is_able(view, read):
            return found
        if len(graph.consumers(view.node.outputs[0])) > _READERS:
            return found
        known.add(view.node.outputs[0])
        found.append(view)
    return found


def _ends(graph: Graph, chain: Sequence[View]) -> list[View]:
    """Those of the layers behind which one image is left that others read: that of the last one."""
    ends, waiting = [], {graph.inputs[0]: len(graph.consumers(graph.inputs[0]))}
    for view in chain:
        for number in view.node.inputs:
            if number in waiting:
                waiting[number] -= 1
        waiting = {number: count for number, count in waiting.items() if count}
        if not waiting:
            ends.append(view)
        waiting[view.node.outputs[0]] = len(graph.consumers(view.node.outputs[0]))
    return ends


def _is_able(view: View, read: Sequence[int]) -> bool:
    tensors = [view.output(), *(view.graph.tensors[number] for number in read)]
    if view.node.op not in (*WEIGHTED, *POOLS, *SUMS) or any(t.dtype != "int8" or len(t.shape) != 4 for t in tensors):
        return False
    if any(t.shape[0] != 1 or t.shape[1] >= MOST for t in tensors) or _row_bytes(view.output()) % 4:
        return False
    if view.node.op in SUMS:
        return len(set(read)) == len(view.node.inputs) and len({t.shape for t in tensors}) == 1
    if read != [view.node.inputs[0]]:
        return False
    of = _window(view)
    above, below = of.pad_top, _below(of)
    return max(above, below) == 0 if view.node.op == "AVERAGE_POOL_2D" else max(above, below) < 1 << 7


def _row_bytes(tensor: Tensor) -> int:
    return tensor.bytes // tensor.shape[1]


def _window(view: View) -> Window:
    if view.node.op in POOLS:
        return read_window(view, view.option("filter_height"), view.option("filter_width"))
    return read_window(view, *view.input(1).shape[1:3])


def _below(of: Window) -> int:
    """Rows of padding below the image."""
    return max(0, (of.out_h - 1) * of.stride_h + _height(of) - of.pad_top - of.in_h)


def _height(of: Window) -> int:
    """Rows from the first to the last one of a window."""
    return (of.k_h - 1) * of.dilation_h + 1


def _by_rows(
    view: View, before: Sequence[View], step: Step, most: int, core: Core, options: CompileOptions
) -> tuple[Layer, Candidate] | None:
    """A layer by rows, and what a run of it is; None where no kernel does it in one call."""
    height = view.output().shape[1]
    made = max(count for count in range(1, most + 1) if height % count == 0)
    sources = {each.node.outputs[0]: place for place, each in enumerate(before)}
    read = [view.input(0)] if view.node.op not in SUMS else [view.input(0), view.input(1)]
    bands = tuple(_band(view, tensor, sources.get(tensor.id, INPUT), made) for tensor in read)
    found = _kernel(_of_bands(view, bands, made), step, core, options)
    if found is None or len(found.calls) != 1:
        return None
    row_bytes = _row_bytes(view.output())
    layer = Layer(view.node.index, view.node.op, found.variant, found.calls[0], bands, height, row_bytes, made)
    return layer, found


def _band(view: View, tensor: Tensor, source: int, made: int) -> Band:
    """The rows of an input that a run reads."""
    if view.node.op in SUMS:
        return Band(source, tensor.shape[1], _row_bytes(tensor), made, made)
    of = _window(view)
    return Band(
        source=source,
        rows=of.in_h,
        row_bytes=_row_bytes(tensor),
        span=(made - 1) * of.stride_h + max(_height(of), of.stride_h),
        step=made * of.stride_h,
        above=of.pad_top,
        fill=-128 if view.node.op in POOLS else zero_point(tensor),
    )


def _of_bands(view: View, bands: Sequence[Band], made: int) -> View:
    """The node of a run: without padding above and below."""
    rows = dict(zip(view.node.inputs, (band.span for band in bands), strict=False)) | {view.node.outputs[0]: made}
    tensors = {
        number: replace(tensor, shape=(1, rows[number], *tensor.shape[2:])) if number in rows else tensor
        for number, tensor in view.graph.tensors.items()
        if number in (*view.node.inputs, *view.node.outputs)
    }
    padding = {} if view.node.op in SUMS else {"explicit_padding": (0, 0, _window(view).pad_left, 0)}
    node = replace(view.node, options={**view.node.options, **padding})
    graph = Graph(view.graph.name, view.graph.sha256, tensors, (node,), node.inputs[: len(bands)], node.outputs)
    return View(graph, node)


def _kernel(band: View, step: Step, core: Core, options: CompileOptions) -> Candidate | None:
    """The kernel that the layer has as a whole, whose code other layers share; where it cannot, the best one."""
    for variant in (step.variant, None):
        with suppress(UserError):
            return best_kernel(band, core, options, variant)
    return None
