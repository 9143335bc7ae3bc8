"""Operators that are a function of one int8: a table of its 256 values, made at build time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from edgewright.kernels.call import Call, Const, Input, Output
from edgewright.kernels.quant import INT8_MAX, INT8_MIN, clamp, round_half_away, scale, zero_point
from edgewright.ops.base import Op
from edgewright.ops.families import checks
from edgewright.tflite.graph import View

_TABLES: dict[object, NDArray[np.int8]] = {}


class TableOp(Op):
    """Output[i] = f(input[i])."""

    files: tuple[str, ...] = ("lookup_s8_ref",)

    @abstractmethod
    def function(self, view: View) -> Callable[[int], int]:
        """The value for each input, in -128..127."""

    def check(self, view: View) -> Iterator[str]:
        yield from checks.not_empty(view)
        yield from checks.int8(view.input(0), "input")
        yield from checks.int8(view.output(), "output")
        yield from checks.shape(view.output(), "the output", view.input(0).shape)

    def lower_ref(self, view: View) -> tuple[Call, ...]:
        table = self._table(view)
        arguments = (Input("input"), Output("output"), Const("table", table, f"{self.name} of -128..127"))
        return (Call("lookup_s8_ref", "ew_lookup_s8_shape", (("count", view.output().elements),), arguments),)

    def _table(self, view: View) -> NDArray[np.int8]:
        """The values of -128..127; made once for nodes with the same numbers."""
        pairs = tuple((scale(tensor), zero_point(tensor)) for tensor in (view.input(0), view.output()))
        key = (type(self), pairs, tuple(sorted(view.node.options.items())))
        if key not in _TABLES:
            function = self.function(view)
            _TABLES[key] = np.array([function(x) for x in range(INT8_MIN, INT8_MAX + 1)], np.int8)
        return _TABLES[key]

    def overlap_ref(self, view: View) -> Mapping[int, int]:
        return {0: 0}


_MOST = float(1 << 30)
"""Results beyond it, in units of the output's scale, would not fit in int32."""


class RealTableOp(TableOp):
    """A function of a real number, computed in float32 as the runtimes make their tables, then clamped."""

    @abstractmethod
    def real(self, view: View, x: np.float32) -> np.float32:
        """The function."""

    def check(self, view: View) -> Iterator[str]:
        faults = list(super().check(view))
        yield from faults
        if not faults and 255.0 * scale(view.input(0)) / scale(view.output()) >= _MOST:
            yield "the output's scale is too small for the input's"

    def function(self, view: View) -> Callable[[int], int]:
        tensor, output = view.input(0), view.output()
        factor, inverse = np.float32(scale(tensor)), np.float32(1) / np.float32(scale(output))

        def value(x: int) -> int:
            real = self.real(view, factor * np.float32(x - zero_point(tensor)))
            rounded = min(round_half_away(min(float(np.float32(real * inverse)), _MOST)), int(_MOST))
            return clamp(int(np.float32(rounded) + np.float32(zero_point(output))))

        return value
