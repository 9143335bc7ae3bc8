"""Graph to steps and buffers: which kernel each node runs, and which tensors are the same bytes."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from edgewright import ops
from edgewright.compiler.ir import Buffer, CompileOptions, Schedule, Step
from edgewright.compiler.select.candidate import RAW, Chosen
from edgewright.compiler.select.headroom import Headroom
from edgewright.compiler.select.layers import choose
from edgewright.errors import UserError
from edgewright.kernels.core import Core
from edgewright.tflite.graph import NONE, Graph, View

NEVER_READ = 1 << 30
"""As the last step that reads an output of the model: after all steps."""


def schedule_of(
    graph: Graph,
    core: Core,
    options: CompileOptions,
    headroom: Headroom = Headroom(),  # noqa: B008 - a frozen value
) -> Schedule:
    """Steps in the graph's order with their kernels, and the buffers between them.

    Args:
        graph: checked; in the order in which it is to run.
        core: what runs it.
        options: the user's choices.
        headroom: RAM that layers may take for weights that are not raw.

    Raises:
        UserError: an option names a layer or variant that there is not.
    """
    same = _classes(graph)
    views = [view for view in graph.views() if not _is_alias(view, same)]
    _check_overrides(graph, views, options)
    chosen = choose(views, core, options, headroom)
    steps = tuple(_step(view, core, chosen[id(view.node)]) for view in views)
    return Schedule(steps, tuple(_buffers(graph, steps, same, _in_place(graph, steps, same))))


def with_apart(graph: Graph, schedule: Schedule, apart: Container[int]) -> Schedule:
    """The schedule with buffers of their own for input and output of some steps, by number, that may work in place."""
    same = _classes(graph)
    places = _in_place(graph, schedule.steps, same, apart)
    return Schedule(schedule.steps, tuple(_buffers(graph, schedule.steps, same, places)))


def _step(view: View, core: Core, chosen: Chosen) -> Step:
    op, found = ops.get_for(view), chosen.candidate
    weights = chosen.facts(core) if op.storages or found.format != RAW else None
    return Step(view, found.variant, found.calls, op.macs(view), op.overlap(view, found.variant), chosen.why, weights)


def _check_overrides(graph: Graph, views: Iterable[View], options: CompileOptions) -> None:
    layers = {view.node.index for view in views}
    for key, given in (("variants", options.variants), ("weights", options.layer_weights)):
        unknown = sorted(set(given) - layers)
        if unknown:
            raise UserError(f"{graph.name}: {key}", "no such layer", got=unknown[0], allowed=map(str, sorted(layers)))


def _classes(graph: Graph) -> Mapping[int, int]:
    """For each tensor that is computed, the first tensor that is the same bytes.

    Two inputs or two outputs of the model, or one of each, are never one class: the caller may put them anywhere.
    """
    ends = {number: {("in", i)} for i, number in enumerate(graph.inputs)}
    for i, number in enumerate(graph.outputs):
        ends.setdefault(number, set()).add(("out", i))
    same = {
        number: number for number, tensor in graph.tensors.items() if not (tensor.is_constant or tensor.is_variable)
    }
    for view in graph.views():
        source = ops.get_for(view).alias(view)
        if source is None or view.node.inputs[source] not in same:
            continue
        root, output = same[view.node.inputs[source]], view.node.outputs[0]
        if not (ends.get(root) and ends.get(output)):
            same[output] = root
            ends[root] = ends.get(root, set()) | ends.get(output, set())
    return same


def _is_alias(view: View, same: Mapping[int, int]) -> bool:
    output = view.node.outputs[0]
    return same.get(output, output) != output


def _in_place(
    graph: Graph, steps: tuple[Step, ...], same: Mapping[int, int], apart: Container[int] = ()
) -> Mapping[int, int]:
    """The classes, with output and input of kernels that work in place made one (`Op.in_place`).

    Not those of steps in `apart`, nor where the model's inputs or outputs are in it, which the caller may put anywhere,
    nor where others still read the input.
    """
    joined, last = dict(same), dict(_last_reads(steps, same))
    members: dict[int, list[int]] = {}
    for number, root in same.items():
        members.setdefault(root, []).append(number)
    ends = {joined[number] for number in (*graph.inputs, *graph.outputs) if number in joined}
    for i, step in enumerate(steps):
        index = ops.get_for(step.view).in_place(step.view, step.variant)
        if index is None or i in apart or step.view.node.inputs[index] not in joined:
            continue
        source, output = joined[step.view.node.inputs[index]], joined.get(step.view.node.outputs[0], NONE)
        if not {source, output} & ends and last[source] == i and output not in (source, NONE):
            for number in members[output]:
                joined[number] = source
            members[source] += members.pop(output)
            last[source] = max(last[source], last.get(output, i))
    return joined


def _last_reads(steps: tuple[Step, ...], same: Mapping[int, int]) -> Mapping[int, int]:
    """The last step that reads each class."""
    return {same[n]: i for i, step in enumerate(steps) for n in step.view.node.inputs if n != NONE and n in same}


def _buffers(
    graph: Graph, steps: tuple[Step, ...], classes: Mapping[int, int], same: Mapping[int, int]
) -> Iterable[Buffer]:
    """The buffers of `same`, which is `classes` with those that work in place."""
    members: dict[int, list[int]] = {}
    for tensor, root in same.items():
        members.setdefault(root, []).append(tensor)
    writes = {same[n]: i for i, step in reversed(list(enumerate(steps))) for n in step.view.node.outputs if n in same}
    reads = _last_reads(steps, same)
    by_rows = {step.view.node.inputs[0] for step in steps if step.view.node.op == "ROWS"}
    inputs, outputs = _places(graph.inputs, same), _places(graph.outputs, same)
    for root, tensors in members.items():
        first = writes.get(root, -1)
        outside = root in by_rows
        yield Buffer(
            id=root,
            tensors=tuple(tensors),
            bytes=0 if outside else graph.tensors[root].bytes,
            first=first,
            last=len(steps) if root in outputs else max(reads.get(root, first), first),
            input=inputs.get(root),
            output=outputs.get(root),
            outside=outside,
            shrinks=tuple(_shrinks(graph, tensors, classes, _last_reads(steps, classes))),
        )


def _shrinks(
    graph: Graph, tensors: Iterable[int], classes: Mapping[int, int], last: Mapping[int, int]
) -> Iterable[tuple[int, int]]:
    """`Buffer.shrinks` of tensors that share a place one after another: each class until its last reader has run."""
    sizes = {root: graph.tensors[root].bytes for root in {classes[tensor] for tensor in tensors}}
    ends = sorted(sizes, key=lambda root: last.get(root, NEVER_READ))
    for place, root in enumerate(ends[:-1]):
        left = max(sizes[later] for later in ends[place + 1 :])
        if left < sizes[root]:
            yield last[root] + 1, left


def _places(numbers: Iterable[int], same: Mapping[int, int]) -> Mapping[int, int]:
    """By class its first place among these tensors."""
    return {same[number]: place for place, number in reversed(list(enumerate(numbers))) if number in same}
