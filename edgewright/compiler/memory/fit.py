"""First fit: items in some order, each at the lowest address that its pairs leave free."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence

from edgewright.compiler.memory.items import Blocks, Item

Neighbours = list[list[tuple[int, int, int]]]
"""For each item i its pairs: (j, smallest address(j) - address(i) when j is above, the same the other way round)."""

_SWAPS = 150
"""Orders that local search tries."""


class Work:
    """Looks at pairs that may still be taken: counted, not timed, so that a plan never depends on the machine."""

    def __init__(self, looks: int) -> None:
        self.left = looks

    def spend(self, looks: int) -> bool:
        """Take so many; False, and nothing is taken, when there are too few left."""
        if looks > self.left:
            return False
        self.left -= looks
        return True


def neighbours(blocks: Blocks) -> Neighbours:
    """The pairs by item."""
    found: Neighbours = [[] for _ in blocks.items]
    for pair in blocks.pairs:
        found[pair.i].append((pair.j, pair.i_to_j, pair.j_to_i))
        found[pair.j].append((pair.i, pair.j_to_i, pair.i_to_j))
    return found


def round_up(value: int, alignment: int) -> int:
    """The next multiple of `alignment`."""
    return -(-value // alignment) * alignment


def top(blocks: Blocks, addresses: Sequence[int]) -> int:
    """End of the highest item."""
    return max((a + item.bytes for a, item in zip(addresses, blocks.items, strict=True)), default=0)


def first_fit(blocks: Blocks, near: Neighbours, order: Sequence[int]) -> list[int]:
    """Addresses when items are placed in this order."""
    addresses: list[int | None] = [None] * len(blocks.items)
    for number in order:
        # Of a placed neighbour j, address(number) may not lie strictly between these two.
        taken = sorted(
            (place - to_j, place + to_me) for j, to_j, to_me in near[number] if (place := addresses[j]) is not None
        )
        address, alignment = 0, blocks.items[number].alignment
        for low, high in taken:
            if low < address < high:
                address = round_up(high, alignment)
        addresses[number] = address
    return [address or 0 for address in addresses]


def best_fit(blocks: Blocks, floor: int, work: Work) -> list[int]:
    """The best addresses out of first fit in several orders, improved by moving what lies on top to the front.

    Args:
        blocks: the schedule.
        floor: a height that is low enough.
        work: looks at pairs; the first order is tried even when there are none left.
    """
    near = neighbours(blocks)
    best: tuple[int, list[int], list[int]] | None = None
    for order in _orders(blocks):
        if best is not None and (best[0] <= floor or not work.spend(_looks(blocks))):
            break
        addresses = first_fit(blocks, near, order)
        height = top(blocks, addresses)
        best = (height, order, addresses) if best is None or height < best[0] else best
    height, order, addresses = best or (0, [], [])
    return _improve(blocks, near, height, order, addresses, floor, work)


def _looks(blocks: Blocks) -> int:
    return 2 * len(blocks.pairs) + len(blocks.items)


def _orders(blocks: Blocks) -> list[list[int]]:
    items, numbers = blocks.items, list(range(len(blocks.items)))
    by_size = sorted(numbers, key=lambda n: (-items[n].bytes, items[n].first))
    by_area = sorted(numbers, key=lambda n: (-items[n].bytes * (items[n].last - items[n].first + 1), items[n].first))
    by_life = sorted(numbers, key=lambda n: (items[n].first - items[n].last, -items[n].bytes))
    forward = sorted(numbers, key=lambda n: (items[n].first, -items[n].bytes))
    return [by_size, by_area, by_life, forward, sorted(numbers, key=lambda n: (-items[n].last, -items[n].bytes))]


def _improve(
    blocks: Blocks, near: Neighbours, height: int, order: list[int], addresses: list[int], floor: int, work: Work
) -> list[int]:
    state = 1
    for _ in range(_SWAPS if len(order) > 1 else 0):
        if height <= floor or not work.spend(_looks(blocks)):
            break
        highest = max(order, key=lambda n: addresses[n] + blocks.items[n].bytes)
        place = order.index(highest)
        state = (state * 1664525 + 1013904223) % 2**32  # a fixed sequence: results repeat
        trial = [n for n in order if n != highest]
        trial.insert((state >> 8) % max(place, 1), highest)
        moved = first_fit(blocks, near, trial)
        if top(blocks, moved) <= height:
            height, order, addresses = top(blocks, moved), trial, moved
    return addresses


def scan(items: Sequence[Item]) -> list[int]:
    """Addresses when each item is placed at the lowest free address as it comes to life; none share bytes."""
    addresses = [0] * len(items)
    alive: list[tuple[int, int]] = []  # (address, item) by address
    for number in sorted((n for n, item in enumerate(items) if item.bytes), key=lambda n: (items[n].first, n)):
        item = items[number]
        alive = [(address, other) for address, other in alive if items[other].last >= item.first]
        address = 0
        for start, other in alive:
            if start >= address + item.bytes:
                break
            address = max(address, round_up(start + items[other].bytes, item.alignment))
        addresses[number] = address
        insort(alive, (address, number))
    return addresses
