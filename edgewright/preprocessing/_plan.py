"""What a kind of preprocessing does, as data: training, host and device all work from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgewright.tflite.graph import Graph

LEVELS = 256
"""A level of sound is one of so many numbers from 0, which a model sees as level / LEVELS."""

_BOUNDS = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767)}


@dataclass(frozen=True)
class Raw:
    """The numbers that a device reads.

    Attributes:
        dtype: int8, uint8, int16, or float32 where the device has real values already.
        step: the real value of 1; an example of real value x is the number round(x / step).
        lowest: the least number that is taken, where the type's own least is not: it is lifted to this one.
        rate: how many a second, of sound.
        what: what examples are, for messages.
    """

    dtype: str
    step: float = 1.0
    lowest: int | None = None
    rate: int | None = None
    what: str = "numbers"

    @property
    def bounds(self) -> tuple[int, int]:
        """The least and the greatest number, of whole numbers."""
        low, high = _BOUNDS[self.dtype]
        return (low if self.lowest is None else self.lowest), high


@dataclass(frozen=True)
class Mix:
    """A matrix of whole numbers that levels, cut to 0 to LEVELS - 1, go through: (sum + half) >> shift.

    Attributes:
        weights: rows of as many int16 as there are levels; a row gives one level.
        shift: bits behind the point of the weights.
    """

    weights: tuple[tuple[int, ...], ...]
    shift: int


@dataclass(frozen=True)
class Scaling:
    """From levels to what the model sees: (level - offset) * factor, in float32, two roundings.

    Attributes:
        offsets, factors: one pair for all, or one for each channel, the last axis; float32.
        bounds: levels are cut to these before; of whole numbers all levels that there are.
    """

    offsets: tuple[float, ...]
    factors: tuple[float, ...]
    bounds: tuple[int, int] | None


@dataclass(frozen=True)
class Stream:
    """An example is a stretch of a stream, of which each step gives a row; the model sees the last rows.

    Attributes:
        rows: that the model sees; None: all that an example has.
        every: rows from one answer to the next.
    """

    rows: int | None
    every: int


@dataclass(frozen=True)
class Plan:
    """What is done to raw numbers.

    Attributes:
        raw: the numbers.
        takes: shape of the raw numbers that are taken at a time: a step of a stream, else an example.
        gives: shape of what the model sees of them.
        graph: from raw numbers to levels; None: they are the levels. Of uint8 numbers it takes n - 128 as int8.
        mix: what its levels go through.
        scaling: from levels to what the model sees.
        stream: how rows of a stream follow each other; None: an example is taken as a whole.
    """

    raw: Raw
    takes: tuple[int, ...]
    gives: tuple[int, ...]
    scaling: Scaling
    graph: Graph | None = None
    mix: Mix | None = None
    stream: Stream | None = None

    @property
    def taken(self) -> int:
        """How many raw numbers are taken at a time."""
        return math.prod(self.takes)

    @property
    def given(self) -> int:
        """How many numbers come of them."""
        return math.prod(self.gives)

    @property
    def flips(self) -> bool:
        """Whether the graph takes n - 128 for a raw number n."""
        return self.graph is not None and self.raw.dtype == "uint8"
