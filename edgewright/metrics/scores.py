"""Metrics of the order in which scores put examples, whatever their threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgewright.metrics._metric import Metric
from edgewright.metrics._terms import Terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from edgewright.metrics._metric import Facts


def _facts(scores: Facts, truth: Facts) -> Facts:
    """(n, 2, labels): score and truth of each label."""
    import numpy as np

    return np.stack([values.reshape(len(values), -1).astype(np.float64) for values in (scores, truth)], axis=1)


def _areas(facts: Facts, weights: Facts) -> Facts:
    """The mean over labels."""
    import numpy as np

    areas = [_area(facts[:, 0, n], facts[:, 1, n], weights) for n in range(facts.shape[2])]
    return np.asarray(np.mean(areas, axis=0), np.float64)


def _area(scores: Facts, truth: Facts, weights: Facts) -> Facts:
    """How often one that is true has the higher score of two, one true and one not; half where both are equal."""
    import numpy as np

    places, group = np.unique(scores, return_inverse=True)
    true = (truth > 0).astype(np.float64)
    positive, negative = (_summed(weights * which, group, len(places)) for which in (true, 1 - true))
    below = np.cumsum(negative, axis=1) - negative / 2
    pairs = positive.sum(axis=1) * negative.sum(axis=1)
    won = (positive * below).sum(axis=1)
    return np.divide(won, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)


def _summed(values: Facts, group: NDArray[np.intp], groups: int) -> Facts:
    """Row by row the sums of the values of each group."""
    import numpy as np

    return np.stack([np.bincount(group, row, groups) for row in values])


RECORDS = (
    Metric(
        "auc",
        Terms("AUC"),
        ("binary", "multi-label", "reconstruction"),
        _facts,
        _areas,
        "J. A. Hanley, B. J. McNeil, The meaning and use of the area under a ROC curve (1982)",
        keras=("AUC",),
    ),
)
