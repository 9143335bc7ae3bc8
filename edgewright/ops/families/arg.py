"""What ARG_MAX and ARG_MIN have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from edgewright.kernels.call import Call, Input, Output
from edgewright.ops.families import checks
from edgewright.ops.families.element import NUMBERS
from edgewright.ops.families.reduce import Reduce, axes_of
from edgewright.tflite.graph import View

_PLACES = ("int32", "int64")


class Arg(Reduce):
    """input, axis; the place of the first of the greatest or least elements along one dimension."""

    def check(self, view: View) -> Iterator[str]:
        faults = [*checks.not_empty(view), *self.check_input(view)]
        faults += checks.dtype(view.output(), "output", *_PLACES)
        faults += [f"{view.input(1).elements} axes, expected one"] if view.input(1).elements != 1 else []
        yield from faults or self.check_axes(view)

    def check_input(self, view: View) -> Iterator[str]:
        """The input is of the operator's type."""
        yield from checks.int8(view.input(0), "input")

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        if (view.input(0).dtype, view.output().dtype) != ("int8", "int32"):
            return (_typed(view),)
        arguments = (Input("input"), Output("output", ctype="int32_t"))
        return (Call(self.files[0], "ew_arg_s8_shape", _sizes(view), arguments),)

    @property
    def files(self) -> tuple[str, ...]:
        return (f"{self.name.lower()}_s8_ref", "arg_ref")


class ArgTyped(Arg):
    """To int32 or int64, along any dimension."""

    dtypes: ClassVar[tuple[str, ...]] = ("float32",)

    def __init__(self, name: str) -> None:
        self.name = name  # type: ignore[misc]

    def check_input(self, view: View) -> Iterator[str]:
        yield from checks.dtype(view.input(0), "input", *self.dtypes)


class ArgWhole(ArgTyped):
    """To int32 or int64, along any dimension. No TensorFlow Lite Micro runs it."""

    dtypes = ("uint8", "int32")
    oracle = "LiteRT"


def _sizes(view: View) -> tuple[tuple[str, int], ...]:
    shape = view.input(0).shape
    (axis,) = axes_of(view)
    sizes = {"outer": 1, "depth": shape[axis], "inner": 1}
    for i, size in enumerate(shape):
        sizes["outer"] *= size if i < axis else 1
        sizes["inner"] *= size if i > axis else 1
    return tuple(sizes.items())


def _typed(view: View) -> Call:
    types = (("type", NUMBERS[view.input(0).dtype]), ("output_type", NUMBERS[view.output().dtype]))
    shape = (*_sizes(view), *types, ("is_max", int(view.node.op == "ARG_MAX")))
    return Call("arg_ref", "ew_arg_shape", shape, (Input("input", ctype="void"), Output("output", ctype="void")))
