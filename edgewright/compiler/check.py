"""Everything about a graph that the compiler cannot do, in one message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edgewright.compiler._unsupported import HINTS, float_errors, other_errors, unsupported
from edgewright.errors import UserError
from edgewright.tflite.graph import ITEM_BYTES, Graph, Tensor
from edgewright.tflite.reader import describe

_END_TYPES = ("int8", "uint8", "int16", "int32", "uint32", "int64", "uint64", "float32", "bool")
"""What a model's inputs and outputs may be."""


MAX_NODES = 4096
MAX_BYTES = 1 << 24
"""Of a tensor that is computed."""


def check_count(graph: Graph) -> None:
    """UserError for a model of more operators than are looked at: before anything is done that takes a while."""
    if len(graph.nodes) > MAX_NODES:
        raise UserError(
            graph.name, "the model has too many operators", got=len(graph.nodes), allowed=f"up to {MAX_NODES}"
        )


def check(graph: Graph) -> None:
    """UserError with a line for each cause: what is not supported, where, of which tensors, and why."""
    errors = list(_errors_of_size(graph))
    views = [] if errors else [view for view in graph.views() if any(unsupported(view))]
    floats = float_errors(graph, views)
    others = [*errors, *other_errors(views), *_errors_of_ends(graph)]
    if floats and not others:
        raise UserError(graph.name, floats, hint=_hint(floats))
    if floats or others:
        raise UserError(graph.name, _listed([*([floats] if floats else []), *others]), hint=_hint(floats or ""))


def _listed(errors: Sequence[str]) -> str:
    what = "1 thing in the model is" if len(errors) == 1 else f"{len(errors)} things in the model are"
    return f"{what} not supported:\n    " + "\n    ".join(errors)


def _hint(floats: str) -> str:
    known = (hint for start, hint in HINTS.items() if floats.startswith(start))
    return next(known, "docs/operators.md lists the operators and what is supported of each")


def _errors_of_size(graph: Graph) -> Iterator[str]:
    """What no microcontroller holds."""
    for tensor in graph.tensors.values():
        size = tensor.elements * ITEM_BYTES.get(tensor.dtype, 1)
        if size > MAX_BYTES and not tensor.is_constant:
            yield f"tensor {tensor.id} has {size:,} bytes, supported: {MAX_BYTES:,}  ({describe(tensor)})"


def _errors_of_ends(graph: Graph) -> Iterator[str]:
    for what, numbers in (("input", graph.inputs), ("output", graph.outputs)):
        if not numbers:
            yield f"the model has no {what}"
        if what == "input" and len(set(numbers)) != len(numbers):
            yield "the model names one tensor as two inputs"
        for place, number in enumerate(numbers):
            yield from _errors_of_end(graph.tensors[number], f"{what} {place}")


def _errors_of_end(tensor: Tensor, what: str) -> Iterator[str]:
    if tensor.dtype not in _END_TYPES:
        yield f"{what} of the model is {tensor.dtype}, supported: {', '.join(_END_TYPES)}  ({describe(tensor)})"
    if tensor.elements == 0:
        yield f"{what} of the model is empty  ({describe(tensor)})"
