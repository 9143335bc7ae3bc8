"""Operators that are a function of one int8: a table of its 256 values, made at build time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from edgewright.ops import _check
from edgewright.ops._base import Call, Const, Input, Op, Output
from edgewright.ops._quant import INT8_MAX, INT8_MIN, scale, zero_point
from edgewright.tflite.graph import View

_TABLES: dict[object, NDArray[np.int8]] = {}


class TableOp(Op):
    """Output[i] = f(input[i])."""

    @abstractmethod
    def function(self, view: View) -> Callable[[int], int]:
        """The value for each input, in -128..127."""

    def check(self, view: View) -> Iterator[str]:
        yield from _check.not_empty(view)
        yield from _check.int8(view.input(0), "input")
        yield from _check.int8(view.output(), "output")
        yield from _check.shape(view.output(), "the output", view.input(0).shape)

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

    def overlap(self, view: View, variant: str) -> Mapping[int, int]:
        return {0: 0}

    def kernel_stem(self, view: View) -> str:
        return "lookup_s8"
