"""normalise: numbers of all channels are brought to one size, by mean and deviation or by a scale and an offset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgewright.preprocessing._normal import Normal, fitted, raw_of, scaling
from edgewright.preprocessing._plan import Plan

if TYPE_CHECKING:
    from numpy.typing import NDArray

OPTIONS = Normal


def fit(options: Normal, examples: NDArray[Any]) -> Normal:
    """With mean and deviation of the training examples, [N, ..., channels]."""
    return fitted(options, examples)


def plan(options: Normal, shape: tuple[int, ...]) -> Plan:
    """An example as a whole; UserError where mean or deviation do not fit its channels."""
    return Plan(raw_of(options), shape, shape, scaling(options, shape[-1]))
