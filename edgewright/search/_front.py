"""Points that no other point beats, how much they cover, and whether two orders agree."""

from __future__ import annotations

from collections.abc import Sequence

Point = Sequence[float]
"""Costs: less is better of each."""


def beats(one: Point, other: Point) -> bool:
    """Whether `one` is at least as good in all, and better in one."""
    return all(a <= b for a, b in zip(one, other, strict=True)) and tuple(one) != tuple(other)


def front(points: Sequence[Point]) -> list[int]:
    """The numbers of the points that no other beats; of equal points the first."""
    return [
        number
        for number, point in enumerate(points)
        if not any(
            beats(other, point) or (tuple(other) == tuple(point) and before < number)
            for before, other in enumerate(points)
        )
    ]


def ranks(points: Sequence[Point]) -> list[int]:
    """The layer of each point: 0 for the front, 1 for the front of the rest, and so on."""
    found = [0] * len(points)
    left = list(range(len(points)))
    layer = 0
    while left:
        best = {left[number] for number in front([points[each] for each in left])}
        best |= {each for each in left if any(tuple(points[each]) == tuple(points[other]) for other in best)}
        for each in best:
            found[each] = layer
        left = [each for each in left if each not in best]
        layer += 1
    return found


def hypervolume(points: Sequence[Point], worst: Point) -> float:
    """The volume that points beat, up to `worst` (Zitzler and Thiele 1998): by slices of the last cost."""
    inside = [tuple(point) for point in points if all(a < b for a, b in zip(point, worst, strict=True))]
    if not inside:
        return 0.0
    if len(worst) == 1:
        return worst[0] - min(point[0] for point in inside)
    total = 0.0
    levels = sorted({point[-1] for point in inside})
    for level, above in zip(levels, [*levels[1:], worst[-1]], strict=True):
        slice_ = [point[:-1] for point in inside if point[-1] <= level]
        total += hypervolume(slice_, worst[:-1]) * (above - level)
    return total


def spearman(ones: Sequence[float], others: Sequence[float]) -> float | None:
    """How far two figures put the same things in the same order: 1 the same, -1 the reverse (Spearman 1904).

    Equal figures share the mean of their places. None for fewer than three, or where all of one are equal.
    """
    if len(ones) < 3:
        return None
    a, b = _places(ones), _places(others)
    mean = (len(a) - 1) / 2
    spread = sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b)
    if not spread:
        return None
    return float(sum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True)) / spread**0.5)


def _places(values: Sequence[float]) -> list[float]:
    order = sorted(values)
    return [order.index(value) + (order.count(value) - 1) / 2 for value in values]
