"""Order, kernels and memory plan of a graph, within the RAM that there is.

Weights that are not raw may take scratch, or keep input and output apart. A layer may do so as far as the plan with raw
weights leaves room where it runs. The plan that this gives is checked; where it needs more than there is, layers
get so much less room, down to none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from edgewright import ops
from edgewright.compiler.ir import ALIGNMENT, CompileOptions, Plan, Schedule, Step
from edgewright.compiler.memory.items import items_of, step_sums
from edgewright.compiler.memory.order import Footprint, order
from edgewright.compiler.memory.plan import plan
from edgewright.compiler.memory.states import lay_out
from edgewright.compiler.select.candidate import RAW
from edgewright.compiler.select.headroom import Headroom
from edgewright.compiler.select.schedule import schedule_of, with_apart
from edgewright.kernels.core import Core
from edgewright.tflite.graph import Graph, View

REST_BYTES = 512
"""Stack and variables of a model beside its arena, at most: what was seen of whole firmware."""

_ROUNDS = 4
_TRIED_APART = 4
"""Steps whose input and output are tried apart."""

_NONE = float("-inf")
"""Room that no format but raw fits into."""


@dataclass(frozen=True, eq=False)
class Planned:
    """A graph in its order, with its kernels and its memory plan."""

    graph: Graph
    schedule: Schedule
    plan: Plan

    @property
    def ram_bytes(self) -> int:
        """RAM that it needs."""
        startup = (step.weights for step in self.schedule.steps if step.weights and step.weights.storage == "startup")
        unpacked = sum(weights.unpacked_bytes for weights in startup)
        return self.plan.arena_bytes + lay_out(self.graph).bytes + unpacked + REST_BYTES


def within_ram(graph: Graph, core: Core, options: CompileOptions) -> Planned:
    """The plan of the options. What "auto" takes keeps within `options.ram_bytes`, or within what raw weights need.

    Raises:
        UserError: see `schedule_of`.
    """
    if options.ram_bytes is None or not {"auto", "coded"} & {options.weights, *options.layer_weights.values()}:
        return _planned(graph, core, options, Headroom())
    raw = _planned(graph, core, replace(options, weights=RAW, layer_weights={}), Headroom())
    limit = max(options.ram_bytes, raw.ram_bytes)
    headroom = _headroom(raw, limit)
    for _ in range(_ROUNDS):
        found = _planned(graph, core, options, headroom)
        over = found.ram_bytes - limit
        if over <= 0:
            return found
        headroom = headroom.less(over)
    return _planned(graph, core, options, Headroom(dict.fromkeys(headroom.layers, _NONE)))


def _headroom(raw: Planned, limit: int) -> Headroom:
    """What each layer may need more: bytes that are alive while it runs are less than the arena, as a rule."""
    steps = raw.schedule.steps
    sums = dict(step_sums(items_of(raw.schedule, ALIGNMENT), len(steps)))
    rest = raw.ram_bytes - raw.plan.arena_bytes
    layers = {id(s.view.node): limit - rest - min(sums[i], raw.plan.arena_bytes) for i, s in enumerate(steps)}
    return Headroom(layers, startup=limit - raw.ram_bytes)


def _planned(graph: Graph, core: Core, options: CompileOptions, headroom: Headroom) -> Planned:
    ordered, schedule = _in_order(graph, core, options, headroom)
    found = Planned(ordered, schedule, plan(schedule, options.memory))
    return found if options.memory == "quick" else _freed(found, options)


def _freed(found: Planned, options: CompileOptions) -> Planned:
    """The plan with input and output apart where a kernel may work in place, and that needs less.

    Both have one address in place, which may stand in the way of what lies diagonally before or behind. Tried where
    both and the scratch are less than the arena, largest first.
    """
    schedule, graph = found.schedule, found.graph
    sizes = {i: _apart_bytes(step) for i, step in enumerate(schedule.steps) if _is_in_place(schedule, step)}
    fitting = [i for i, size in sizes.items() if size < found.plan.arena_bytes]
    apart: frozenset[int] = frozenset()
    for number in sorted(fitting, key=lambda i: (-sizes[i], i))[:_TRIED_APART]:
        trial = with_apart(graph, schedule, apart | {number})
        other = Planned(graph, trial, plan(trial, options.memory))
        if other.plan.arena_bytes < found.plan.arena_bytes:
            found, apart = other, apart | {number}
    return found


def _is_in_place(schedule: Schedule, step: Step) -> bool:
    index = ops.get_for(step.view).in_place(step.view, step.variant)
    node = step.view.node
    return index is not None and schedule.buffer_of(node.inputs[index]) is schedule.buffer_of(node.outputs[0])


def _apart_bytes(step: Step) -> int:
    return step.view.input(0).bytes + step.view.output().bytes + step.scratch_bytes


def _in_order(graph: Graph, core: Core, options: CompileOptions, headroom: Headroom) -> tuple[Graph, Schedule]:
    """The graph in the order that needs the least memory, with its schedule."""
    schedule = schedule_of(graph, core, options, headroom)
    steps = {id(step.view.node): step for step in schedule.steps}

    def footprint(view: View) -> Footprint:
        step = steps.get(id(view.node))
        if step is None:
            return Footprint(ops.get_for(view).alias(view))
        return Footprint(None, step.overlap, step.scratch_bytes)

    ordered = order(graph, footprint)
    return (graph, schedule) if ordered is graph else (ordered, schedule_of(ordered, core, options, headroom))
