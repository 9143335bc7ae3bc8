"""What a model costs when some of its units are gone: weights, multiply-accumulates, int8 bytes."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgewright.passes._structure.model import Structure, Weight

Measure = Literal["weights", "macs", "bytes"]
MEASURES: tuple[Measure, ...] = ("weights", "macs", "bytes")
BIAS_BYTES = 4  # a bias of an int8 layer is an int32


class Ledger:
    """Keeps count of a cost while units go.

    Args:
        structure: of the model.
        measure: "weights": all of them, batch norm's too; "macs": multiply-accumulates of one inference; "bytes": the
            weights as an int8 file stores them: kernels one byte each, and a bias of four bytes for each channel that
            a layer makes, into which batch norm has been folded.
    """

    def __init__(self, structure: Structure, measure: Measure) -> None:
        self._structure = structure
        self._measure = measure
        self._other = structure.other_macs if measure == "macs" else structure.other_weights
        self._lengths = [list(weight.shape) for weight in structure.weights]
        self._along = self._places_of_units()
        self.kept: NDArray[np.bool_] = np.ones(structure.ids, bool)

    def _places_of_units(self) -> dict[int, list[tuple[int, int, int]]]:
        """Unit -> (weight, axis, number of places along it)."""
        along: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        for number, weight in enumerate(self._structure.weights):
            for axis, roots in weight.axes.items():
                for root, count in zip(*np.unique(roots, return_counts=True), strict=True):
                    along[int(root)].append((number, axis, int(count)))
        return along

    @property
    def total(self) -> float:
        """The cost of what is left."""
        return self._other + sum(self._cost(number, lengths) for number, lengths in enumerate(self._lengths))

    def saved(self, units: list[int]) -> float:
        """By how much the cost falls when these units go, all else as it is now."""
        return -self._change(self._resized(units, -1))

    def added(self, units: list[int]) -> float:
        """By how much the cost rises when these units, which went, come back."""
        return self._change(self._resized(units, 1))

    def remove(self, units: list[int]) -> None:
        """Let them go."""
        self._take(self._resized(units, -1))
        self.kept[units] = False

    def restore(self, units: list[int]) -> None:
        """Take them back."""
        self._take(self._resized(units, 1))
        self.kept[units] = True

    def _resized(self, units: list[int], sign: int) -> dict[int, list[int]]:
        """The lengths of the axes of each weight that these units lie along, when they go (-1) or come (1)."""
        lengths: dict[int, list[int]] = {}
        for unit in units:
            for number, axis, count in self._along[unit]:
                lengths.setdefault(number, list(self._lengths[number]))[axis] += sign * count
        return lengths

    def _change(self, resized: dict[int, list[int]]) -> float:
        return sum(
            self._cost(number, lengths) - self._cost(number, self._lengths[number])
            for number, lengths in resized.items()
        )

    def _take(self, resized: dict[int, list[int]]) -> None:
        for number, lengths in resized.items():
            self._lengths[number] = lengths

    def _cost(self, number: int, lengths: list[int]) -> float:
        weight = self._structure.weights[number]
        if self._measure == "macs":
            return weight.places * math.prod(lengths)
        if self._measure == "weights":
            return math.prod(lengths)
        return math.prod(lengths) + BIAS_BYTES * _outputs(weight, lengths) if weight.role == "kernel" else 0


def _outputs(weight: Weight, lengths: list[int]) -> int:
    """Channels behind a kernel; those behind a depthwise one are counted along two of its axes."""
    return lengths[-2] * lengths[-1] if weight.makes is None else lengths[weight.makes]


def costs(structure: Structure) -> dict[str, int]:
    """The whole model by each measure."""
    return {measure: round(Ledger(structure, measure).total) for measure in MEASURES}
