"""What the signal operators of TensorFlow Lite Micro have in common: they are custom, and know no scales."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright.c_text import CTYPES
from edgewright.kernels.call import Argument, Call, Const, Input, Output, Variable
from edgewright.kernels.constant import constant_data
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.tflite.graph import Tensor, View

MOST = 1 << 15
"""Elements of a frame, channels and the like: what int16 counts."""


_KINDS = {"int16": "s16", "int32": "s32", "float32": "f32"}
"""The types of transforms, in names of kernels."""


class SignalOp(Op):
    """A signal operator: its tensors have fixed types, its attributes are whole numbers.

    Attributes:
        types: what each input is called and its type, in their order.
        results: the same of outputs.
        options: bounds of each attribute.
    """

    types: Sequence[tuple[str, str]]
    results: Sequence[tuple[str, str]]
    options: Sequence[tuple[str, int, int]] = ()

    @property
    def files(self) -> tuple[str, ...]:
        return (f"{self.name.lower()}_ref",)

    def check(self, view: View) -> Iterator[str]:
        faults = [*checks.not_empty(view), *self._faults_of_types(view)]
        faults += [fault for name, low, high in self.options for fault in option(view, name, low, high)]
        yield from faults or self.check_shapes(view)

    def check_shapes(self, view: View) -> Iterable[str]:
        """What is wrong with the shapes, where types and attributes are right."""
        raise NotImplementedError

    def _faults_of_types(self, view: View) -> Iterator[str]:
        for (what, kind), tensor in zip(self.types, view.inputs, strict=False):
            yield from checks.dtype(tensor, what, kind) if tensor is not None else [f"{what} is left out"]
        for (what, kind), tensor in zip(self.results, view.outputs, strict=True):
            yield from checks.dtype(tensor, what, kind)

    def call(self, fields: Iterable[tuple[str, int]], arguments: Iterable[Argument], shape: str = "") -> Call:
        """The call of its kernel; `shape`: name of the shape's struct where that is not the operator's."""
        return Call(self.files[0], f"ew_{shape or self.name.lower()}_shape", tuple(fields), tuple(arguments))


class TypedSignalOp(SignalOp):
    """One whose input and output have one type of several, and a kernel for each: "signal_rfft_s16_ref"."""

    def __init__(self, dtype: str) -> None:
        self.dtypes = (dtype,)  # type: ignore[misc]
        self.types = (("input", dtype),)
        self.results = (("output", dtype),)

    @property
    def files(self) -> tuple[str, ...]:
        return (f"{self.name.lower()}_{_KINDS[self.dtypes[0]]}_ref",)


class Transform(TypedSignalOp):
    """A Fourier transform of real frames, or its inverse: lengths are powers of two."""

    inverse: bool

    def check_shapes(self, view: View) -> Iterable[str]:
        faults = list(_fft_options(view))
        yield from faults or self.check_frames(view, int(view.option("fft_length")))

    def check_frames(self, view: View, length: int) -> Iterable[str]:
        """What is wrong with the shapes, where the transform's length is right."""
        raise NotImplementedError

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        length, dtype = int(view.option("fft_length")), self.dtypes[0]
        count = length if self.inverse else view.input(0).shape[-1]
        fields = {"frames": rows(view.input(0)), "count": count, "log2": length.bit_length() - 2}
        tables = _fft_tables(length, dtype, inverse=self.inverse)
        return (self.call(fields.items(), (*ends(CTYPES[dtype], CTYPES[dtype]), *tables), "signal_fft"),)


def option(view: View, name: str, low: int, high: int) -> Iterator[str]:
    """The attribute is there and within its bounds."""
    value = view.option(name)
    if value is None:
        yield f"the attribute {name} is missing"
    elif not low <= value <= high:
        yield f"{name} is {value}, supported: {low} to {high}"


def has_elements(tensor: Tensor, what: str, count: int) -> Iterator[str]:
    """The tensor has so many elements."""
    if tensor.elements != count:
        yield f"{what} has {tensor.elements} elements, expected {count}"


def constants(view: View, *places: int) -> Iterator[str]:
    """These inputs are known at build time."""
    return (fault for place in places for fault in checks.constant(view.input(place), f"input {place}"))


def flat(view: View, place: int) -> NDArray[Any]:
    """A constant input, flat."""
    return constant_data(view.input(place)).reshape(-1)


def has_state(view: View) -> Iterator[str]:
    """The reader has given the node its state."""
    if len(view.node.inputs) != 2 or not view.input(1).is_variable:
        yield "it has no state: its attributes do not fit its input"


def ends(source: str = "int16_t", output: str = "int16_t") -> tuple[Argument, ...]:
    """The arguments of an input and an output."""
    return Input("input", ctype=source), Output("output", ctype=output)


def state(ctype: str = "int16_t") -> Variable:
    """The argument of the state."""
    return Variable("state", 1, ctype)


def rows(tensor: Tensor) -> int:
    """How many rows of its last dimension it has."""
    return math.prod(tensor.shape[:-1])


def _fft_options(view: View) -> Iterator[str]:
    """The length is a power of two that is supported."""
    length = view.option("fft_length", 0)
    if not 4 <= length <= MOST or length & (length - 1):
        yield f"fft_length is {length}, supported: powers of two from 4 to {MOST}"


def _fft_tables(length: int, dtype: str, *, inverse: bool) -> tuple[Const, Const]:
    """Twiddles of the steps and of the split, as KISS FFT computes them: cosine and sine, rounded to nearest.

    Args:
        length: samples of the real signal.
        dtype: int16 and int32 have all bits but the sign behind the point.
        inverse: for the way back.
    """
    sign, half = -1 if inverse else 1, length // 2
    steps = [sign * (-2 * math.pi * i / half) for i in range(max(3 * half // 4, 1))]
    turns = [sign * (-math.pi * ((i + 1) / half + 0.5)) for i in range(half // 2)]
    ctype = CTYPES[dtype]
    return (
        Const("twiddles", _turned(steps, dtype), "cosine and sine of the steps", ctype),
        Const("turns", _turned(turns, dtype), "cosine and sine of the split", ctype),
    )


def _turned(phases: Sequence[float], dtype: str) -> NDArray[np.generic]:
    values = [part for phase in phases for part in (math.cos(phase), math.sin(phase))]
    if dtype == "float32":
        return np.array(values, np.float32)
    return np.array([math.floor(0.5 + int(np.iinfo(dtype).max) * value) for value in values], dtype)
