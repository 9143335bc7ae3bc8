"""Coefficients of a kernel from what was measured."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.costs._samples import Point

Row = dict[str, float]
"""A kernel's row of a table."""

NOTES = ("code_bytes", "worst")
"""Keys of a row that are no coefficients."""


def fitted(points: Sequence[Point]) -> Row:
    """The row of a kernel: cycles of each thing that it does, its code, and how far estimates are off at most."""
    names = sorted({name for point in points for name in point.work})
    counts = np.array([[point.work.get(name, 0.0) for name in names] for point in points])
    cycles = np.array([point.cycles for point in points])
    row = dict(zip(names, map(_rounded, _positive(counts / cycles[:, None])), strict=True))
    row["code_bytes"] = 10 * -(-max(point.code_bytes for point in points) // 10)
    return {**row, "worst": float(np.round(worst(row, points) + 0.005, 2))}


def _positive(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """X of 0 or more with shares @ x nearest to 1 (Lawson and Hanson's problem; few columns, so all sets are tried)."""
    columns = shares.shape[1]
    best, found = np.inf, np.zeros(columns)
    for chosen in range(1, 1 << columns):
        places = [place for place in range(columns) if chosen >> place & 1]
        some = np.linalg.lstsq(shares[:, places], np.ones(len(shares)), rcond=None)[0]
        off = float(np.sum((shares[:, places] @ some - 1) ** 2))
        if np.all(some >= 0) and off < best - 1e-12:
            best, found = off, np.zeros(columns)
            found[places] = some
    return found


def _rounded(value: float) -> float:
    """Three digits are more than a linear model is good for."""
    return float(f"{value:.3g}")


def estimates(row: Row, points: Sequence[Point]) -> NDArray[np.float64]:
    """By the row, over what was measured."""
    return np.array([sum(row[name] * count for name, count in p.work.items()) / p.cycles for p in points])


def worst(row: Row, points: Sequence[Point]) -> float:
    """The largest relative error."""
    return float(np.max(np.abs(estimates(row, points) - 1)))


def error(row: Row, points: Sequence[Point]) -> str:
    """The errors in words."""
    off = np.abs(estimates(row, points) - 1)
    return f"{np.median(off):.1%} in the middle, {np.max(off):.1%} at most"
