"""Metrics of numbers: how far answers are from the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from edgewright.metrics._metric import Metric, of_means
from edgewright.metrics._terms import Terms

if TYPE_CHECKING:
    from edgewright.metrics._metric import Facts

_NUMBERS = ("regression",)
_SOURCE = "C. J. Willmott, K. Matsuura, Advantages of the mean absolute error over the root mean square error (2005)"


def _mean_of(change: Callable[[Facts], Facts]) -> Callable[[Facts, Facts], Facts]:
    """Facts (n, 1): the mean of the changed differences of each example."""

    def facts(scores: Facts, truth: Facts) -> Facts:
        import numpy as np

        return np.asarray(change(scores - truth).reshape(len(scores), -1).mean(axis=1, keepdims=True), np.float64)

    return facts


def _magnitude(values: Facts) -> Facts:
    return abs(values)


def _square(values: Facts) -> Facts:
    return values * values


def _mean(means: Facts) -> Facts:
    return means[:, 0]


def _root(means: Facts) -> Facts:
    import numpy as np

    return np.asarray(np.sqrt(means[:, 0]), np.float64)


def _moments(scores: Facts, truth: Facts) -> Facts:
    """(n, 3, numbers): the squared difference, the truth less its mean, and the square of that.

    The mean of all is taken off first: squares of large numbers that differ little would lose their digits.
    """
    import numpy as np

    error, centred = ((values.reshape(len(values), -1)) for values in (scores - truth, truth - truth.mean(axis=0)))
    return np.stack([error**2, centred, centred**2], axis=1)


def _determined(means: Facts) -> Facts:
    """1 - squared error / variance of the truth, the mean over the numbers; NaN where one does not vary."""
    import numpy as np

    error, first, second = means[:, 0], means[:, 1], means[:, 2]
    variance = second - first**2
    share = np.divide(error, variance, out=np.full_like(error, np.nan), where=variance > 0)
    return np.asarray((1 - share).mean(axis=1), np.float64)


def _errors(scores: Facts, truth: Facts) -> Facts:
    """The error of what is no anomaly, and whether it is none: (n, 2)."""
    import numpy as np

    normal = (truth == 0).astype(np.float64)
    return np.stack([scores * normal, normal], axis=1)


def _mean_of_normal(means: Facts) -> Facts:
    import numpy as np

    return np.divide(means[:, 0], means[:, 1], out=np.full(len(means), np.nan), where=means[:, 1] > 0)


RECORDS = (
    Metric(
        "mae",
        Terms("mean absolute error", "less", unit="unit"),
        _NUMBERS,
        _mean_of(_magnitude),
        of_means(_mean),
        _SOURCE,
        keras=("mean_absolute_error", "MeanAbsoluteError", "MAE"),
    ),
    Metric(
        "mse",
        Terms("mean squared error", "less", unit="unit^2"),
        _NUMBERS,
        _mean_of(_square),
        of_means(_mean),
        _SOURCE,
        keras=("mean_squared_error", "MeanSquaredError", "MSE"),
    ),
    Metric(
        "rmse",
        Terms("root mean squared error", "less", unit="unit"),
        _NUMBERS,
        _mean_of(_square),
        of_means(_root),
        _SOURCE,
        keras=("root_mean_squared_error", "RootMeanSquaredError", "RMSE"),
    ),
    Metric(
        "r2",
        Terms("R2"),
        _NUMBERS,
        _moments,
        of_means(_determined),
        "N. R. Draper, H. Smith, Applied Regression Analysis (1998): 1 - squared error / variance of the truth",
        keras=("R2Score", "r2_score"),
    ),
    Metric(
        "reconstruction_error",
        Terms("mean squared reconstruction error", "less", unit="unit^2"),
        ("reconstruction",),
        _errors,
        of_means(_mean_of_normal),
        "D. E. Rumelhart, G. E. Hinton, R. J. Williams, Learning internal representations (1986); of normal examples",
    ),
)
