"""Everything about a graph that the compiler cannot do, in one message."""

from __future__ import annotations

from collections.abc import Iterator

from edgewright import ops
from edgewright.errors import UserError
from edgewright.tflite.graph import ITEM_BYTES, Graph, Tensor, View
from edgewright.tflite.reader import describe

_END_TYPES = ("int8", "uint8", "int16", "int32", "float32", "bool")
"""What a model's inputs and outputs may be."""


MAX_NODES = 4096
MAX_BYTES = 1 << 24
"""Of a tensor that is computed."""


def check(graph: Graph) -> None:
    """UserError that lists every operator that is not supported: its place, version, tensors, and why."""
    faults = list(_faults_of_size(graph))
    faults += () if faults else [fault for view in graph.views() for fault in _faults_of(view)]
    faults += _faults_of_ends(graph)
    if faults:
        raise UserError(
            graph.name,
            f"{len(faults)} things in the model are not supported:\n    " + "\n    ".join(faults),
            hint="docs/operators.md lists the operators and what is supported of each",
        )


def _faults_of_size(graph: Graph) -> Iterator[str]:
    """What no microcontroller holds, and what would take minutes to look at."""
    if len(graph.nodes) > MAX_NODES:
        yield f"the model has {len(graph.nodes)} operators, supported: {MAX_NODES}"
    for tensor in graph.tensors.values():
        size = tensor.elements * ITEM_BYTES.get(tensor.dtype, 1)
        if size > MAX_BYTES and not tensor.is_constant:
            yield f"tensor {tensor.id} has {size:,} bytes, supported: {MAX_BYTES:,}  ({describe(tensor)})"


def _faults_of(view: View) -> Iterator[str]:
    for problem in _problems(view):
        tensors = ", ".join("none" if t is None else describe(t) for t in view.inputs)
        results = ", ".join(describe(t) for t in view.outputs)
        name = f"operator {view.node.index}: {view.node.op} version {view.node.version}"
        yield f"{name}: {problem}  ({tensors} -> {results})"


def _problems(view: View) -> Iterator[str]:
    node, op = view.node, ops.find_for(view)
    if op is None:
        yield "the operator is not supported"
        return
    if node.version not in op.versions:
        yield f"the version is not supported; supported: {op.versions.start} to {op.versions.stop - 1}"
    counts = ((len(node.inputs), op.inputs, "inputs"), (len(node.outputs), op.outputs, "outputs"))
    wrong = [
        f"{count} {what}, expected {allowed.start} to {allowed.stop - 1}"
        for count, allowed, what in counts
        if count not in allowed
    ]
    required = view.inputs if op.is_variadic else view.inputs[: op.inputs.start]
    if wrong or None in required:
        yield "; ".join(wrong) or "an input is left out that is needed"
        return
    yield from op.check(view)


def _faults_of_ends(graph: Graph) -> Iterator[str]:
    for what, numbers in (("input", graph.inputs), ("output", graph.outputs)):
        if not numbers:
            yield f"the model has no {what}"
        if what == "input" and len(set(numbers)) != len(numbers):
            yield "the model names one tensor as two inputs"
        for place, number in enumerate(numbers):
            yield from _faults_of_end(graph.tensors[number], f"{what} {place}")


def _faults_of_end(tensor: Tensor, what: str) -> Iterator[str]:
    if tensor.dtype not in _END_TYPES:
        yield f"{what} of the model is {tensor.dtype}, supported: {', '.join(_END_TYPES)}  ({describe(tensor)})"
    if tensor.elements == 0:
        yield f"{what} of the model is empty  ({describe(tensor)})"
