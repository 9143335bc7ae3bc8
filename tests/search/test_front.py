"""Fronts, ranks, hypervolume and rank correlation beside cases that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from edgewright.search._front import beats, front, hypervolume, ranks, spearman


def test_the_front() -> None:
    points = [(1.0, 4.0), (2.0, 2.0), (3.0, 3.0), (4.0, 1.0), (2.0, 2.0)]
    assert front(points) == [0, 1, 3]
    assert ranks(points) == [0, 0, 1, 0, 0]
    assert front([]) == ranks([]) == []


@pytest.mark.parametrize("seed", range(5))
def test_no_point_of_a_front_is_beaten(seed: int) -> None:
    points = [tuple(map(float, row)) for row in np.random.default_rng(seed).integers(0, 6, (40, 3))]
    best = front(points)
    assert all(any(beats(points[b], p) or points[b] == p for b in best) for p in points)
    assert not any(beats(points[a], points[b]) for a in best for b in best)


def test_hypervolume() -> None:
    assert hypervolume([(1, 3), (2, 1)], (4, 4)) == 3 * 1 + 2 * 2
    assert hypervolume([(5, 0)], (4, 4)) == 0
    assert hypervolume([(0, 0, 0), (1, 1, 1)], (2, 2, 2)) == 8
    assert hypervolume([(0, 1, 1), (1, 0, 1)], (2, 2, 2)) == 3


def test_rank_correlation() -> None:
    assert spearman([1, 2, 3, 4], [10, 20, 30, 40]) == pytest.approx(1)
    assert spearman([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1)
    assert spearman([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]) == pytest.approx(0.8)
    assert spearman([1, 2, 2, 3], [1, 3, 2, 4]) == pytest.approx(0.948683, abs=1e-6)
    assert spearman([1, 2], [1, 2]) is None
    assert spearman([1, 1, 1], [1, 2, 3]) is None
