"""int32 and int64 arithmetic, and comparisons of bool, int32, int64 and float32."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from tflite.ActivationFunctionType import ActivationFunctionType as Activation

from edgewright.kernels.broadcast import loop_fields, same_place
from edgewright.kernels.call import Call, Input, Output, Scalar
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.binary import check_shapes
from edgewright.ops.families.compare import RELATIONS
from edgewright.ops.families.element import NUMBERS, limits
from edgewright.ops.families.move import check_same_scale
from edgewright.tflite.graph import View

_BOUNDS = {
    Activation.NONE: limits("int32"),
    Activation.RELU: (0, limits("int32")[1]),
    Activation.RELU_N1_TO_1: (-1, 1),
    Activation.RELU6: (0, 6),
}
_FUNCTIONS = (
    *("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM"),
    *("SQUARED_DIFFERENCE", "DIV", "FLOOR_DIV", "FLOOR_MOD", "ABS", "NEG"),
)
"""In the order of the kernel's functions."""
_ENDS = (Input("a", 0, "void"), Input("b", 1, "void"))


def _loops(view: View) -> tuple[tuple[str, int], ...]:
    fields = loop_fields(view.input(0).shape, view.input(1).shape)
    return tuple((f"loops.{name}", value) for name, value in fields)


class BinaryWhole(Op):
    """Of two inputs, with broadcasting of both sides; what leaves the type wraps around.

    A fused activation, which TensorFlow Lite Micro leaves out, clamps int32 as it does in LiteRT.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("int32", "int64")
    inputs = range(2, 3)
    files = ("binary_whole_ref",)

    def __init__(self, name: str, versions: range) -> None:
        self.name, self.versions = name, versions  # type: ignore[misc]

    def check(self, view: View) -> Iterator[str]:
        faults = list(checks.activation(view))
        for tensor in (view.input(0), view.input(1)):
            faults += check_same_scale(tensor, view.outputs)
        if view.output().dtype == "int64" and view.option("fused_activation_function", 0):
            faults.append("int64 has no fused activation")
        yield from faults or check_shapes(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        low, high = _BOUNDS[view.option("fused_activation_function", 0)]
        shape = (*_loops(view), ("type", NUMBERS[view.output().dtype]), ("function", _FUNCTIONS.index(self.name)))
        arguments = (*_ENDS, Output("output", ctype="void"), Scalar("act_min", low), Scalar("act_max", high))
        return (Call("binary_whole_ref", "ew_binary_whole_shape", shape, arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return same_place(view)


class BinaryInt32(BinaryWhole):
    """Of two inputs, with broadcasting of both sides; what leaves the type wraps around."""

    dtypes = ("int32",)


class QuotientInt32(BinaryInt32):
    """Of two inputs, with broadcasting of both sides. By 0, at which LiteRT stops, it is 0."""

    oracle = "LiteRT"


class UnaryWhole(BinaryWhole):
    """Of single elements; the least number, whose negative leaves the type, stays. No TensorFlow Lite Micro runs it."""

    inputs = range(1, 2)
    oracle = "LiteRT"

    def __init__(self, name: str, versions: range, *dtypes: str) -> None:
        super().__init__(name, versions)
        self.dtypes = dtypes  # type: ignore[misc]

    def check(self, view: View) -> Iterator[str]:
        yield from checks.not_empty(view)
        yield from check_same_scale(view.input(0), view.outputs)
        yield from checks.shape(view.output(), "the output", view.input(0).shape)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        """The kernel of two inputs, which are the same."""
        kind = view.output().dtype
        fields = loop_fields(view.input(0).shape, view.input(0).shape)
        shape = (*((f"loops.{name}", value) for name, value in fields), ("type", NUMBERS[kind]))
        low, high = limits("int32")
        ends = (Input("a", 0, "void"), Input("b", 0, "void"), Output("output", ctype="void"))
        arguments = (*ends, Scalar("act_min", low), Scalar("act_max", high))
        function = ("function", _FUNCTIONS.index(self.name))
        return (Call("binary_whole_ref", "ew_binary_whole_shape", (*shape, function), arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {0: 0}


class CompareTyped(Op):
    """To bool, with broadcasting of both sides."""

    inputs = range(2, 3)
    files = ("compare_ref",)

    def __init__(self, name: str, versions: range, *dtypes: str) -> None:
        self.name, self.versions, self.dtypes = name, versions, dtypes  # type: ignore[misc]

    def check(self, view: View) -> Iterator[str]:
        kind = view.input(0).dtype
        faults = [*checks.dtype(view.input(1), "second input", kind), *checks.dtype(view.output(), "output", "bool")]
        yield from faults or check_shapes(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        shape = (("relation", RELATIONS.index(self.name)), ("type", NUMBERS[view.input(0).dtype]))
        return (Call("compare_ref", "ew_compare_shape", (*_loops(view), *shape), (*_ENDS, Output("output"))),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return same_place(view)


NUMERIC = ("int32", "int64", "float32")
"""That are compared as numbers."""
