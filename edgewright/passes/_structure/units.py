"""Channels that only go together: a union-find over numbers of channels.

The channels along the last axis of a tensor are an integer array of "ids", one a channel. Channels that are tied have
the same root; the channels of one root are a "unit": all of them go, or none.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ids: TypeAlias = NDArray[np.int64]

FROZEN = 0  # the root of all channels that must stay


class Units:
    """Makes ids and ties them together; the id FROZEN is there from the beginning."""

    def __init__(self) -> None:
        self._parent = [FROZEN]

    def new(self, count: int) -> Ids:
        """Ids of `count` new channels that may go one by one."""
        first = len(self._parent)
        self._parent += range(first, first + count)
        return np.arange(first, first + count)

    def frozen(self, count: int) -> Ids:
        """Ids of `count` channels that stay."""
        return np.full(count, FROZEN)

    def tie(self, first: Ids, second: Ids) -> None:
        """Each channel of `first` with that of `second`; arrays of equal shape."""
        for one, other in {(int(a), int(b)) for a, b in zip(first.flat, second.flat, strict=True)}:
            low, high = sorted((self._root(one), self._root(other)))
            self._parent[high] = low  # FROZEN is the lowest, so it stays a root

    def freeze(self, ids: Ids) -> bool:
        """Keep these channels; whether any of them could have gone before."""
        free = any(self._root(int(one)) != FROZEN for one in ids.flat)
        self.tie(ids, self.frozen(ids.size).reshape(ids.shape))
        return free

    def roots(self) -> Ids:
        """The root of each id, [ids]."""
        return np.array([self._root(one) for one in range(len(self._parent))])

    def _root(self, one: int) -> int:
        while self._parent[one] != one:
            self._parent[one] = self._parent[self._parent[one]]
            one = self._parent[one]
        return one
