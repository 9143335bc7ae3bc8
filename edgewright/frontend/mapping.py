"""From levels to the numbers of a model's input: whole-number arithmetic that is proven equal for every level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgewright.answers.model_inputs import quantize
from edgewright.preprocessing import Scaling
from edgewright.tflite.graph import Tensor

_MOST_BITS = 40
_MOST_LEVELS = 256
_INT32 = 1 << 31


@dataclass(frozen=True)
class Affine:
    """(level * multiplier + offset) >> shift, cut to 0 to span, plus the least number of the input's type.

    Attributes:
        multipliers, offsets: one for all, or one for each channel.
        wide: whether the sums need int64.
        cuts: whether a sum leaves 0 to span.
    """

    multipliers: tuple[int, ...]
    offsets: tuple[int, ...]
    shift: int
    least: int
    span: int
    wide: bool
    cuts: bool

    @property
    def added(self) -> int | None:
        """What is added to a level, where that is all that is done; 0 where levels are the input as they are."""
        plain = self.shift == 0 and set(self.multipliers) == {1} and len(set(self.offsets)) == 1 and not self.cuts
        return self.offsets[0] + self.least if plain else None


@dataclass(frozen=True)
class Table:
    """The number for each level from `low`; one table for all, or one for each channel."""

    low: int
    numbers: NDArray[np.generic]


Mapping = Affine | Table | None
"""None: by real values, as the scaling says."""


def mapping(scaling: Scaling, source: Tensor) -> Mapping:
    """How a device makes the numbers of an input of levels.

    It is what evaluation makes of them, for every level that there is: this tries all.

    Args:
        scaling: what the model sees of a level.
        source: the input of the model.
    """
    if scaling.bounds is None or source.quantization is None:
        return None
    wanted = _wanted(scaling, source)
    if found := _affine(scaling, wanted, source):
        return found
    few = wanted.shape[1] <= _MOST_LEVELS and len(wanted) <= 4
    return Table(scaling.bounds[0], wanted) if few else None


def _levels(scaling: Scaling) -> NDArray[np.int64]:
    low, high = scaling.bounds or (0, 0)
    return np.arange(low, high + 1)


def _wanted(scaling: Scaling, source: Tensor) -> NDArray[np.generic]:
    """The number of each level, [channels, levels]."""
    levels = _levels(scaling).astype(np.float32)
    offsets, factors = (np.array(values, np.float32)[:, np.newaxis] for values in (scaling.offsets, scaling.factors))
    return quantize(np.asarray((levels - offsets) * factors, np.float32), source)


def _affine(scaling: Scaling, wanted: NDArray[np.generic], source: Tensor) -> Affine | None:
    limits, levels = np.iinfo(source.dtype), _levels(scaling)
    span = int(limits.max) - int(limits.min)
    slopes = np.array(scaling.factors, np.float64) / float(source.quantization.scale)  # type: ignore[union-attr]
    above = wanted.astype(np.int64) - int(limits.min)
    for shift in range(_MOST_BITS + 1):
        multipliers = np.round(slopes * 2.0**shift)
        if np.abs(multipliers).max() >= _INT32:
            return None
        whole = multipliers.astype(np.int64)
        offsets = [_offset(int(by), levels, row, span, shift) for by, row in zip(whole, above, strict=True)]
        if None not in offsets:
            found = np.array(offsets, np.int64)
            sums = levels * whole[:, np.newaxis] + found[:, np.newaxis]
            raw = sums >> shift
            return Affine(
                tuple(whole.tolist()),
                tuple(found.tolist()),
                shift,
                int(limits.min),
                span,
                wide=bool((np.abs(sums) >= _INT32).any() or (np.abs(found) >= _INT32).any()),
                cuts=bool(raw.min() < 0 or raw.max() > span),
            )
    return None


def _offset(by: int, levels: NDArray[np.int64], above: NDArray[np.int64], span: int, shift: int) -> int | None:
    """An offset with which the sums of all levels, shifted, are those that are wanted; None where there is none."""
    products = levels * by
    least = ((above << shift) - products)[above > 0]
    most = (((above + 1) << shift) - products)[above < span] - 1
    low = int(least.max()) if least.size else int(most.min())
    high = int(most.min()) if most.size else low
    return (low + high) // 2 if low <= high else None
