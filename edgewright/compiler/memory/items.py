"""A memory schedule as numbers: blocks of bytes, and how far two of them have to stay apart.

Two blocks i and j that are alive at the same time allow two orders: `address(j) >= address(i) + above(i, j)`, or the
same with i and j exchanged. For blocks that may not share bytes, above(i, j) is the size of i. For an input and an
output of a kernel that may overlap (`Step.overlap`), the distance from output to input is smaller, or negative.
So a plan is a schedule of a machine with one "setup time" for each ordered pair of jobs, where address is time and
the arena is the makespan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from edgewright.compiler.ir import ALIGNMENT, Buffer, Schedule, Step
from edgewright.tflite.graph import ITEM_BYTES

WORD = 4
"""Bytes that every buffer is aligned to at least: kernels read words."""


@dataclass(frozen=True)
class Item:
    """A block of the arena.

    Attributes:
        bytes: size.
        first, last: steps during which it is alive, inclusive.
        alignment: its address is a multiple of this.
        buffer: id of the buffer, None for scratch.
        shrinks: as `Buffer.shrinks`.
    """

    bytes: int
    first: int
    last: int
    alignment: int
    buffer: int | None = None
    shrinks: tuple[tuple[int, int], ...] = ()

    def bytes_from(self, step: int) -> int:
        """Size during a step, and at most after it."""
        return next((size for first, size in reversed(self.shrinks) if first <= step), self.bytes)


@dataclass(frozen=True)
class Pair:
    """Items `i` and `j`: address(j) >= address(i) + i_to_j, or address(i) >= address(j) + j_to_i."""

    i: int
    j: int
    i_to_j: int
    j_to_i: int

    def shared(self, items: Sequence[Item]) -> int:
        """Bytes that the two may have in common at most."""
        a, b = together(items[self.i], items[self.j])
        return max(0, min(a, b, max(a - self.i_to_j, b - self.j_to_i)))


def together(a: Item, b: Item) -> tuple[int, int]:
    """Sizes of two items while both are alive."""
    begin = max(a.first, b.first)
    return a.bytes_from(begin), b.bytes_from(begin)


def changes(item: Item) -> Iterator[tuple[int, int]]:
    """(step, bytes): how its size changes."""
    yield item.first, item.bytes
    size = item.bytes
    for step, left in item.shrinks:
        yield step, left - size
        size = left
    yield item.last + 1, -size


@dataclass(frozen=True, eq=False)
class Blocks:
    """A memory schedule: items, known by their place in the list, and the pairs of them that restrict each other."""

    items: tuple[Item, ...]
    pairs: tuple[Pair, ...]

    def subset(self, members: Sequence[int]) -> Blocks:
        """The schedule of some items alone, which keep their order."""
        place = {number: index for index, number in enumerate(members)}
        found = sorted(number for member in members for number in self._pairs_from[member])
        kept = (self.pairs[number] for number in found if self.pairs[number].j in place)
        pairs = (Pair(place[p.i], place[p.j], p.i_to_j, p.j_to_i) for p in kept)
        return Blocks(tuple(self.items[number] for number in members), tuple(pairs))

    @cached_property
    def _pairs_from(self) -> list[list[int]]:
        """For each item the numbers of the pairs of which it is the first."""
        found: list[list[int]] = [[] for _ in self.items]
        for number, pair in enumerate(self.pairs):
            found[pair.i].append(number)
        return found

    def alive(self, step: int) -> list[int]:
        """Numbers of the items that are alive during a step."""
        return [number for number, item in enumerate(self.items) if item.first <= step <= item.last]


def blocks_of(schedule: Schedule, alignment: int) -> Blocks:
    """The blocks of a schedule: its buffers in their order, then each step's scratch.

    Args:
        schedule: buffers and steps.
        alignment: of buffers, in bytes; scratch is always aligned to ALIGNMENT.
    """
    items = items_of(schedule, alignment)
    allowed = dict(_overlaps(schedule))
    place = {buffer.id: number for number, buffer in enumerate(schedule.buffers)}
    close = {(place[out], place[inp]): distance for (inp, out), distance in allowed.items()}
    return Blocks(tuple(items), tuple(_pairs(items, close)))


def items_of(schedule: Schedule, alignment: int) -> list[Item]:
    """The blocks of a schedule without their pairs."""
    return [*_buffer_items(schedule, alignment), *_scratch_items(schedule.steps)]


def step_sums(items: Sequence[Item], steps: int) -> list[tuple[int, int]]:
    """(step, bytes alive during it), for all steps."""
    by_step = [0] * (steps + 3)
    for item in items:
        for step, change in changes(item):
            by_step[step + 1] += change
    return list(zip(range(-1, steps + 1), accumulate(by_step), strict=False))


def _buffer_items(schedule: Schedule, alignment: int) -> Iterator[Item]:
    dtypes = {t.id: t.dtype for step in schedule.steps[:1] for t in step.view.graph.tensors.values()}
    for buffer in schedule.buffers:
        natural = max(ITEM_BYTES[dtypes[number]] if number in dtypes else 1 for number in buffer.tensors)
        yield Item(buffer.bytes, buffer.first, buffer.last, max(WORD, natural, alignment), buffer.id, buffer.shrinks)


def _scratch_items(steps: Sequence[Step]) -> Iterator[Item]:
    for number, step in enumerate(steps):
        if step.scratch_bytes:
            yield Item(step.scratch_bytes, number, number, ALIGNMENT)


def _overlaps(schedule: Schedule) -> Iterator[tuple[tuple[int, int], int]]:
    """((input buffer, output buffer), smallest address(input) - address(output)) of all pairs that may share bytes."""
    holder = {number: buffer for buffer in schedule.buffers for number in buffer.tensors}
    for number, step in enumerate(schedule.steps):
        out = holder.get(step.view.node.outputs[0])
        for buffer in _dying_inputs(step, number, holder):
            distances = [step.overlap.get(i) for i, t in enumerate(step.view.node.inputs) if holder.get(t) is buffer]
            known = [distance for distance in distances if distance is not None]
            if out is not None and out is not buffer and out.first == number and len(known) == len(distances):
                yield (buffer.id, out.id), max(known)


def _dying_inputs(step: Step, number: int, holder: dict[int, Buffer]) -> Iterable[Buffer]:
    buffers = {holder[t].id: holder[t] for t in step.view.node.inputs if t in holder}
    return [buffer for buffer in buffers.values() if buffer.last == number]


def _pairs(items: Sequence[Item], close: dict[tuple[int, int], int]) -> Iterator[Pair]:
    for i, j in sorted(_together(items)):
        a, b = together(items[i], items[j])
        yield Pair(i, j, min(a, close.get((i, j), a)), min(b, close.get((j, i), b)))


def _together(items: Sequence[Item]) -> Iterator[tuple[int, int]]:
    """Items that are alive at the same time, as pairs with the lower number first."""
    alive: list[int] = []
    for number in sorted((n for n, item in enumerate(items) if item.bytes), key=lambda n: items[n].first):
        alive = [other for other in alive if items[other].last >= items[number].first]
        yield from ((min(number, other), max(number, other)) for other in alive)
        alive.append(number)


def pair_count(schedule: Schedule) -> int:
    """How many pairs the blocks of a schedule have, without making them."""
    items = items_of(schedule, WORD)
    moments = Counter[int]()
    for item in items:
        if item.bytes:
            moments[item.first] += 1
            moments[item.last + 1] -= 1
    starts = Counter(item.first for item in items if item.bytes)
    count, alive = 0, 0
    for moment in sorted(moments):
        alive += moments[moment]
        count += starts[moment] * alive - starts[moment] * (starts[moment] + 1) // 2
    return count
