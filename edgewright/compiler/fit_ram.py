"""Order, kernels and memory plan of a graph, within the RAM that there is.

Weights that are not raw may take scratch, or keep input and output apart. A layer may do so as far as the plan with raw
weights leaves room where it runs. The plan that this gives is checked; where it needs more than there is, layers
get so much less room, down to none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from edgewright import ops
from edgewright.compiler.lower import lower
from edgewright.compiler.lowered import ALIGNMENT, CompileOptions, Plan, Problem
from edgewright.compiler.memory.items import items_of, step_sums
from edgewright.compiler.memory.order import Footprint, order
from edgewright.compiler.plan import plan
from edgewright.compiler.states import lay_out
from edgewright.compiler.ways import Spare
from edgewright.kernels.core import Core
from edgewright.tflite.graph import Graph, View

REST_BYTES = 512
"""Stack and variables of a model beside its arena, at most: what was seen of whole firmware."""

_ROUNDS = 4
_NONE = float("-inf")
"""Room that no storage but raw fits into."""


@dataclass(frozen=True, eq=False)
class Planned:
    """A graph in its order, lowered, with its memory plan."""

    graph: Graph
    problem: Problem
    plan: Plan

    @property
    def ram_bytes(self) -> int:
        """RAM that it needs."""
        startup = (step.weights for step in self.problem.steps if step.weights and step.weights.storage == "startup")
        unpacked = sum(weights.unpacked_bytes for weights in startup)
        return self.plan.arena_bytes + lay_out(self.graph).bytes + unpacked + REST_BYTES


def planned(graph: Graph, core: Core, options: CompileOptions) -> Planned:
    """The plan of the options. What "auto" takes keeps within `options.ram_bytes`, or within what raw weights need.

    Raises:
        UserError: see `lower`.
    """
    if options.ram_bytes is None or not {"auto", "coded"} & {options.weights, *options.layer_weights.values()}:
        return _planned(graph, core, options, Spare())
    raw = _planned(graph, core, replace(options, weights="raw", layer_weights={}), Spare())
    limit = max(options.ram_bytes, raw.ram_bytes)
    spare = _spare(raw, limit)
    for _ in range(_ROUNDS):
        found = _planned(graph, core, options, spare)
        over = found.ram_bytes - limit
        if over <= 0:
            return found
        spare = spare.less(over)
    return _planned(graph, core, options, Spare(dict.fromkeys(spare.layers, _NONE)))


def _spare(raw: Planned, limit: int) -> Spare:
    """What each layer may need more: bytes that are alive while it runs are less than the arena, as a rule."""
    steps = raw.problem.steps
    sums = dict(step_sums(items_of(raw.problem, ALIGNMENT), len(steps)))
    rest = raw.ram_bytes - raw.plan.arena_bytes
    layers = {id(s.view.node): limit - rest - min(sums[i], raw.plan.arena_bytes) for i, s in enumerate(steps)}
    return Spare(layers, startup=limit - raw.ram_bytes)


def _planned(graph: Graph, core: Core, options: CompileOptions, spare: Spare) -> Planned:
    ordered, problem = _in_order(graph, core, options, spare)
    return Planned(ordered, problem, plan(problem))


def _in_order(graph: Graph, core: Core, options: CompileOptions, spare: Spare) -> tuple[Graph, Problem]:
    """The graph in the order that needs the least memory, lowered."""
    problem = lower(graph, core, options, spare)
    steps = {id(step.view.node): step for step in problem.steps}

    def footprint(view: View) -> Footprint:
        step = steps.get(id(view.node))
        if step is None:
            return Footprint(ops.get_for(view).alias(view))
        return Footprint(None, step.overlap, step.scratch_bytes)

    ordered = order(graph, footprint)
    return (graph, problem) if ordered is graph else (ordered, lower(ordered, core, options, spare))
