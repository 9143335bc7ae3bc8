"""Weights (units, depth) of a square image that are constant over blocks of its pixels: one of each block is enough."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

import numpy as np
from numpy.typing import NDArray

_BLOCKS = (4, 3, 2)
_BITS = 12


@dataclass(frozen=True)
class Fold:
    """Rows of `side` x `side` pixels of `channels`, constant over blocks of `block` x `block` pixels.

    Attributes:
        number: the three as one number, never 0.
    """

    channels: int
    side: int
    block: int

    @property
    def number(self) -> int:
        return self.block << 2 * _BITS | self.side << _BITS | self.channels

    @staticmethod
    def of(number: int) -> Fold:
        """The fold of a number; ValueError when it is none."""
        low = (1 << _BITS) - 1
        found = Fold(number & low, number >> _BITS & low, number >> 2 * _BITS)
        if found.block not in _BLOCKS or not found.channels or not found.side:
            raise ValueError("no fold")
        return found

    def folded(self, weights: NDArray[np.int8]) -> NDArray[np.int8]:
        """(units, depth) -> (units, rows of blocks, columns of blocks, channels)."""
        image = weights.reshape(-1, self.side, self.side, self.channels)
        return np.ascontiguousarray(image[:, :: self.block, :: self.block])

    def unfolded(self, symbols: NDArray[np.int8]) -> NDArray[np.int8]:
        """The weights again, (units, depth), of symbols in the order of `folded`."""
        blocks = -(-self.side // self.block)
        image = symbols.reshape(-1, blocks, blocks, self.channels)
        whole = image.repeat(self.block, axis=1).repeat(self.block, axis=2)[:, : self.side, : self.side]
        return np.ascontiguousarray(whole).reshape(len(image), -1)


def find_fold(weights: NDArray[np.int8]) -> Fold | None:
    """The fold with the largest blocks and fewest channels; None where weights are constant over no blocks."""
    if weights.ndim != 2 or not weights.any():
        return None
    for block in _BLOCKS:
        for fold in _folds(weights.shape[1], block):
            if np.array_equal(fold.unfolded(fold.folded(weights)), weights):
                return fold
    return None


def _folds(depth: int, block: int) -> list[Fold]:
    sides = (isqrt(depth // channels) for channels in range(1, depth // block**2 + 1) if depth % channels == 0)
    found = {Fold(depth // side**2, side, block) for side in sides if side >= block and depth % side**2 == 0}
    return sorted((fold for fold in found if max(fold.channels, fold.side) < 1 << _BITS), key=lambda f: f.channels)
