"""The lowest arena: search with propagation, and a proof when the work bound allows.

The question "does it fit into H bytes?" is a disjunctive scheduling schedule. Each item has a window [low, high] of
addresses; a pair of which only one order is still possible narrows both windows, until nothing changes or a window is
empty. If the lowest addresses of all windows break no pair, they are a plan. Otherwise one broken pair is taken, and
both of its orders are tried. See Carlier and Pinson, "An algorithm for solving the job-shop schedule", 1989.

Work is counted in looks at pairs, not in time, so that a result never depends on the machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from edgewright.compiler.memory.fit import Neighbours, Work, best_fit, neighbours, round_up, top
from edgewright.compiler.memory.items import Blocks, changes

GRAIN = 16
"""Arenas are multiples of this."""

WORK = 800_000
"""Looks at pairs that the search for a plan may take: a second or two."""

FIT_WORK = 1_200_000
"""The same of first fit, whose looks are cheaper, and of all bounds of single steps together."""

_LOCAL_WORK = 20_000


_Fixed = dict[tuple[int, int], bool]
"""Pairs of which the search has chosen an order: (the lower, the upper)."""

_State = tuple[list[int], list[int], _Fixed, list[int]]
"""Lowest and highest addresses, chosen orders, and the items whose windows have changed."""


class _OutOfWorkError(Exception):
    """The search has used up its share."""


@dataclass(frozen=True)
class Solution:
    """Addresses of all items.

    Attributes:
        addresses: by item.
        height: bytes of arena, a multiple of GRAIN.
        bound: no plan needs less; equal to `height` when the plan is proven to be the lowest.
        needs: (step, bytes) of the steps that need most by themselves.
    """

    addresses: tuple[int, ...]
    height: int
    bound: int
    needs: tuple[tuple[int, int], ...] = ()


def minimise(blocks: Blocks, steps: int, work: int = WORK) -> Solution:
    """The lowest arena that is found within the work bound.

    Args:
        blocks: the schedule.
        steps: number of steps; items are alive in steps -1 ... steps.
        work: looks at pairs.
    """
    needs = local_bounds(blocks, range(-1, steps + 1), Work(FIT_WORK))
    bound = max((bound for _, bound in needs), default=0)
    addresses = best_fit(blocks, bound, Work(FIT_WORK))
    height = round_up(top(blocks, addresses), GRAIN)
    found = _narrow(blocks, addresses, height, bound, Work(work))
    return replace(found, needs=tuple(needs))


def _narrow(blocks: Blocks, addresses: list[int], height: int, bound: int, work: Work) -> Solution:
    """Halve the gap between what is proven impossible and what is found; begin with the bound itself."""
    near = neighbours(blocks)
    floor, trial = bound, bound
    while floor < height and work.left > 0:
        search = _Search(blocks, near, trial, max(work.left // 3, 1000))
        found, complete = search.run()
        work.left -= search.used
        if found is not None:
            addresses, height = found, round_up(top(blocks, found), GRAIN)
        else:
            bound = max(bound, trial + GRAIN) if complete else bound
            floor = trial + GRAIN
        trial = floor + (height - floor) // (2 * GRAIN) * GRAIN
    return Solution(tuple(addresses), height, min(bound, height))


def local_bounds(blocks: Blocks, steps: Sequence[int], work: Work) -> list[tuple[int, int]]:
    """(step, bytes): what the items that are alive during the step need by themselves, rounded up to GRAIN.

    Steps that cannot reach the greatest of these are left out.
    """
    sums, least = _sums(blocks, steps)
    found: list[tuple[int, int]] = []
    best = 0
    for step in sorted(steps, key=lambda s: (-sums[s], s)):
        if round_up(sums[step], GRAIN) < best:
            break
        bound = round_up(least[step], GRAIN)
        if least[step] < sums[step] and work.spend(len(blocks.pairs)):
            bound = _local_bound(blocks.subset(blocks.alive(step)), bound, best, work)
        found.append((step, bound))
        best = max(best, bound)
    return sorted(found)


def _sums(blocks: Blocks, steps: Sequence[int]) -> tuple[dict[int, int], dict[int, int]]:
    """For each step, all bytes alive, and what is left of them when every pair shares as much as it may."""
    sums, shared = Counter[int](), Counter[int]()
    for item in blocks.items:
        for step, change in changes(item):
            sums[step] += change
    for pair in blocks.pairs:
        if common := pair.shared(blocks.items):
            a, b = blocks.items[pair.i], blocks.items[pair.j]
            shared[max(a.first, b.first)] += common
            shared[min(a.last, b.last) + 1] -= common
    alive = list(accumulate(sums[step] for step in steps))
    less = accumulate(shared[step] for step in steps)
    left = [total - common for total, common in zip(alive, less, strict=True)]
    return dict(zip(steps, alive, strict=True)), dict(zip(steps, left, strict=True))


def _local_bound(blocks: Blocks, bound: int, known: int, work: Work) -> int:
    """A bound of items that are all alive together, by search where it may matter.

    Args:
        blocks: the items.
        bound: one that is known already.
        known: bounds below it do not matter.
        work: looks at pairs.
    """
    bound = max(bound, round_up(max((item.bytes for item in blocks.items), default=0), GRAIN))
    addresses = best_fit(blocks, max(bound, known), work)
    height = round_up(top(blocks, addresses), GRAIN)
    if height < known:
        return bound
    share = Work(min(_LOCAL_WORK, work.left))
    before = share.left
    found = _narrow(blocks, addresses, height, bound, share)
    work.left -= before - share.left
    return found.bound


class _Search:
    """Depth-first search for a plan of at most `height` bytes."""

    def __init__(self, blocks: Blocks, near: Neighbours, height: int, work: int) -> None:
        self._near = near
        self._alignment = [item.alignment for item in blocks.items]
        self._pairs = [(p.i, p.j, p.i_to_j, p.j_to_i) for p in blocks.pairs]
        self._low = [0] * len(blocks.items)
        self._high = [(height - item.bytes) // item.alignment * item.alignment for item in blocks.items]
        self._work = work
        self.used = 0

    def run(self) -> tuple[list[int] | None, bool]:
        """(addresses, True), (None, True) when there is no such plan, or (None, False) when the work ran out."""
        try:
            return self._descend(), True
        except _OutOfWorkError:
            return None, False

    def _descend(self) -> list[int] | None:
        """The search with an explicit stack: what is on it is a state still to be looked at."""
        everything = list(range(len(self._low)))
        stack: list[_State] = [(self._low, self._high, {}, everything)]
        while stack:
            low, high, fixed, changed = stack.pop()
            if not self._propagate(low, high, fixed, changed):
                continue
            broken = self._broken(low, high)
            if broken is None:
                return low
            stack.extend(_branches(low, high, fixed, broken))
        return None

    def _propagate(self, low: list[int], high: list[int], fixed: _Fixed, changed: list[int]) -> bool:
        """Narrow the windows in place until nothing changes; False when one is empty."""
        waiting = set(changed)
        while changed:
            i = changed.pop()
            waiting.discard(i)
            if low[i] > high[i]:
                return False
            self.used += len(self._near[i])
            if self.used > self._work:
                raise _OutOfWorkError
            for j, up, down in self._near[i]:
                above = low[i] + up <= high[j] and not fixed.get((j, i))
                below = low[j] + down <= high[i] and not fixed.get((i, j))
                if not above and not below:
                    return False
                if above and below:
                    continue
                lower, upper, distance = (i, j, up) if above else (j, i, down)
                for number in self._order(low, high, lower, upper, distance):
                    if number not in waiting:
                        waiting.add(number)
                        changed.append(number)
        return True

    def _order(self, low: list[int], high: list[int], lower: int, upper: int, distance: int) -> list[int]:
        """Narrow two windows so that `upper` is `distance` above `lower`; the items whose windows changed."""
        changed = []
        least = round_up(low[lower] + distance, self._alignment[upper])
        most = (high[upper] - distance) // self._alignment[lower] * self._alignment[lower]
        if least > low[upper]:
            low[upper] = least
            changed.append(upper)
        if most < high[lower]:
            high[lower] = most
            changed.append(lower)
        return changed

    def _broken(self, low: list[int], high: list[int]) -> tuple[int, int, bool] | None:
        """The pair that the lowest addresses break and that has the least room, and whether i below j has more."""
        self.used += len(self._pairs) // 3
        best: tuple[int, int, int, bool] | None = None
        for i, j, up, down in self._pairs:
            if low[j] >= low[i] + up or low[i] >= low[j] + down:
                continue
            room_up, room_down = high[j] - low[i] - up, high[i] - low[j] - down
            room = min(room_up, room_down)
            if best is None or room < best[0]:
                best = (room, i, j, room_up >= room_down)
        return None if best is None else best[1:]


def _branches(low: list[int], high: list[int], fixed: _Fixed, broken: tuple[int, int, bool]) -> list[_State]:
    """Both orders of a pair; the one to be looked at first stands last."""
    i, j, i_below = broken
    orders = [(j, i), (i, j)] if i_below else [(i, j), (j, i)]
    return [(low[:], high[:], {**fixed, order: True}, [i, j]) for order in orders]
