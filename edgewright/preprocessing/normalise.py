"""normalise: numbers of all channels are brought to one size, by mean and deviation or by a scale and an offset."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from edgewright.preprocessing._normal import READS, Normal, fitted, raw_of, rescaled, scaling
from edgewright.preprocessing._plan import Plan

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OPTIONS", "READS", "fit", "plan", "then"]

OPTIONS = Normal


def fit(options: Normal, examples: NDArray[Any]) -> Normal:
    """With mean and deviation of the training examples, [N, ..., channels]."""
    return fitted(options, examples)


def plan(options: Normal, shape: tuple[int, ...]) -> Plan:
    """An example as a whole; UserError where mean or deviation do not fit its channels."""
    return Plan(raw_of(options), shape, shape, scaling(options, shape[-1]))


def then(options: Normal, before: Plan) -> Plan:
    """What another kind gives, normalised: of a stream each number of a row is a channel, else the last axis is."""
    channels = before.given if before.stream else before.gives[-1]
    return replace(before, scaling=rescaled(before.scaling, options, channels))
