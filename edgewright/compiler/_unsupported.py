"""What is wrong with the operators of a graph, one line a cause: operators that want the same thing share a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from edgewright import ops
from edgewright.tflite.control import REFUSED
from edgewright.tflite.describe import is_float
from edgewright.tflite.graph import Graph, View
from edgewright.tflite.reader import describe

_NAMED = 4
"""Operators that a line names."""

FLOAT_MODEL = "it is a float model, and in float32 these operators are not supported"
ISLANDS = "operators stayed float inside a quantized model, and in float32 these are not supported"
HYBRID = "its weights alone are quantized (dynamic), and these operators are not supported so"


def float_errors(graph: Graph, views: Sequence[View]) -> str | None:
    """One line for all operators of these that compute in float; None when there are none.

    Args:
        graph: the model.
        views: the operators that are not supported.
    """
    floats = [view for view in views if _is_float(view)]
    return f"{_kind(graph)}: {_by_operator(floats)}" if floats else None


def _is_float(view: View) -> bool:
    """Whether it is not supported since it computes in float, where it would be in integers."""
    tensors = [*(t for t in view.inputs if t is not None and not t.is_constant), *view.outputs]
    if not tensors or not all(map(is_float, tensors)) or ops.find(view.node.op) is None:
        return False
    op = ops.find_for(view)
    hybrid = any(t is not None and t.is_constant and t.quantization is not None for t in view.inputs)
    return hybrid or op is None or "float32" not in op.dtypes


def _kind(graph: Graph) -> str:
    quantized = [tensor for tensor in graph.tensors.values() if tensor.quantization is not None]
    if not quantized:
        return FLOAT_MODEL
    return HYBRID if all(tensor.is_constant for tensor in quantized) else ISLANDS


def _by_operator(views: Sequence[View]) -> str:
    found: dict[str, list[int]] = {}
    for view in views:
        found.setdefault(view.node.op, []).append(view.node.index)
    return ", ".join(f"{op} ({_numbers(numbers)})" for op, numbers in found.items())


def other_errors(views: Sequence[View]) -> Iterator[str]:
    """One line for all operators with the same fault."""
    alike: dict[tuple[str, int, str], list[View]] = {}
    for view in views:
        if not _is_float(view):
            alike.setdefault((view.node.op, view.node.version, "; ".join(unsupported(view))), []).append(view)
    for (op, version, problem), group in alike.items():
        tensors = ", ".join("none" if t is None else describe(t) for t in group[0].inputs)
        results = ", ".join(describe(t) for t in group[0].outputs)
        numbers = _numbers([view.node.index for view in group])
        yield f"{numbers}: {op} version {version}: {problem}  ({tensors} -> {results})"


def _numbers(indices: Sequence[int]) -> str:
    """The operators of these numbers: "operators 1, 2, 3, 4 and 12 more"."""
    if len(indices) == 1:
        return f"operator {indices[0]}"
    named = ", ".join(map(str, indices[:_NAMED]))
    return f"operators {named}" + (f" and {len(indices) - _NAMED} more" if len(indices) > _NAMED else "")


def unsupported(view: View) -> Iterator[str]:
    """What is wrong or not supported with an operator; nothing when all is well."""
    node, op = view.node, ops.find_for(view)
    if op is None:
        yield node.options.get(REFUSED, "the operator is not supported")
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


HINTS: Mapping[str, str] = {
    FLOAT_MODEL: "quantize it: a Keras model in models/ is quantized by its build (`scons target=mcu model=NAME`); a "
    ".tflite where it is made, with TFLiteConverter's representative_dataset and inference_input_type = tf.int8",
    ISLANDS: "replace the layers that make them by ones that the converter has in int8, or quantize with a newer one",
    HYBRID: "quantize activations too: give TFLiteConverter a representative_dataset",
}
