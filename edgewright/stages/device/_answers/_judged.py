"""What is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHOWN = 12
"""Examples of each kind of failure."""

BINS = 10
"""Of the reliability diagram."""


@dataclass(frozen=True)
class Judged:
    """The answers of one output to the test examples.

    Attributes:
        kind: of the task.
        scores, right: as `edgewright.metrics.Metric` has them.
        examples: (n, ...), what the model was fed.
        floats: the float model's scores; of a classification its classes (n,). None when nobody knows.
        threshold: of a reconstruction: the error from which on an example is an anomaly.
    """

    kind: str
    scores: NDArray[np.float64]
    right: NDArray[Any]
    examples: NDArray[np.float32]
    floats: NDArray[Any] | None = None
    threshold: float | None = None


def reliability(best: NDArray[np.float64], is_right: NDArray[np.bool_]) -> dict[str, Any]:
    """How often answers of a score are right (Guo et al., 2017).

    Args:
        best: the score of each answer, 0..1.
        is_right: whether it is.

    Returns:
        "reliability": a row for each tenth of the score that some answer has: how many, their mean score, the share of
        right ones; "calibration_error": the mean of the differences, weighted by the numbers.
    """
    tenth = np.minimum((best * BINS).astype(np.int64), BINS - 1)
    rows, error = [], 0.0
    for index in range(BINS):
        inside = tenth == index
        if number := int(inside.sum()):
            score, right = float(best[inside].mean()), float(is_right[inside].mean())
            rows.append({"examples": number, "score": round(score, 6), "right": round(right, 6)})
            error += abs(score - right) * number / len(best)
    return {"reliability": rows, "calibration_error": round(error, 6)}


def share(part: int, whole: int) -> float | None:
    """As a fraction of 1; None of nothing."""
    return round(part / whole, 6) if whole else None


def histogram(values: NDArray[np.float64], low: float, high: float, bins: int) -> list[int]:
    """How many values are in each bin; those beyond the ends are in the last ones."""
    return [int(n) for n in np.histogram(np.clip(values, low, high), bins, (low, high))[0]]
