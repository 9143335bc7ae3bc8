"""float32 operators of single elements, of one input or two.

Functions of libm give what the target's libm gives; the others have the bits of TensorFlow Lite Micro.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edgewright.kernels.broadcast import loop_fields, same_place
from edgewright.kernels.call import Argument, Call, Input, Scalar
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.ops.families.binary import check_shapes
from edgewright.ops.families.float32 import IN, OUT, clamp_of, float32_ends
from edgewright.tflite.graph import View

_ENDS = (Input("a", 0, "float"), Input("b", 1, "float"), OUT)


class BinaryFloat(Op):
    """With broadcasting of both sides, and a fused activation."""

    dtypes = ("float32",)
    inputs = range(2, 3)

    def __init__(self, name: str, versions: range = range(1, 2)) -> None:
        self.name, self.versions = name, versions  # type: ignore[misc]

    @property
    def files(self) -> tuple[str, ...]:
        return (f"{self.name.lower()}_f32_ref",)

    def check(self, view: View) -> Iterator[str]:
        yield from [*float32_ends(view, 0, 1), *checks.activation(view)] or check_shapes(view)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        shape = loop_fields(view.input(0).shape, view.input(1).shape)
        arguments = (*_ENDS, *clamp_of(view))
        return (Call(self.files[0], "ew_binary_s8_shape", shape, arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return same_place(view)


_PAIRS = ("MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE", "PRELU", "DIV", "POW", "FLOOR_DIV", "FLOOR_MOD")
"""In the order of the kernel's functions."""


class PairFloat(BinaryFloat):
    """With broadcasting of both sides."""

    files = ("binary_f32_ref",)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        loops = loop_fields(view.input(0).shape, view.input(1).shape)
        fields = tuple((f"loops.{name}", value) for name, value in loops)
        shape = (*fields, ("function", _PAIRS.index(self.name)))
        return (Call("binary_f32_ref", "ew_binary_f32_shape", shape, (*_ENDS, *clamp_of(view))),)


_UNARIES = (
    *("CLAMP", "LEAKY_RELU", "LOGISTIC", "TANH", "ELU", "HARD_SWISH", "SQUARE", "SQRT", "RSQRT", "ABS", "NEG", "FLOOR"),
    *("CEIL", "ROUND", "EXP", "LOG", "SIN", "COS", "GELU", "APPROXIMATE_GELU"),
)
"""In the order of the kernel's functions."""


class UnaryFloat(Op):
    """A function of single elements.

    Args:
        name: of the operator, and of its function.
        versions: of it.
    """

    dtypes = ("float32",)
    files = ("activation_f32_ref",)

    def __init__(self, name: str, versions: range = range(1, 2)) -> None:
        self.name, self.versions = name, versions  # type: ignore[misc]

    def check(self, view: View) -> Iterator[str]:
        yield from checks.not_empty(view)
        yield from float32_ends(view)
        yield from checks.shape(view.output(), "the output", view.input(0).shape)

    def function(self, view: View) -> str:
        """One of the kernel's functions."""
        return self.name

    def parameters(self, view: View) -> tuple[float, float]:
        """Of the function."""
        return 0.0, 0.0

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        shape = (("count", view.output().elements), ("kind", _UNARIES.index(self.function(view))))
        a, b = self.parameters(view)
        arguments: tuple[Argument, ...] = (IN, OUT, Scalar("a", a, "float"), Scalar("b", b, "float"))
        return (Call("activation_f32_ref", "ew_activation_f32_shape", shape, arguments),)

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {0: 0}


class ClampFloat(UnaryFloat):
    """The nearest number in a range."""

    def __init__(self, name: str, versions: range, low: float, high: float) -> None:
        super().__init__(name, versions)
        self._bounds = low, high

    def function(self, view: View) -> str:
        return "CLAMP"

    def parameters(self, view: View) -> tuple[float, float]:
        return self._bounds
