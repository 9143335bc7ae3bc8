"""The first layers of a network by rows of their images, so that none of these is whole in RAM, nor the model's input.

A chain of convolutions and pooling that begins at the input runs as one operator, ROWS (ops/made/rows): each layer
keeps the rows that its windows still need (kernels/rows.py), and the model is given its input row by row. Every run of
a layer is a call of the kernels that there are, on a band of rows. This is line-buffered, depth-first execution: the
patches of Lin et al., "MCUNetV2: memory-efficient patch-based inference for tiny deep learning", 2021
(arXiv:2110.15352), as wide as the image, so that no value is computed twice.

How many layers run so, and how many rows at a time, is a choice between RAM and cycles: the fewest cycles of what fits
into `[budget] ram`, or the least RAM where nothing does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from edgewright import ops
from edgewright.compiler.ir import ALIGNMENT, CompileOptions, Step
from edgewright.compiler.memory.items import items_of, step_sums
from edgewright.compiler.select.candidate import RAW, Candidate
from edgewright.compiler.select.kernels import best_kernel
from edgewright.compiler.select.price import CYCLES_PER_BYTE, cycles_per_byte
from edgewright.compiler.select.ram import Planned, within_ram
from edgewright.errors import UserError
from edgewright.kernels.core import Core
from edgewright.kernels.quant import zero_point
from edgewright.kernels.rows import MOST, Layer, lay_out
from edgewright.kernels.window import Window, read_window
from edgewright.ops.made.rows import MACS, ROWS
from edgewright.tflite.graph import Graph, Node, Tensor, View

WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D")
POOLS = ("MAX_POOL_2D", "AVERAGE_POOL_2D")

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
    chain = _chain(whole.graph) if _refused(whole.graph, options) is None else []
    steps = {id(step.view.node): step for step in whole.schedule.steps}
    sums = dict(step_sums(items_of(whole.schedule, ALIGNMENT), len(steps)))
    needs = [sums[number] - _shared(step) for number, step in enumerate(whole.schedule.steps)]
    order = [id(step.view.node) for step in whole.schedule.steps]
    least, room = whole.plan.arena_bytes, min(_limit(options), whole.plan.arena_bytes)
    for most in AT_A_TIME:
        layers: list[Layer] = []
        cycles = 0.0
        for count, view in enumerate(chain, 1):
            made = _by_rows(view, steps.get(id(view.node)), most, core, options)
            if made is None:
                break
            layers.append(made[0])
            cycles += made[0].runs * (made[1].cycles + _RUN + _KEPT_BYTE * made[0].kept_bytes)
            last = order.index(id(view.node))
            rest = max(needs[last + 1 :], default=0)
            bands = lay_out(layers).bytes
            if bands > max(least, room):
                break  # they become no smaller with more layers
            ram = max(bands + view.output().bytes, rest)
            least = min(least, ram)
            yield _Way(tuple(layers), tuple(chain[:count]), cycles - _less(whole, layers), ram)


def _shared(step: Step) -> int:
    """Bytes that an input and the output of a step may have in common."""
    out = step.view.output().bytes
    sizes = ((step.view.input(index).bytes, distance) for index, distance in step.overlap.items())
    return max((size + out - max(size + max(distance, 0), out) for size, distance in sizes), default=0)


def _less(whole: Planned, layers: Sequence[Layer]) -> float:
    """Cycles of the same layers over whole images: what ways of different lengths are compared with."""
    return sum(step.weights.cycles if step.weights else 0 for step in whole.schedule.steps[: len(layers)])


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
    if refused is not None or _chain(graph):
        return refused
    reader = graph.consumers(graph.inputs[0])
    names = ", ".join(f"operator {node.index} ({node.op})" for node in reader) or "no operator"
    return f"{names} reads the input, which takes one convolution or pooling alone, whose rows are whole words"


def _chain(graph: Graph) -> list[View]:
    """The layers that could run by rows, from the input on."""
    found: list[View] = []
    tensor = graph.inputs[0]
    while True:
        readers = graph.consumers(tensor)
        if len(readers) != 1 or readers[0].inputs.count(tensor) != 1 or readers[0].inputs[0] != tensor:
            return found
        view = View(graph, readers[0])
        tensor = view.node.outputs[0]
        if tensor in graph.outputs or not _is_able(view):
            return found
        found.append(view)


def _is_able(view: View) -> bool:
    tensors = (view.input(0), view.output())
    if view.node.op not in (*WEIGHTED, *POOLS) or any(t.dtype != "int8" or len(t.shape) != 4 for t in tensors):
        return False
    if any(t.shape[0] != 1 or t.shape[1] >= MOST for t in tensors) or _row_bytes(view.output()) % 4:
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
    view: View, step: Step | None, most: int, core: Core, options: CompileOptions
) -> tuple[Layer, Candidate] | None:
    """A layer by rows, and what a run of it is; None where no kernel does it in one call."""
    of = _window(view)
    made = max(count for count in range(1, most + 1) if of.out_h % count == 0)
    span = (made - 1) * of.stride_h + max(_height(of), of.stride_h)
    found = _kernel(_band(view, of, span, made), step, core, options)
    if found is None or len(found.calls) != 1:
        return None
    layer = Layer(
        operator=view.node.index,
        op=view.node.op,
        variant=found.variant,
        call=found.calls[0],
        rows=of.in_h,
        row_bytes=_row_bytes(view.input(0)),
        out_rows=of.out_h,
        out_row_bytes=_row_bytes(view.output()),
        span=span,
        step=made * of.stride_h,
        made=made,
        above=of.pad_top,
        fill=-128 if view.node.op in POOLS else zero_point(view.input(0)),
    )
    return layer, found


def _band(view: View, of: Window, span: int, made: int) -> View:
    """The node of a run: without padding above and below."""
    changed = {view.node.inputs[0]: span, view.node.outputs[0]: made}
    tensors = {
        number: replace(tensor, shape=(1, changed[number], *tensor.shape[2:])) if number in changed else tensor
        for number, tensor in view.graph.tensors.items()
        if number in (*view.node.inputs, *view.node.outputs)
    }
    options: Mapping[str, object] = {**view.node.options, "explicit_padding": (0, 0, of.pad_left, 0)}
    node = replace(view.node, options=options)
    graph = Graph(view.graph.name, view.graph.sha256, tensors, (node,), node.inputs[:1], node.outputs)
    return View(graph, node)


def _kernel(band: View, step: Step | None, core: Core, options: CompileOptions) -> Candidate | None:
    """The kernel that the layer has as a whole, whose code other layers share; where it cannot, the best one."""
    for variant in ([step.variant] if step else []) + [None]:
        with suppress(UserError):
            return best_kernel(band, core, options, variant)
    return None
