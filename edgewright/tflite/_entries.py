"""Which subgraphs of a file may be run by themselves: the first one, which the runtimes run, and what is beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edgewright.errors import UserError
from edgewright.tflite._flatbuffer import Record
from edgewright.tflite._options import read_options

_CALLS = "subgraph_index"
"""End of the options that name a subgraph: then_subgraph_index, init_subgraph_index and others."""


def note(model: Record, subgraphs: Sequence[Record], name: str) -> str:
    """A line on what of a file is not built; "" when all of it is.

    What an operator calls (IF, WHILE, CALL_ONCE and others) is built with the operator, and is no entry of its own.

    Raises:
        UserError: the first signature is of another subgraph than the first, so which one is meant is not clear: some
            runtimes go by the one, some by the other.
    """
    if len(subgraphs) == 1:
        return ""
    keys = _signatures(model)
    if next(iter(keys), 0) != 0:
        problem = "which of its subgraphs is meant is not clear: the first signature is not of the first one"
        got = ", ".join(_title(number, keys) for number in keys)
        raise UserError(name, problem, got=got, hint="save the model with the one signature that is to run")
    called = {number for subgraph in subgraphs for number in _called(subgraph)}
    others = [number for number in range(1, len(subgraphs)) if number in keys or number not in called]
    left = ", ".join(_title(number, keys) for number in others)
    return f"{_title(0, keys)} is built, as runtimes run it; not built: {left}" if others else ""


def _signatures(model: Record) -> dict[int, list[str]]:
    """Names of signatures by the number of their subgraph, in the file's order."""
    found: dict[int, list[str]] = {}
    for signature in model.records("SignatureDefs", "signature"):
        found.setdefault(int(signature.value("SubgraphIndex")), []).append(signature.text("SignatureKey"))
    return found


def _called(subgraph: Record) -> Iterator[int]:
    for operator in subgraph.records("Operators", "operator"):
        yield from (int(value) for key, value in read_options(operator).items() if key.endswith(_CALLS))


def _title(number: int, keys: dict[int, list[str]]) -> str:
    names = " and ".join(map(repr, keys.get(number, ())))
    return f"signature {names} (subgraph {number})" if names else f"subgraph {number}"
